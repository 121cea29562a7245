// The settings of message streams, the same for both sides, each with the reason for its default.

package struct MessageStreamLimits: Sendable {
    /// One message, packed or not. The largest known ones are snapshots of shards; more ends the stream.
    package var messageBytesMax = 64 * 1024 * 1024
    /// What the peer may send on a stream before it is taken by ``MessageStream/receive()``: the memory that a stream whose
    /// reader rests can occupy, besides one message that is being assembled. Streams of large batches want 4 MiB.
    package var streamWindowBytes = 1024 * 1024
    /// The same for all streams of a connection together. When as many streams rest as fill it, the others of their
    /// connection wait with them: what must not wait needs a connection of its own.
    package var connectionWindowBytes = 8 * 1024 * 1024
    /// A peer is asked for a sign of life this often …
    package var pingIntervalSeconds = 1.0
    /// … and given up when none has come for so long after that.
    package var pingTimeoutSeconds = 3.0
    /// What this side speaks.
    package var protocolVersions = PeerProtocol.versions

    package init() {}
}
