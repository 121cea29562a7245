/// Sends the completed flows of one definition to its collectors, as IPFIX over UDP (RFC 7011 section 10.3).
///
/// A thin owner of sockets around `IPFIXEncoder`. All collectors get the same messages; UDP does not tell what arrived,
/// which collectors see from gaps in the sequence numbers.
package struct IPFIXExporter: ~Copyable {
    /// Collectors of one definition; more are refused.
    package static let collectorCountMax = 16

    /// What became of the messages to one collector. Every message is either sent or failed.
    package struct Counters: Hashable, Sendable {
        package let collector: CollectorAddress
        package fileprivate(set) var messagesSent: UInt64 = 0
        package fileprivate(set) var messagesFailed: UInt64 = 0
        package fileprivate(set) var recordsSent: UInt64 = 0
        package fileprivate(set) var recordsFailed: UInt64 = 0
    }

    private var encoder: IPFIXEncoder
    private let sockets: [CollectorSocket]

    /// One for each collector, in the order given.
    package private(set) var counters: [Counters]
    /// Records that did not fit the template (see `IPFIXEncoder.Batch`) and so went to no collector.
    package private(set) var recordsRefused: UInt64 = 0

    /// Looks up the collectors' names, which may take seconds, once: a collector that moves is followed when the
    /// definition is set again.
    /// - Parameter collectors: `HOST` or `HOST:PORT`; the default port is 4739.
    package init(collectors: [String], encoder: IPFIXEncoder) throws(FlowExportError) {
        guard collectors.count <= IPFIXExporter.collectorCountMax else {
            throw FlowExportError(
                reason: .collectorNotUnderstood,
                description:
                    "\(collectors.count) ipfixCollectors: at most \(IPFIXExporter.collectorCountMax) are served")
        }
        var sockets: [CollectorSocket] = []
        var counters: [Counters] = []
        for text in collectors {
            let collector = try CollectorAddress(text)
            sockets.append(try CollectorSocket(collector))
            counters.append(Counters(collector: collector))
        }
        self.encoder = encoder
        self.sockets = sockets
        self.counters = counters
    }

    /// Encodes and sends; what a socket does not take at once is dropped and counted. Never waits.
    /// - Parameter nowMilliseconds: since the Unix epoch.
    package mutating func export(_ records: some Sequence<FlowExportRecord>, nowMilliseconds: UInt64) {
        let batch = encoder.encode(records, nowMilliseconds: nowMilliseconds)
        recordsRefused += UInt64(batch.refusedCount)
        for message in batch.messages {
            for index in sockets.indices {
                if sockets[index].send(message.bytes) {
                    counters[index].messagesSent += 1
                    counters[index].recordsSent += UInt64(message.recordCount)
                } else {
                    counters[index].messagesFailed += 1
                    counters[index].recordsFailed += UInt64(message.recordCount)
                }
            }
        }
    }
}
