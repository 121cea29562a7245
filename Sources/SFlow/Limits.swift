// Absolute limits on what one datagram may make the decoder do. They bound work, not correctness: no agent seen so far
// comes near them. Counts are always checked against the bytes that are there as well.

package enum Limits {
    /// Samples decoded of one datagram; the rest is ignored and flagged.
    package static let samplesPerDatagram = 4096
    /// Records decoded of one sample, nested ones (extended_80211_aggregation) included.
    package static let recordsPerSample = 1024
    /// Segments of one AS path.
    package static let pathSegments = 255
    /// Autonomous systems in one AS path, summed over its segments.
    package static let pathMembers = 1024
    /// BGP communities of one extended_gateway.
    package static let communities = 1024
    /// Entries of a label or tag stack.
    package static let stackEntries = 64
    /// Network adapters of one host, and MAC addresses of one adapter.
    package static let adapters = 1024
    /// Lanes of one optical module.
    package static let lanes = 256
    /// Queues of one port in bst_port_buffers.
    package static let queues = 64
    /// Bytes of a metric, field or data source name in the named samples.
    package static let nameBytes = 64
    /// Bytes of a text value in the named samples, and of any text without a limit of its own.
    package static let textBytes = 255
}
