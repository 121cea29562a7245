// Absolute limits on what one datagram may make the decoder do. They bound work, not correctness: no agent seen so far
// comes near them. Counts are always checked against the bytes that are there as well.

public enum Limits {
    /// Samples decoded of one datagram; the rest is ignored and flagged.
    public static let samplesPerDatagram = 4096
    /// Records decoded of one sample, nested ones (extended_80211_aggregation) included.
    public static let recordsPerSample = 1024
    /// Segments of one AS path.
    public static let pathSegments = 255
    /// Autonomous systems in one AS path, summed over its segments.
    public static let pathMembers = 1024
    /// BGP communities of one extended_gateway.
    public static let communities = 1024
    /// Entries of a label or tag stack.
    public static let stackEntries = 64
    /// Network adapters of one host, and MAC addresses of one adapter.
    public static let adapters = 1024
    /// Lanes of one optical module.
    public static let lanes = 256
    /// Queues of one port in bst_port_buffers.
    public static let queues = 64
    /// Bytes of a metric, field or data source name in the named samples.
    public static let nameBytes = 64
    /// Bytes of a text value in the named samples, and of any text without a limit of its own.
    public static let textBytes = 255
}
