// The export of flow records as a service: whoever has records hands them over and goes on; a thread of its own encodes and
// sends, and another one waits for the name service. Started by the first definition with collectors.

internal import Datagrams
internal import Dispatch
internal import FlowExport
package import FlowLanguage
package import ShardEngine
internal import Synchronization

package final class FlowExports: Sendable {
    /// received = waiting + dropped + encoded + unknown + unfit.
    package struct Counters: Hashable, Sendable {
        package var recordsReceived: UInt64 = 0
        package var recordsWaiting: UInt64 = 0
        /// The queue was full.
        package var recordsDropped: UInt64 = 0
        package var exporter = FlowExporter.Counters()

        package init() {}
    }

    /// Records that may wait, about 20 MB of them: what all shards together end in a bad second.
    package static let queueMax = 65_536
    /// From a name that was not found to the next try.
    private static let retrySeconds = 60

    private struct State {
        var records: [FlowRecord] = []
        /// Taken by the thread and not yet counted by the exporter.
        var inWork = 0
        /// Not yet taken over by the thread.
        var definitions: [String: FlowDefinition]?
        var found: [(CollectorAddress, Result<CollectorSocket, FlowExportError>)] = []
        /// Being looked up, or to be looked up again; with the number of the search, which ends when the collector is not
        /// wanted any more, or wanted anew.
        var sought: [CollectorAddress: UInt64] = [:]
        var searchCount: UInt64 = 0
        var counters = Counters()
        var isRunning = false
        var isStopping = false
    }

    private let state = Mutex(State())
    private let queueMax: Int
    private let now: @Sendable () -> Int64
    private let report: @Sendable (String) -> Void
    private let wakeUp = Semaphore()
    private let stopped = Semaphore()
    private let lookups = DispatchQueue(label: "weir-collectors")

    /// - Parameters:
    ///   - now: the machine's clock, for export times. Unit: nanoseconds since the Unix epoch.
    ///   - report: told, once a collector, what is wrong with it.
    package init(
        queueMax: Int = FlowExports.queueMax, now: @escaping @Sendable () -> Int64, report: @escaping @Sendable (String) -> Void
    ) {
        self.queueMax = queueMax
        self.now = now
        self.report = report
    }

    package var counters: Counters {
        state.withLock { state in
            var counters = state.counters
            counters.recordsWaiting = UInt64(state.records.count + state.inWork)
            return counters
        }
    }

    /// Takes over the definitions in force: records handed over later are sent by these. Does not wait.
    package func set(_ definitions: [String: FlowDefinition]) {
        let exporting = definitions.filter { !$0.value.ipfixCollectors.isEmpty }
        let isFirst = state.withLock { state -> Bool in
            guard !state.isStopping, state.isRunning || !exporting.isEmpty else { return false }
            state.definitions = exporting
            defer { state.isRunning = true }
            return !state.isRunning
        }
        if isFirst { startThread(named: "weir-export") { [self] in run() } }
        wakeUp.signal()
    }

    /// Hands records over; those that are not for collectors are ignored. Does not wait: what finds no room is counted.
    package func offer(_ records: [FlowRecord]) {
        let exported = records.filter { $0.exported != nil }
        guard !exported.isEmpty else { return }
        state.withLock { state in
            let room = state.isRunning && !state.isStopping ? max(0, queueMax - state.records.count - state.inWork) : 0
            state.records += exported.prefix(room)
            state.counters.recordsReceived &+= UInt64(exported.count)
            state.counters.recordsDropped &+= UInt64(max(0, exported.count - room))
        }
        wakeUp.signal()
    }

    /// Sends what waits and ends. Blocks until then.
    package func stop() {
        let wasRunning = state.withLock { state in
            defer { state.isStopping = true }
            return state.isRunning && !state.isStopping
        }
        guard wasRunning else { return }
        wakeUp.signal()
        stopped.wait()
    }

    // MARK: The thread

    private func run() {
        var exporter = FlowExporter(report: report)
        while true {
            let (work, isStopping) = state.withLock { state in
                let work = (records: state.records, definitions: state.definitions, found: state.found)
                state.inWork = state.records.count
                (state.records, state.definitions, state.found) = ([], nil, [])
                return (work, state.isStopping)
            }
            if let definitions = work.definitions { exporter.set(definitions) }
            for (address, result) in work.found { exporter.connect(address, result) }
            exporter.send(work.records, nowMilliseconds: UInt64(clamping: now() / 1_000_000))
            let isIdle = state.withLock { state in
                state.counters.exporter = exporter.counters
                state.inWork = 0
                return state.records.isEmpty && state.definitions == nil && state.found.isEmpty
            }
            if work.definitions != nil { lookUp(exporter.unconnected) }
            guard isIdle else { continue }
            if isStopping { return stopped.signal() }
            wakeUp.wait()
        }
    }

    // MARK: Names

    /// Looks up names, one after the other, until they are found or no longer wanted.
    private func lookUp(_ wanted: [CollectorAddress]) {
        let new = state.withLock { state -> [(CollectorAddress, UInt64)] in
            let before = state.sought
            state.sought = before.filter { wanted.contains($0.key) }
            return wanted.filter { before[$0] == nil }.map { address in
                state.searchCount += 1
                state.sought[address] = state.searchCount
                return (address, state.searchCount)
            }
        }
        for (address, search) in new { lookups.async { [weak self] in self?.lookUp(address, search) } }
    }

    private func lookUp(_ address: CollectorAddress, _ search: UInt64) {
        guard state.withLock({ $0.sought[address] == search && !$0.isStopping }) else { return }
        let result = Result { () throws(FlowExportError) in try CollectorSocket(address, asksNameService: true) }
        state.withLock { state in
            state.found.append((address, result))
            if case .success = result { state.sought[address] = nil }
        }
        wakeUp.signal()
        guard case .failure = result else { return }
        lookups.asyncAfter(deadline: .now() + .seconds(FlowExports.retrySeconds)) { [weak self] in
            self?.lookUp(address, search)
        }
    }
}
