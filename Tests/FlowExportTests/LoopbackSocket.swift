// The collector's end: a socket on loopback.

import Glibc

/// A UDP socket on a free port of loopback; receiving waits two seconds at most.
final class LoopbackSocket {
    private let descriptor: Int32
    /// As a collector is named.
    let name: String

    init?(isIPv6: Bool) {
        descriptor = socket(isIPv6 ? AF_INET6 : AF_INET, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        var storage = sockaddr_storage()
        storage.ss_family = sa_family_t(isIPv6 ? AF_INET6 : AF_INET)
        var size = socklen_t(isIPv6 ? MemoryLayout<sockaddr_in6>.size : MemoryLayout<sockaddr_in>.size)
        // The address follows port (2 bytes) and, in IPv6, flow label (4 bytes): ::1, 127.0.0.1.
        withUnsafeMutableBytes(of: &storage) { bytes in
            if isIPv6 { bytes[23] = 1 } else { (bytes[4], bytes[7]) = (127, 1) }
        }
        var timeout = timeval(tv_sec: 2, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &timeout, socklen_t(MemoryLayout<timeval>.size))
        let (socket, length) = (descriptor, size)
        let isBound = withUnsafeMutablePointer(to: &storage) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(socket, $0, length) == 0 && getsockname(socket, $0, &size) == 0
            }
        }
        let port = withUnsafeBytes(of: &storage) { UInt16($0[2]) << 8 | UInt16($0[3]) }
        name = isIPv6 ? "[::1]:\(port)" : "127.0.0.1:\(port)"
        if !isBound { return nil }
    }

    deinit { close(descriptor) }

    func receive() -> [UInt8]? {
        var buffer = [UInt8](repeating: 0, count: 2048)
        let count = buffer.withUnsafeMutableBytes { recv(descriptor, $0.baseAddress, $0.count, 0) }
        return count < 0 ? nil : Array(buffer.prefix(count))
    }
}
