// How a node reaches the others: one way for all of its connections, with or without TLS, and counted together. Who needs a
// connection is given this instead of what it is made of.

package import Logging
package import NIOCore
package import Transport

package struct PeerDialer: Sendable {
    private let group: any EventLoopGroup
    private let logger: Logger
    /// The node's certificate and whom it trusts; nil where the cluster goes without TLS.
    package let tls: PeerTLS?
    /// Of all connections of this node, both those that it makes and those that it takes.
    package let counters = PeerCounters()

    package init(group: any EventLoopGroup, tls: PeerTLS?, logger: Logger) {
        self.group = group
        self.tls = tls
        self.logger = logger
    }

    /// A client of one other node; it connects when a stream is wanted.
    package func client(to address: PeerAddress) -> PeerClient {
        var configuration = PeerClient.Configuration(host: address.host, port: address.port)
        configuration.tls = tls
        configuration.counters = counters
        return PeerClient(configuration, group: group, logger: logger)
    }
}
