// Opening the listening socket: which addresses, which options, and which words when it fails.

private import Glibc
internal import NIOCore
internal import NIOPosix

/// Binds. `prepare` sets up each accepted connection on its event loop; one for which it throws is closed.
func listen(
    _ configuration: HTTPServerConfiguration, group: MultiThreadedEventLoopGroup,
    prepare: @escaping @Sendable (any Channel) throws -> Void
) async throws(HTTPServerError) -> any Channel {
    let bootstrap = ServerBootstrap(group: group)
        .serverChannelOption(.backlog, value: 256)
        // A restarted server takes its port back although old connections linger in the kernel.
        .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
        .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
        .childChannelInitializer { channel in
            channel.eventLoop.makeCompletedFuture { try prepare(channel) }
        }
    let port = configuration.port
    do {
        guard (0...65535).contains(port) else {
            throw HTTPServerError(reason: .other, description: "HTTP port \(port) is not between 0 and 65535")
        }
        if let host = configuration.host, !host.isEmpty { return try await bootstrap.bind(host: host, port: port).get() }
        return try await bindEveryAddress(bootstrap, port: port)
    } catch {
        throw explain(error, configuration)
    }
}

/// One socket for IPv6 and, mapped, IPv4; where IPv6 is compiled out or switched off, IPv4.
private func bindEveryAddress(_ bootstrap: ServerBootstrap, port: Int) async throws -> any Channel {
    do {
        let onlyIPv6 = ChannelOptions.Types.SocketOption(level: .ipv6, name: .ipv6_v6only)
        return try await bootstrap.serverChannelOption(onlyIPv6, value: 0).bind(host: "::", port: port).get()
    } catch let error as IOError where [EAFNOSUPPORT, EADDRNOTAVAIL, EPROTONOSUPPORT].contains(error.errnoCode) {
        return try await bootstrap.bind(host: "0.0.0.0", port: port).get()
    }
}

private func explain(_ error: any Error, _ configuration: HTTPServerConfiguration) -> HTTPServerError {
    if let error = error as? HTTPServerError { return error }
    let port = configuration.port
    let host = configuration.host ?? ""
    switch (error as? IOError)?.errnoCode {
    case EADDRINUSE:
        return HTTPServerError(
            reason: .portInUse, description: "HTTP port \(port) is in use: stop the other program or choose another port")
    case EACCES, EPERM:
        return HTTPServerError(
            reason: .permissionDenied, description: "no permission to listen on HTTP port \(port): ports below 1024 need a right")
    case EADDRNOTAVAIL:
        return HTTPServerError(
            reason: .addressNotAvailable, description: "HTTP host \(host) is not an address of this machine")
    default: break
    }
    if error is SocketAddressError || error is SocketAddressError.UnknownHost {
        return HTTPServerError(reason: .addressNotAvailable, description: "HTTP host \(host) is not known")
    }
    return HTTPServerError(reason: .other, description: "cannot listen on HTTP port \(port): \(error)")
}
