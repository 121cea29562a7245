// What Prometheus scrapes at the cluster port of any node: its streams to and from other nodes, and whom it
// turned away. Apart from `ClusterRoute`, which the leader knows for the whole cluster, because a node that cannot talk to the leader is the
// one to ask.

internal import RestAPI
package import Routing
package import Transport

package enum StreamRoute {
    /// - Parameters:
    ///   - counters: of the node's streams, those that it has opened and those that it has taken.
    ///   - server: what the cluster port counts.
    package static func route(_ counters: PeerCounters, server: @escaping @Sendable () -> HTTPServerCounters) -> Route {
        Route(
            .get, "/prometheus/cluster/txt", group: "Prometheus", summary: "How the node gets on with the others, to scrape",
            answer: .text(example: #"sflow_cluster_stream_messages_total{stream="/weir/member",direction="sent"} 12"#)
        ) { request in
            try request.allowOnly()
            return .text(refused(server()) + text(counters.snapshot))
        }
    }

    private static func refused(_ counters: HTTPServerCounters) -> String {
        let name = "sflow_cluster_refused_total"
        let family = PrometheusText.family(name, help: "Connections and requests that the cluster port has turned away.", type: "counter")
        return HTTPRefusal.allCases.reduce(into: family) { text, reason in
            text += "\(name){\(PrometheusText.labels([("reason", reason.label)]))} \(counters.refused[reason] ?? 0)\n"
        }
    }

    /// Labels are bounded: kinds of streams by their paths, of which there are few, and reasons; never other nodes' addresses.
    static func text(_ counters: PeerCounters.Snapshot) -> String {
        let streams = counters.traffic.sorted { $0.key < $1.key }
        var text = PrometheusText.family(
            "sflow_cluster_streams", help: "Open streams to and from other nodes, by kind.", type: "gauge")
        for (path, traffic) in streams {
            text += "sflow_cluster_streams{\(PrometheusText.labels([("stream", path)]))} \(traffic.streamsCurrent)\n"
        }
        text += PrometheusText.family("sflow_cluster_streams_opened_total", help: "Streams opened since the start, by kind.", type: "counter")
        for (path, traffic) in streams {
            text += "sflow_cluster_streams_opened_total{\(PrometheusText.labels([("stream", path)]))} \(traffic.streamsTotal)\n"
        }
        text += directions("messages", "Messages over streams between nodes.", streams, { $0.messagesReceived }, { $0.messagesSent })
        text += directions(
            "bytes", "Bytes of messages between nodes, as they are sent: packed, with their headers.", streams, { $0.bytesReceived },
            { $0.bytesSent })
        text += PrometheusText.family(
            "sflow_cluster_stream_failures_total", help: "Streams that failed or never came to be, by reason.", type: "counter")
        for (reason, count) in counters.failures.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
            text += "sflow_cluster_stream_failures_total{\(PrometheusText.labels([("reason", reason.rawValue)]))} \(count)\n"
        }
        return text
    }

    private static func directions(
        _ what: String, _ help: String, _ streams: [(key: String, value: PeerCounters.Traffic)],
        _ received: (PeerCounters.Traffic) -> Int, _ sent: (PeerCounters.Traffic) -> Int
    ) -> String {
        let name = "sflow_cluster_stream_\(what)_total"
        return streams.reduce(into: PrometheusText.family(name, help: help, type: "counter")) { text, stream in
            for (direction, count) in [("received", received(stream.value)), ("sent", sent(stream.value))] {
                let labels = PrometheusText.labels([("stream", stream.key), ("direction", direction)])
                text += "\(name){\(labels)} \(count)\n"
            }
        }
    }
}
