// A client's settings, each with the reason for its default.

extension PeerClient {
    /// The limits of message streams are members too: `configuration.streamWindowBytes`.
    @dynamicMemberLookup
    package struct Configuration: Sendable {
        /// Name or address of the node.
        package var host: String
        package var port: Int
        /// One attempt. Within a data centre a connection takes a millisecond, or its first packet was lost (1 s).
        package var connectTimeoutSeconds = 3.0
        /// From opening a stream to the peer's yes or no.
        package var openTimeoutSeconds = 10.0
        package var limits = MessageStreamLimits()
        package var counters = PeerCounters()
        /// Nil: HTTP/2 without TLS, by prior knowledge (RFC 9113, section 3.3).
        package var tls: PeerTLS?

        package init(host: String, port: Int) {
            self.host = host
            self.port = port
        }

        package subscript<Value>(dynamicMember member: WritableKeyPath<MessageStreamLimits, Value>) -> Value {
            get { limits[keyPath: member] }
            set { limits[keyPath: member] = newValue }
        }

        var scheme: String { tls == nil ? "http" : "https" }
        var name: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }

        /// Fine enough for the shorter of the two times.
        var tickSeconds: Double {
            min(max(min(limits.pingIntervalSeconds, limits.pingTimeoutSeconds) / 4, 0.005), 1)
        }
    }
}
