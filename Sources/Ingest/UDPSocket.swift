// A UDP socket for receiving sFlow: both families at once, a large receive buffer, the kernel's drop counter.

internal import Bytes
internal import CSocket
internal import Glibc

struct UDPSocket: Sendable {
    let descriptor: Int32
    let port: Int
    /// Bytes that the kernel granted for the receive buffer; less than asked for where the process may not exceed the
    /// system's limit.
    let receiveBufferBytes: Int

    /// - Parameters:
    ///   - address: nil for all addresses of both families.
    ///   - port: 0 for any free one.
    ///   - isShared: whether other sockets may have the same port (SO_REUSEPORT): the kernel then spreads the senders.
    init(address: IPAddress?, port: Int, isShared: Bool, receiveBufferBytes: Int) throws(IngestError) {
        let family = UDPSocket.family(address)
        let descriptor = socket(family, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw IngestError(description: "no UDP socket: \(errorText(errno))") }
        var succeeded = false
        defer { if !succeeded { close(descriptor) } }
        UDPSocket.set(descriptor, IPPROTO_IPV6, IPV6_V6ONLY, 0)
        if isShared { UDPSocket.set(descriptor, Int(SOL_SOCKET), SO_REUSEPORT, 1) }
        // Woken now and then so that the receiving thread can be told to stop.
        var timeout = timeval(tv_sec: 0, tv_usec: 200_000)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &timeout, socklen_t(MemoryLayout<timeval>.size))
        guard csocket_count_drops(descriptor) == 0 else {
            throw IngestError(description: "the kernel does not count dropped datagrams (SO_RXQ_OVFL)")
        }
        let granted = csocket_set_receive_buffer(descriptor, Int32(clamping: receiveBufferBytes))
        try UDPSocket.bind(descriptor, family, address, port)
        self.descriptor = descriptor
        self.port = UDPSocket.boundPort(descriptor)
        self.receiveBufferBytes = max(0, Int(granted))
        succeeded = true
    }

    private static func family(_ address: IPAddress?) -> Int32 {
        if let address { return address.isIPv6 ? AF_INET6 : AF_INET }
        let probe = socket(AF_INET6, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard probe >= 0 else { return AF_INET }
        close(probe)
        return AF_INET6
    }

    private static func set(_ descriptor: Int32, _ level: Int, _ option: Int32, _ value: Int32) {
        var value = value
        setsockopt(descriptor, Int32(level), option, &value, socklen_t(MemoryLayout<Int32>.size))
    }

    private static func bind(
        _ descriptor: Int32, _ family: Int32, _ address: IPAddress?, _ port: Int
    ) throws(IngestError) {
        var storage = sockaddr_storage()
        let size = fill(&storage, family, address, UInt16(truncatingIfNeeded: port))
        let status = withUnsafePointer(to: &storage) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { Glibc.bind(descriptor, $0, size) }
        }
        guard status < 0 else { return }
        switch errno {
        case EADDRINUSE:
            throw IngestError(
                description: "UDP port \(port) is in use: another collector listens there; choose another with --sflow-port")
        case EACCES:
            throw IngestError(description: "no right to listen on UDP port \(port): choose one above 1023 with --sflow-port")
        case EADDRNOTAVAIL:
            throw IngestError(description: "\(address.map(\.description) ?? "?") is no address of this machine (sflow.address)")
        default:
            throw IngestError(description: "cannot listen on UDP port \(port): \(errorText(errno))")
        }
    }

    private static func fill(
        _ storage: inout sockaddr_storage, _ family: Int32, _ address: IPAddress?, _ port: UInt16
    ) -> socklen_t {
        withUnsafeMutableBytes(of: &storage) { bytes in
            bytes.storeBytes(of: sa_family_t(family), as: sa_family_t.self)
            bytes.storeBytes(of: port.bigEndian, toByteOffset: 2, as: UInt16.self)
            guard family == AF_INET6 else {
                bytes.storeBytes(of: UInt32(truncatingIfNeeded: address?.low ?? 0).bigEndian, toByteOffset: 4, as: UInt32.self)
                return socklen_t(MemoryLayout<sockaddr_in>.size)
            }
            bytes.storeBytes(of: (address?.high ?? 0).bigEndian, toByteOffset: 8, as: UInt64.self)
            bytes.storeBytes(of: (address?.low ?? 0).bigEndian, toByteOffset: 16, as: UInt64.self)
            return socklen_t(MemoryLayout<sockaddr_in6>.size)
        }
    }

    private static func boundPort(_ descriptor: Int32) -> Int {
        var storage = sockaddr_storage()
        var size = socklen_t(MemoryLayout<sockaddr_storage>.size)
        let status = withUnsafeMutablePointer(to: &storage) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(descriptor, $0, &size) }
        }
        guard status == 0 else { return 0 }
        return withUnsafeBytes(of: &storage) { Int(UInt16(bigEndian: $0.load(fromByteOffset: 2, as: UInt16.self))) }
    }
}

func errorText(_ number: Int32) -> String { String(cString: strerror(number)) }
