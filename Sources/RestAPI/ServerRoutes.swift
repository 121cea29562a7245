// The server itself: version, status, books.

internal import Coordinator
internal import Ingest
internal import Queries
internal import Routing

enum ServerRoutes {
    static func routes(_ context: APIContext) -> [Route] { [version(context), status, analyzer(context)] }

    private static func version(_ context: APIContext) -> Route {
        Route(
            .get, "/version", group: "Server", summary: "Version", details: "`<major>.<minor>-<build>`",
            answer: .text(example: context.version)
        ) { request in
            try request.allowOnly()
            return .text(context.version + "\n")
        }
    }

    private static let status = Route(
        .get, "/status", group: "Server", summary: "Whether the server is well",
        details: "`OK` when it takes in datagrams and answers.", answer: .text(example: "OK")
    ) { request in
        try request.allowOnly()
        return .text("OK\n")
    }

    private static func analyzer(_ context: APIContext) -> Route {
        let process = ProcessStatistics(started: context.started)
        return Route(
            .get, "/analyzer/json", group: "Server", summary: "Counters and gauges since the start",
            details: """
                Beside the flat members that clients know, `stages` holds the books of each stage: \
                received = passed on + refused by reason + waiting. Of a cluster all are sums, but for what is about the \
                process that answers (HTTP, memory, processor time); `nodes` has its members by name, as in `/cluster/json`.
                """,
            answer: .json(schema: #"{"type":"object","additionalProperties":true}"#)
        ) { request in
            try request.allowOnly()
            let books = try await context.queries.books(at: context.queries.now)
            let snapshot = AnalyzerSnapshot(
                books: books, events: context.events, ingest: context.ingest(), http: context.http(), process: process.sample(),
                version: context.version)
            let nodes = context.cluster.map { ClusterStatus($0).members }
            return .json(indent: context.indent) { snapshot.write(&$0, nodes: nodes) }
        }
    }
}
