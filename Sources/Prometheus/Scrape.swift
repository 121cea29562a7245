// A scrape in the making: metric after metric, row after row, in pieces.

internal import Bytes
internal import Coordinator
internal import NIOCore
internal import Queries
internal import RestAPI
internal import SFlow
internal import ShardEngine

actor Scrape {
    private let context: APIContext
    private let configuration: PrometheusRoutes.Configuration
    private let agents: AgentSelector
    private let filter: RowFilter
    private let instant: Instant
    /// What is left, the next family last.
    private var families: [MetricFamily]
    private var current: (family: MetricFamily, rows: MergedRows, hasBegun: Bool)?

    /// A piece is sent when it has this many bytes.
    private static let pieceBytes = 32 << 10

    init(
        context: APIContext, configuration: PrometheusRoutes.Configuration, agents: AgentSelector, filter: RowFilter,
        metrics: [MetricReference], instant: Instant
    ) {
        self.context = context
        self.configuration = configuration
        self.agents = agents
        self.filter = filter
        families = MetricFamily.families(of: metrics, prefix: configuration.prefix).reversed()
        self.instant = instant
    }

    /// Begins with the first family, so that it is known how complete the answer is before it is sent.
    func begin() async throws { current = try await nextFamily() }

    /// The next piece, nil at the end.
    func next() async throws -> ByteBuffer? {
        var piece = ByteBuffer()
        while piece.readableBytes < Scrape.pieceBytes {
            if current == nil { current = try await nextFamily() }
            guard case (let family, var rows, var hasBegun)? = current else { break }
            current = nil
            if let row = try await rows.next() {
                if let number = row.firstNumber, let labels = labels(of: row) {
                    if !hasBegun, configuration.showsTypes { piece.writeString(family.heading) }
                    hasBegun = true
                    piece.writeString("\(family.name){\(PrometheusText.labels(labels))} \(number.decimalText)\n")
                }
                current = (family, rows, hasBegun)
            }
        }
        return piece.readableBytes > 0 ? piece : nil
    }

    private func nextFamily() async throws -> (family: MetricFamily, rows: MergedRows, hasBegun: Bool)? {
        guard let family = families.popLast() else { return nil }
        let rows = try await context.queries.rows(
            RowQuery(agents: agents, columns: .anyOf(family.metrics), filter: filter, wantsLabels: true), at: instant)
        return (family, rows, false)
    }

    /// nil for a row that is not to be shown.
    private func labels(of row: Row) -> [(name: String, value: String)]? {
        var labels = [("agent", row.place.agent.description), ("datasource", row.place.source.description)]
        if let host = row.labels?.hostName { labels.append(("host", host)) }
        guard case .numbered(let source) = row.place.source else { return labels }
        if source.classNumber == 0, let name = row.labels?.interfaceName { labels.append(("ifname", name)) }
        if source.classNumber == 3, let name = row.labels?.guestName {
            guard let guest = GuestLabels(name) else { return nil }
            labels += guest.labels
        }
        return labels
    }
}

/// What is scraped under one name. Several metrics may come to the same: a name asked twice, with and without its data
/// source, or custom metrics that differ in a character that Prometheus does not have. A scrape with a series twice is
/// refused as a whole, so a row gives the first of them that it has.
struct MetricFamily {
    let name: String
    var metrics: [MetricReference]

    /// What stands before its lines.
    var heading: String {
        PrometheusText.family(name, help: "\(metrics.first?.metric.name ?? name) as agents report it.", type: "gauge")
    }

    /// In the order of the first of each.
    static func families(of metrics: [MetricReference], prefix: String) -> [MetricFamily] {
        var families: [MetricFamily] = []
        var places: [String: Int] = [:]
        for metric in metrics {
            let name = PrometheusText.name(prefix + metric.metric.name)
            if let place = places[name] {
                families[place].metrics.append(metric)
            } else {
                places[name] = families.count
                families.append(MetricFamily(name: name, metrics: [metric]))
            }
        }
        return families
    }
}

extension Row {
    fileprivate var firstNumber: Double? {
        for case let cell? in cells {
            if case .number(let number) = cell.reading.value, number.isFinite { return number }
        }
        return nil
    }
}

/// Labels of a virtual machine or container, from its name.
struct GuestLabels {
    let labels: [(String, String)]

    /// nil for what is not to be shown: the sandbox of a Kubernetes pod, which runs nothing.
    init?(_ name: String) {
        guard !name.hasPrefix("k8s_POD_") else { return nil }
        let parts: [(String, VirtualNames.Part)] = [
            ("k8s_name", .kubernetesPod), ("k8s_namespace", .kubernetesNamespace), ("swarm_name", .swarmService),
        ]
        labels = [("vir_host", name)]
            + parts.compactMap { label, part in VirtualNames.part(part, of: name).map { (label, $0) } }
    }
}
