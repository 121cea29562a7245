// What Prometheus scrapes of any node of a cluster, at its cluster port: how it gets on with its peers. Apart from the cluster's
// own figures, which the leader knows, because a node that cannot talk to the leader is the one to ask.

package import Routing
package import Transport

package enum NodeRoute {
    /// - Parameters:
    ///   - server: what the cluster port counts.
    ///   - peers: what the streams count, those that the node has opened and those that it has taken.
    package static func route(server: @escaping @Sendable () -> HTTPServerCounters, peers: PeerCounters) -> Route {
        Route(
            .get, "/prometheus/node/txt", group: "Prometheus", summary: "How this node gets on with its peers, to scrape",
            answer: .text(example: "sflow_node_refused_total{reason=\"tls\"} 0")
        ) { request in
            try request.allowOnly()
            return .text(text(server(), peers.snapshot))
        }
    }

    private static func text(_ server: HTTPServerCounters, _ peers: PeerCounters.Snapshot) -> String {
        var text = family(
            "refused_total", "Connections and requests that the cluster port has turned away.",
            HTTPRefusal.allCases.map { ([("reason", $0.label)], server.refused[$0] ?? 0) })
        text += family(
            "stream_failures_total", "Streams with other nodes that failed or never came to be.",
            PeerError.Reason.allCases.map { ([("reason", $0.rawValue)], peers.failures[$0] ?? 0) })
        let traffic = peers.traffic.sorted { $0.key < $1.key }
        text += family(
            "stream_messages_total", "Messages between nodes.",
            traffic.flatMap { path, count in
                [(labels(path, "received"), count.messagesReceived), (labels(path, "sent"), count.messagesSent)]
            })
        text += family(
            "stream_bytes_total", "Bytes of these messages as they travel.",
            traffic.flatMap { path, count in
                [(labels(path, "received"), count.bytesReceived), (labels(path, "sent"), count.bytesSent)]
            })
        return text
    }

    private static func labels(_ path: String, _ direction: String) -> [(name: String, value: String)] {
        [("path", path), ("direction", direction)]
    }

    private static func family(_ name: String, _ help: String, _ lines: [(labels: [(name: String, value: String)], count: Int)]) -> String {
        guard !lines.isEmpty else { return "" }
        return lines.reduce(into: PrometheusText.family("sflow_node_\(name)", help: help, type: "counter")) { text, line in
            text += "sflow_node_\(name){\(PrometheusText.labels(line.labels))} \(line.count)\n"
        }
    }
}
