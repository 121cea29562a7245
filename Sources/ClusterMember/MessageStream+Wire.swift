// Values instead of bytes on a stream, and the paths that streams are opened on.

internal import NIOCore
package import Transport
package import Wire

package enum ClusterPath {
    /// Members to the leading coordinator: `MemberReport` up, `MemberOrder` down.
    package static let member = "/weir/member"
    /// Ingest nodes to workers: `EnvelopeMessage` up, numbers of those taken in down.
    package static let envelopes = "/weir/envelopes"
    /// Coordinators to workers: a question, then what it takes to answer it.
    package static let ask = "/weir/ask"
    /// Workers to the workers that have the shards that are to come to them: `ShardRequest` up, snapshots and checks down.
    package static let shards = "/weir/shards"
    /// Coordinators to the leading one: a public request as it came, and its answer.
    package static let forward = "/weir/forward"

    /// The answer of a coordinator that does not lead (RFC 9110, section 15.5.20, Misdirected Request), and what its text
    /// begins with when it knows who does.
    package static let notLeadingStatus = 421
    package static let leaderPrefix = "the leader is "

    /// Coordinators to the leading one: its events down, confirmations up.
    package static let events = "/weir/events"

    /// Who opens a stream of envelopes.
    package static let nameField = "weir-name", incarnationField = "weir-incarnation"
}

extension MessageStream {
    package func send(_ value: some WireCodable, compress: Bool = false) async throws(PeerError) {
        try await send(ByteBuffer(bytes: value.wireBytes), compress: compress)
    }

    /// The next message as a value; nil at the end.
    /// - Throws: `PeerError`, also when the message is no such value.
    package func receive<Value: WireCodable>(_ type: Value.Type = Value.self) async throws(PeerError) -> Value? {
        guard let message = try await receive() else { return nil }
        do throws(WireError) {
            return try Value(wireBytes: Array(buffer: message))
        } catch {
            cancel()
            throw PeerError(.protocolError, "the peer sent something else than expected: \(error)")
        }
    }
}
