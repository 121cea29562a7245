// Messages for one worker: those that wait to be sent and those that it has not confirmed, in one bounded queue. After a
// broken stream the unconfirmed go again, after what the worker says it has: each is taken in once.

struct ForwardQueue: Sendable {
    struct Message: Sendable {
        let number: UInt64
        let bytes: [UInt8]
        let datagrams: Int
        /// When it was put here.
        let since: ContinuousClock.Instant
    }

    /// Unit: bytes of all messages.
    let bytesMax: Int
    private(set) var messages: [Message] = []
    private(set) var byteCount = 0
    private(set) var lastNumber: UInt64 = 0
    /// The highest number sent on the present stream.
    private var sentNumber: UInt64 = 0

    init(bytesMax: Int) { self.bytesMax = bytesMax }

    /// Datagrams that are not confirmed.
    var datagramCount: Int { messages.reduce(0) { $0 + $1.datagrams } }

    /// Since when the oldest message waits; nil when there is none.
    var waitingSince: ContinuousClock.Instant? { messages.first?.since }

    /// One message is always possible, however large.
    func hasRoom(forBytes count: Int) -> Bool { messages.isEmpty || byteCount + count <= bytesMax }

    /// - Parameters:
    ///   - now: on a clock that only goes forward.
    ///   - make: the message with its number.
    mutating func add(datagrams: Int, at now: ContinuousClock.Instant, _ make: (_ number: UInt64) -> [UInt8]) {
        lastNumber += 1
        let bytes = make(lastNumber)
        messages.append(Message(number: lastNumber, bytes: bytes, datagrams: datagrams, since: now))
        byteCount += bytes.count
    }

    /// A new stream begins at a worker that has everything up to a number.
    mutating func begin(after number: UInt64) {
        confirm(upTo: number)
        sentNumber = number
    }

    /// The next message to send.
    mutating func next() -> Message? {
        // Numbers are consecutive: the first that was not sent stands at a known place.
        guard let first = messages.first?.number else { return nil }
        let place = sentNumber < first ? 0 : Int(sentNumber - first) + 1
        guard place < messages.count else { return nil }
        sentNumber = messages[place].number
        return messages[place]
    }

    mutating func confirm(upTo number: UInt64) {
        let count = messages.prefix { $0.number <= number }.count
        byteCount -= messages[..<count].reduce(0) { $0 + $1.bytes.count }
        messages.removeFirst(count)
    }
}
