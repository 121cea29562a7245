// Which records go to which collectors, and the books of that. A value, used by one thread at a time; it never waits.

package import FlowExport
package import FlowLanguage
package import ShardEngine

package struct FlowExporter {
    /// records taken = encoded + unknown + unfit; messages × their collectors = sent + failed.
    package struct Counters: Hashable, Sendable {
        package var recordsEncoded: UInt64 = 0
        /// Of a definition that is no more, or has other fields now.
        package var recordsUnknown: UInt64 = 0
        /// With a value that no element can hold.
        package var recordsUnfit: UInt64 = 0

        /// By collector: what went to two counts twice.
        package var messagesSent: UInt64 = 0
        package var messagesFailed: UInt64 = 0
        package var recordsSent: UInt64 = 0
        package var recordsFailed: UInt64 = 0
        /// Times that a collector's host said that nobody listens.
        package var refusals: UInt64 = 0

        package var collectors: UInt64 = 0
        /// Without an address, or without a way there.
        package var collectorsWithoutSocket: UInt64 = 0
    }

    private struct Export {
        var plan: FlowExportPlan
        var encoder: IPFIXEncoder
    }

    private struct Collector {
        var socket: CollectorSocket?
        /// One message to the operator, however often it happens.
        var isTroubleTold = false
    }

    package private(set) var counters = Counters()
    private var exports: [String: Export] = [:]
    private var collectors: [CollectorAddress: Collector] = [:]
    private let policy: IPFIXPolicy
    private let report: (String) -> Void

    /// - Parameter report: told, once a collector, what is wrong with it.
    package init(policy: IPFIXPolicy = IPFIXPolicy(), report: @escaping (String) -> Void) {
        self.policy = policy
        self.report = report
    }

    // MARK: Definitions and collectors

    /// Takes over the definitions in force. What stays goes on with its sequence numbers.
    package mutating func set(_ definitions: [String: FlowDefinition]) {
        let before = exports
        exports = [:]
        var domains: Set<UInt32> = []
        for (name, definition) in definitions.sorted(by: { $0.key < $1.key }) {
            // Definitions that cannot be exported were refused when they were put.
            guard let plan = try? FlowExportPlan(definition) else { continue }
            var domain = plan.observationDomain(named: name)
            while !domains.insert(domain).inserted { domain &+= 1 }
            var encoder = IPFIXEncoder(template: plan.template, observationDomain: domain, policy: policy)
            if let old = before[name], old.plan.layout == plan.layout, old.encoder.observationDomain == domain {
                encoder = old.encoder
                if old.plan.collectors != plan.collectors { encoder.repeatTemplates() }
            }
            exports[name] = Export(plan: plan, encoder: encoder)
        }
        followCollectors()
    }

    private mutating func followCollectors() {
        let named = Set(exports.values.flatMap(\.plan.collectors))
        collectors = collectors.filter { named.contains($0.key) }
        for address in named where collectors[address] == nil {
            collectors[address] = Collector(socket: try? CollectorSocket(address, asksNameService: false))
        }
        countCollectors()
    }

    /// Collectors whose names are to be looked up.
    package var unconnected: [CollectorAddress] { collectors.filter { $0.value.socket == nil }.map(\.key) }

    /// A name has been looked up.
    package mutating func connect(_ address: CollectorAddress, _ result: Result<CollectorSocket, FlowExportError>) {
        guard collectors[address] != nil else { return }
        switch result {
        case .failure(let error): tell("\(error)", of: address)
        case .success(let socket):
            collectors[address]?.socket = socket
            for (name, export) in exports where export.plan.collectors.contains(address) {
                exports[name]?.encoder.repeatTemplates()
            }
            countCollectors()
        }
    }

    private mutating func countCollectors() {
        counters.collectors = UInt64(collectors.count)
        counters.collectorsWithoutSocket = UInt64(unconnected.count)
    }

    private mutating func tell(_ trouble: String, of address: CollectorAddress) {
        guard collectors[address]?.isTroubleTold == false else { return }
        collectors[address]?.isTroubleTold = true
        report(trouble)
    }

    // MARK: Records

    /// Encodes records and sends them; those without `exported` are none of its business.
    /// - Parameter nowMilliseconds: since the Unix epoch.
    package mutating func send(_ records: [FlowRecord], nowMilliseconds: UInt64) {
        var fitting: [String: [FlowExportRecord]] = [:]
        for record in records {
            guard let exported = record.exported else { continue }
            guard exports[record.name]?.plan.layout == exported.layout else {
                counters.recordsUnknown &+= 1
                continue
            }
            guard let fit = FlowExportRecord(record, key: exported.key) else {
                counters.recordsUnfit &+= 1
                continue
            }
            fitting[record.name, default: []].append(fit)
        }
        for (name, records) in fitting.sorted(by: { $0.key < $1.key }) {
            guard let batch = exports[name]?.encoder.encode(records, nowMilliseconds: nowMilliseconds) else { continue }
            counters.recordsUnfit &+= UInt64(batch.refusedCount)
            counters.recordsEncoded &+= UInt64(records.count - batch.refusedCount)
            for message in batch.messages {
                for address in exports[name]?.plan.collectors ?? [] { send(message, to: address) }
            }
        }
    }

    private mutating func send(_ message: IPFIXEncoder.Message, to address: CollectorAddress) {
        let outcome = collectors[address]?.socket?.send(message.bytes)
        switch outcome {
        case .sent, .sentAfterRefusal:
            counters.messagesSent &+= 1
            counters.recordsSent &+= UInt64(message.recordCount)
        case .failed, nil:
            counters.messagesFailed &+= 1
            counters.recordsFailed &+= UInt64(message.recordCount)
        }
        // Why there is no socket tells whoever has looked for the name.
        if outcome == .failed { tell("cannot send to collector \(address)", of: address) }
        if outcome == .sentAfterRefusal {
            counters.refusals &+= 1
            tell("nobody takes what is sent to collector \(address)", of: address)
        }
    }
}
