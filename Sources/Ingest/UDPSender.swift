// Sends datagrams to a collector: what `weir simulate --target` does.

internal import Glibc

package final class UDPSender {
    private let descriptor: Int32

    /// - Parameter host: a name or an address.
    package init(host: String, port: Int) throws(IngestError) {
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_DGRAM.rawValue)
        var list: UnsafeMutablePointer<addrinfo>?
        let status = getaddrinfo(host, String(port), &hints, &list)
        guard status == 0, let found = list?.pointee else {
            throw IngestError(description: "no address for \(host): \(String(cString: gai_strerror(status)))")
        }
        defer { freeaddrinfo(list) }
        descriptor = socket(found.ai_family, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0, connect(descriptor, found.ai_addr, found.ai_addrlen) == 0 else {
            throw IngestError(description: "cannot send to \(host) port \(port): \(errorText(errno))")
        }
    }

    deinit { close(descriptor) }

    /// Sends a datagram. A collector that is not there (yet) is no error: UDP does not ask.
    package func send(_ bytes: RawSpan) {
        _ = bytes.withUnsafeBytes { Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
    }
}
