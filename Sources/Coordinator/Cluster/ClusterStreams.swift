// The streams that a coordinator serves on its cluster port. Only the leading one takes members; the others say who leads.

internal import Cluster
internal import ClusterMember
package import Transport

package struct ClusterStreams: StreamAcceptor {
    private let node: @Sendable () -> CoordinatorNode?
    /// Answers public requests here, without passing them on again.
    private let responder: any HTTPResponder

    package init(node: @escaping @Sendable () -> CoordinatorNode?, responder: any HTTPResponder) {
        self.node = node
        self.responder = responder
    }

    package func accepts(path: String) -> Bool { [ClusterPath.member, ClusterPath.forward, ClusterPath.events].contains(path) }

    package func serve(_ stream: MessageStream) async throws {
        guard let node = node() else { throw StreamRefusal(status: 503, message: "this coordinator has only just started") }
        guard let leader = await node.leader else {
            let address = await node.leaderAddress
            throw StreamRefusal(
                status: address == nil ? 503 : ClusterPath.notLeadingStatus,
                message: address.map { "\(ClusterPath.leaderPrefix)\($0)" } ?? "no coordinator leads at the moment")
        }
        if stream.path == ClusterPath.events { return await leader.sequencer.serve(stream) }
        guard stream.path == ClusterPath.forward else { return try await leader.serve(stream) }
        guard let forwarded: ForwardedRequest = try await stream.receive() else { return }
        try await stream.send(try await ForwardedResponse(responder.respond(to: forwarded.request)), compress: true)
    }
}

/// Answers what a coordinator that follows can answer, and passes the rest to the leader.
package struct LeaderForwarding: HTTPResponder {
    private let node: @Sendable () -> CoordinatorNode?
    private let responder: any HTTPResponder
    private let errorResponse: @Sendable (_ status: Int, _ message: String) -> HTTPResponse

    package init(
        responder: any HTTPResponder, node: @escaping @Sendable () -> CoordinatorNode?,
        errorResponse: @escaping @Sendable (_ status: Int, _ message: String) -> HTTPResponse
    ) {
        self.node = node
        self.responder = responder
        self.errorResponse = errorResponse
    }

    package func respond(to request: HTTPRequest) async -> HTTPResponse {
        let node = node()
        guard needsLeader(request), await node?.leader == nil else { return await responder.respond(to: request) }
        guard let client = await node?.leaderClient else {
            return errorResponse(503, "no coordinator leads at the moment; try again")
        }
        do {
            let stream = try await client.open(ClusterPath.forward)
            try await stream.send(ForwardedRequest(request))
            stream.finish()
            guard let answer: ForwardedResponse = try await stream.receive() else { throw PeerError(.closed, "no answer") }
            return answer.response
        } catch {
            return errorResponse(503, "the leading coordinator does not answer: \(error)")
        }
    }

    /// Changes, and what only the leader numbers or knows.
    private func needsLeader(_ request: HTTPRequest) -> Bool {
        guard request.method == "GET" || request.method == "OPTIONS" else { return true }
        // The scrapes below /app define flows, which only the leader may.
        let prefixes = [
            "/events/", "/flows/", "/cluster/", "/analyzer/", "/prometheus/analyzer/", "/prometheus/cluster/", "/app/prometheus/",
        ]
        return prefixes.contains { request.path.hasPrefix($0) }
    }
}
