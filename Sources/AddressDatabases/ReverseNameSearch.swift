// Which addresses' names are known, which are being asked for, and what is to be sent to whom: the bookkeeping behind the
// key function `dns:` as a state machine. Time and what has arrived come in, messages to send go out; somebody else owns
// the sockets and the lock.
//
// Addresses are chosen by whoever sends packets through the network, so everything has a bound: names that are remembered,
// addresses that wait, questions under way. What finds no room is asked for when it is seen again.

package import Bytes

package struct ReverseNameSearch {
    package struct Limits: Sendable {
        /// Addresses whose names, or whose want of one, are remembered.
        package var remembered = 65_536
        /// Addresses that wait until they can be asked for.
        package var waiting = 4_096
        /// Questions without an answer yet.
        package var asked = 256
        package init() {}
    }

    /// A message for one of the servers, by its place in the list.
    package struct Sending: Hashable, Sendable {
        package let server: Int
        package let message: [UInt8]
    }

    private struct Known {
        let name: String?
        /// From then on it is asked for again, and stays in use until there is an answer.
        let until: Int64
    }

    private struct Question {
        let address: IPAddress
        let server: Int
        let tryCount: Int
        let deadline: Int64
    }

    /// After which a question counts as unanswered. Unit: nanoseconds.
    static let patience: Int64 = 2_000_000_000
    /// For each address, each time another server where there are several.
    static let triesMax = 3
    /// Bounds of what a server says, and how long the want of a name counts. Unit: nanoseconds.
    private static let shortest: Int64 = 60_000_000_000, longest: Int64 = 3_600_000_000_000, absence: Int64 = 600_000_000_000

    private let serverCount: Int
    private let limits: Limits
    /// Two generations: when the young one is full it becomes the old one, and what was old and not asked for since is
    /// forgotten. O(1), whatever addresses come.
    private var young: [IPAddress: Known] = [:]
    private var old: [IPAddress: Known] = [:]
    private var waiting: [IPAddress] = []
    private var questions: [UInt16: Question] = [:]
    /// Those that wait and those of the questions.
    private var sought: Set<IPAddress> = []

    package init(serverCount: Int, limits: Limits = Limits()) {
        self.serverCount = serverCount
        self.limits = limits
    }

    /// Nothing is to be sent, and no answer is expected.
    package var isIdle: Bool { sought.isEmpty }
    package var rememberedCount: Int { young.count + old.count }

    /// The name of an address, if it is known; else it is going to be asked for.
    package mutating func name(of address: IPAddress, at now: Int64) -> String? {
        let known = remembered(address)
        if known.map({ $0.until <= now }) ?? true { seek(address) }
        return known?.name
    }

    private mutating func remembered(_ address: IPAddress) -> Known? {
        if let known = young[address] { return known }
        guard let known = old[address] else { return nil }
        remember(address, known)
        return known
    }

    private mutating func remember(_ address: IPAddress, _ known: Known) {
        if young[address] == nil, young.count >= limits.remembered / 2 { (old, young) = (young, [:]) }
        young[address] = known
    }

    private mutating func seek(_ address: IPAddress) {
        guard serverCount > 0, waiting.count < limits.waiting, sought.insert(address).inserted else { return }
        waiting.append(address)
    }

    /// What is to be sent now: questions for those that wait, and again those that got no answer in time.
    package mutating func due(at now: Int64) -> [Sending] {
        var sendings: [Sending] = []
        for (identifier, question) in questions where question.deadline <= now {
            questions[identifier] = nil
            retry(question, at: now, &sendings)
        }
        let count = min(waiting.count, max(0, limits.asked - questions.count))
        for address in waiting.prefix(count) { ask(address, server: 0, tryCount: 1, at: now, &sendings) }
        waiting.removeFirst(count)
        return sendings
    }

    private mutating func retry(_ question: Question, at now: Int64, _ sendings: inout [Sending]) {
        guard question.tryCount < ReverseNameSearch.triesMax else {
            // Servers that are away take no name away.
            let name = remembered(question.address)?.name
            return settle(question.address, name: name, until: now + ReverseNameSearch.shortest)
        }
        ask(
            question.address, server: (question.server + 1) % serverCount, tryCount: question.tryCount + 1, at: now,
            &sendings)
    }

    private mutating func ask(
        _ address: IPAddress, server: Int, tryCount: Int, at now: Int64, _ sendings: inout [Sending]
    ) {
        // Random, so that nobody who does not see the question can answer it; free, for there are far fewer questions.
        var identifier = UInt16.random(in: .min ... .max)
        while questions[identifier] != nil { identifier &+= 1 }
        questions[identifier] = Question(
            address: address, server: server, tryCount: tryCount, deadline: now + ReverseNameSearch.patience)
        sendings.append(Sending(server: server, message: PointerQuery.message(for: address, identifier: identifier)))
    }

    /// Takes what a server has sent; what answers none of its questions is ignored.
    package mutating func take(_ message: [UInt8], from server: Int, at now: Int64) {
        guard let identifier = PointerQuery.identifier(of: message), let question = questions[identifier],
            question.server == server, let answer = PointerQuery.answer(in: message, to: question.address)
        else { return }
        questions[identifier] = nil
        switch answer {
        case .name(let name, let seconds):
            let time = min(max(Int64(seconds) * 1_000_000_000, ReverseNameSearch.shortest), ReverseNameSearch.longest)
            settle(question.address, name: name, until: now + time)
        case .none: settle(question.address, name: nil, until: now + ReverseNameSearch.absence)
        case .failed:
            // The next server is asked with the next look at what is due.
            questions[identifier] = Question(
                address: question.address, server: question.server, tryCount: question.tryCount, deadline: now)
        }
    }

    private mutating func settle(_ address: IPAddress, name: String?, until: Int64) {
        sought.remove(address)
        remember(address, Known(name: name, until: until))
    }
}
