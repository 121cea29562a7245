// What the API's handlers need to answer.

package import Coordinator
package import Ingest
internal import Queries
package import ShardEngine
package import Transport
internal import Routing

package struct APIContext: Sendable {
    package let queries: QueryCoordinator
    package let events: EventLog
    /// Spaces a level in JSON answers.
    package let indent: Int
    /// `<major>.<minor>-<build>`
    package let version: String
    /// When the process started. Unit: nanoseconds since the Unix epoch.
    package let started: Int64
    package let ingest: @Sendable () -> IngestCounters.Snapshot
    package let http: @Sendable () -> HTTPServerCounters
    /// Whose coordinator answers; nil in a process that is alone.
    package var cluster: ClusterView?

    package init(
        queries: QueryCoordinator, events: EventLog, indent: Int, version: String, started: Int64,
        ingest: @escaping @Sendable () -> IngestCounters.Snapshot, http: @escaping @Sendable () -> HTTPServerCounters
    ) {
        self.queries = queries
        self.events = events
        self.indent = indent
        self.version = version
        self.started = started
        self.ingest = ingest
        self.http = http
    }
}

extension APIContext {
    /// The names that queries may use.
    package var names: Catalogue { queries.catalogue }
}

/// Runs the part of a handler that reads a query; what is wrong with it is the client's mistake.
package func understanding<Result>(_ body: () throws -> Result) throws -> Result {
    do { return try body() } catch let error as QueryError { throw HTTPProblem.badRequest(error.message) }
}
