// The server's own counters at one moment, by the names that dashboards know, and the books of each stage.

package import Coordinator
package import Ingest
package import Queries
internal import Routing
package import Transport
internal import SFlow
package import ShardEngine

package struct AnalyzerSnapshot: Sendable {
    package let books: ShardBooks
    package let events: RecordLog<ThresholdEvent>.Counters
    package let flows: RecordLog<FlowRecord>.Counters
    package let exports: FlowExports.Counters
    package let ingest: IngestCounters.Snapshot
    package let http: HTTPServerCounters
    package let process: ProcessStatistics.Sample
    package let version: String

    package init(
        books: ShardBooks, events: EventLog, ingest: IngestCounters.Snapshot, http: HTTPServerCounters,
        process: ProcessStatistics.Sample, version: String
    ) {
        self.books = books
        self.events = events.events.counters
        flows = events.flows.counters
        exports = events.exports?.counters ?? FlowExports.Counters()
        self.ingest = ingest
        self.http = http
        self.process = process
        self.version = version
    }

    /// A number with its name in JSON and whether it only grows.
    package struct Figure: Sendable {
        package let name: String
        package let value: Double
        package let isCounter: Bool
        package let help: String

        fileprivate static func counter(_ name: String, _ value: some BinaryInteger, _ help: String) -> Figure {
            Figure(name: name, value: Double(value), isCounter: true, help: help)
        }

        fileprivate static func gauge(_ name: String, _ value: Double, _ help: String) -> Figure {
            Figure(name: name, value: value, isCounter: false, help: help)
        }
    }

    /// Datagrams refused because their version is not 5.
    private var unsupportedVersion: UInt64 {
        (books.counters.refused[.unsupportedVersion] ?? 0) &+ (books.counters.refused[.foreignVersion] ?? 0)
    }

    package var figures: [Figure] { sflowFigures + eventFigures + httpFigures + processFigures }

    private var sflowFigures: [Figure] {
        [
            .gauge("uptime", Double(process.uptimeMilliseconds), "Milliseconds since the start."),
            .gauge("sFlowAgents", Double(books.agentCount), "Agents known."),
            .counter("sFlowBytesReceived", ingest.bytesReceived, "Bytes of datagrams received."),
            .counter("sFlowDatagramsReceived", ingest.datagramsReceived, "Datagrams received."),
            .counter(
                "sFlowDatagramsDiscarded", ingest.droppedByKernel,
                "Datagrams that the kernel dropped because the receive buffer was full."),
            .counter(
                "sFlowParseErrors", books.counters.refusedTotal &- unsupportedVersion,
                "Datagrams refused as undecodable."),
            .counter("sFlowUnsupportedVersion", unsupportedVersion, "Datagrams refused because they are not version 5."),
        ]
    }

    private var eventFigures: [Figure] {
        [
            .counter("eventsGenerated", events.generated, "Events of thresholds."),
            .counter("eventsLost", events.lost, "Events that were lost before anybody could ask for them."),
            .counter("flowsGenerated", flows.generated, "Records of logged flows."),
            .counter("flowsLost", flows.lost, "Flow records that were lost before anybody could ask for them or collect them."),
            .counter("ipfixRecordsSent", exports.exporter.recordsSent, "Flow records sent to IPFIX collectors, each counted."),
            .counter("ipfixRecordsDropped", exports.recordsDropped, "Flow records for collectors that found the queue full."),
            .counter("ipfixMessagesSent", exports.exporter.messagesSent, "IPFIX messages sent."),
            .counter("ipfixMessagesFailed", exports.exporter.messagesFailed, "IPFIX messages that could not be sent."),
        ]
    }

    private var httpFigures: [Figure] {
        [
            .gauge("httpConnectionsCurrent", Double(http.connectionsCurrent), "Open HTTP connections."),
            .counter("httpConnectionsTotal", http.connectionsTotal, "HTTP connections accepted."),
            .counter("httpMessagesReceived", http.messagesReceived, "HTTP requests received."),
            .counter("httpMessagesSent", http.messagesSent, "HTTP responses sent."),
            .counter("httpBytesReceived", http.bytesReceived, "Bytes received over HTTP."),
            .counter("httpBytesSent", http.bytesSent, "Bytes sent over HTTP."),
        ]
    }

    private var processFigures: [Figure] {
        [
            .gauge("availableProcessors", Double(process.processors), "Processors that the process may use."),
            .gauge("heapUsed", Double(process.residentBytes), "Resident memory of the process, bytes."),
            .gauge("heapMax", Double(process.memoryTotalBytes), "Memory that the process may use, bytes."),
            .gauge("threadCount", Double(process.threads), "Threads of the process."),
            .gauge("threadDaemonCount", 0, "Always 0: there is no such distinction."),
            .counter("threadTotalStartedCount", process.threads, "Threads started."),
            .counter("gcTime", 0, "Always 0: there is no garbage collector."),
            .counter("gcCount", 0, "Always 0: there is no garbage collector."),
            .counter("cpuTime", process.cpuMilliseconds, "Processor time used, milliseconds."),
            .gauge("memTotal", Double(process.memoryTotalBytes), "Memory of the machine, bytes."),
            .gauge("memFree", Double(process.memoryFreeBytes), "Memory of the machine that is available, bytes."),
            .gauge("cpuLoadSystem", process.systemLoad, "Load of the machine, 0 to 1."),
            .gauge("cpuLoadProcess", process.processLoad, "Share of the machine's processors used, 0 to 1."),
        ]
    }

    /// The books of one stage: counts by what became of the datagrams.
    package var stages: [(stage: String, entries: [(name: String, value: UInt64)])] {
        let shards = books.counters
        let refusedByServer = http.refused.sorted { $0.key.label < $1.key.label }
            .map { (name: "refused.\($0.key.label)", value: UInt64(clamping: $0.value)) }
        return [
            (
                "ingest",
                [
                    ("received", ingest.datagramsReceived), ("passed_on", ingest.datagramsReceived),
                    ("dropped_by_kernel", ingest.droppedByKernel), ("truncated", ingest.datagramsTruncated),
                    ("receive_errors", ingest.receiveErrors),
                ]
            ),
            (
                "shards",
                [
                    ("received", shards.datagrams),
                    ("waiting", ingest.datagramsReceived >= shards.datagrams ? ingest.datagramsReceived - shards.datagrams : 0),
                    ("accepted", shards.accepted), ("duplicates", shards.duplicates),
                    ("refused.too_many_agents", shards.agentsRefused),
                ] + reasons(shards.refused, prefix: "refused.")
            ),
            (
                "samples",
                [
                    ("flow", shards.flowSamples), ("counter", shards.counterSamples),
                    ("notification", shards.notifications), ("named", shards.namedSamples),
                ] + reasons(shards.faults, prefix: "fault.")
            ),
            ("unknown_formats", unknownFormats(shards)),
            ("http", refusedByServer), ("export", exportStage), ("collectors", collectorStage),
        ]
    }

    private var exportStage: [(name: String, value: UInt64)] {
        let exporter = exports.exporter
        return [
            ("received", exports.recordsReceived), ("waiting", exports.recordsWaiting),
            ("encoded", exporter.recordsEncoded), ("refused.queue_full", exports.recordsDropped),
            ("refused.unknown_definition", exporter.recordsUnknown), ("refused.no_such_value", exporter.recordsUnfit),
        ]
    }

    private var collectorStage: [(name: String, value: UInt64)] {
        let exporter = exports.exporter
        return [
            ("collectors", exporter.collectors), ("without_address", exporter.collectorsWithoutSocket),
            ("messages_sent", exporter.messagesSent), ("messages_failed", exporter.messagesFailed),
            ("messages_refused", exporter.refusals), ("records_sent", exporter.recordsSent),
            ("records_failed", exporter.recordsFailed),
        ]
    }

    private func reasons(_ counts: [DecodeError.Reason: UInt64], prefix: String) -> [(name: String, value: UInt64)] {
        counts.map { (name: prefix + $0.key.rawValue, value: $0.value) }.sorted { $0.name < $1.name }
    }

    private func unknownFormats(_ counters: ShardCounters) -> [(name: String, value: UInt64)] {
        let listed = counters.unknownFormats.sorted { $0.key < $1.key }
            .map { (name: "\($0.key.kind.rawValue).\($0.key.tag)", value: $0.value) }
        return counters.unknownFormatsNotListed > 0
            ? listed + [(name: "not_listed", value: counters.unknownFormatsNotListed)] : listed
    }

    /// - Parameter nodes: the cluster's; nil where there is none.
    func write(_ json: inout JSONWriter, nodes: [ClusterStatus.Member]?) {
        json.object { json in
            for figure in figures { json.member(figure.name, figure.value) }
            json.member("version", version)
            json.member("updateAvailable", false)
            if let nodes {
                json.member("nodes") { $0.object { json in for node in nodes { json.member(node.name, node.write) } } }
            }
            json.member("stages") { json in
                json.object { json in
                    for (stage, entries) in stages {
                        json.member(stage) { json in
                            json.object { json in
                                for entry in entries { json.member(entry.name, entry.value) }
                            }
                        }
                    }
                }
            }
        }
    }
}
