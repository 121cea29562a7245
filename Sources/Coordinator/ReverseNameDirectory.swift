// Names of addresses for the key function `dns:`. Whoever evaluates a key gets what is known and never waits; a thread of its
// own asks the name servers, from the first address on that a definition wants the name of.

internal import AddressDatabases
package import Bytes
internal import Datagrams
internal import FlowLanguage
internal import Synchronization

package final class ReverseNameDirectory: ReverseNames {
    private struct State: ~Copyable {
        var search: ReverseNameSearch
        var isRunning = false
        /// The thread waits until there is something to ask.
        var isResting = false
    }

    private let state: Mutex<State>
    private let servers: [NameServerSockets.Server]
    private let wakeUp = Semaphore()
    /// While answers are expected: after so long, new addresses are asked for as well.
    private static let roundMilliseconds: Int32 = 20

    /// - Parameter servers: addresses and ports; empty for the name servers of the machine.
    package init(servers: [(address: String, port: Int)]) {
        self.servers = servers.isEmpty
            ? NameServerSockets.Server.ofSystem() : servers.map { NameServerSockets.Server(address: $0.address, port: $0.port) }
        state = Mutex(State(search: ReverseNameSearch(serverCount: self.servers.count)))
    }

    package func name(of address: IPAddress) -> String? {
        let now = monotonicNow
        let (name, isFirst, isResting) = state.withLock { state in
            let name = state.search.name(of: address, at: now)
            guard !state.search.isIdle else { return (name, false, false) }
            defer { (state.isRunning, state.isResting) = (true, false) }
            return (name, !state.isRunning, state.isResting)
        }
        // It lives as long as the process, and mostly rests.
        if isFirst { startThread(named: "weir-names") { [self] in run() } }
        if isResting { wakeUp.signal() }
        return name
    }

    private func run() {
        let sockets = NameServerSockets(servers)
        while true {
            let (sendings, rests) = state.withLock { state in
                state.isResting = state.search.isIdle
                return (state.search.due(at: monotonicNow), state.isResting)
            }
            sendings.forEach(sockets.send)
            if rests {
                wakeUp.wait()
                continue
            }
            let answers = sockets.receive(waitMilliseconds: ReverseNameDirectory.roundMilliseconds)
            guard !answers.isEmpty else { continue }
            state.withLock { state in
                for answer in answers { state.search.take(answer.message, from: answer.server, at: monotonicNow) }
            }
        }
    }
}
