// A UDP socket to one collector. The only file of the module that touches the operating system.

internal import Glibc

/// Closed when the last reference goes.
final class CollectorSocket: Sendable {
    private let descriptor: Int32

    /// Asks the name service, so this may take seconds; nothing after it waits.
    init(_ collector: CollectorAddress) throws(FlowExportError) {
        // All its pointers are nil, as getaddrinfo(3) wants it.
        var hints = unsafe addrinfo()
        unsafe hints.ai_socktype = Int32(SOCK_DGRAM.rawValue)
        unsafe hints.ai_flags = AI_NUMERICSERV
        var list: UnsafeMutablePointer<addrinfo>?
        // Host and port are C strings for the length of the call.
        let status = unsafe getaddrinfo(collector.host, String(collector.port), &hints, &list)
        // On success the list has at least one element, which lives until it is freed.
        guard status == 0, let first = unsafe list else {
            throw CollectorSocket.unreachable(collector, unsafe String(cString: gai_strerror(status)))
        }
        defer { unsafe freeaddrinfo(first) }
        let type = Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue)
        let opened = unsafe socket(first.pointee.ai_family, type, 0)
        guard opened >= 0 else { throw CollectorSocket.unreachable(collector, errorText(errno)) }
        guard unsafe connect(opened, first.pointee.ai_addr, first.pointee.ai_addrlen) == 0 else {
            let text = errorText(errno)
            close(opened)
            throw CollectorSocket.unreachable(collector, text)
        }
        descriptor = opened
    }

    deinit { close(descriptor) }

    /// Hands one datagram to the kernel; false when it does not take it (buffer full, no route). Never waits.
    func send(_ bytes: [UInt8]) -> Bool {
        if sendOnce(bytes) { return true }
        // The refusal of an earlier datagram (ICMP port unreachable) is told at the next call instead of sending.
        guard errno == ECONNREFUSED || errno == EINTR else { return false }
        return sendOnce(bytes)
    }

    private func sendOnce(_ bytes: [UInt8]) -> Bool {
        // Start and count are the array's own.
        unsafe bytes.withUnsafeBytes { unsafe Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
            == bytes.count
    }

    private static func unreachable(_ collector: CollectorAddress, _ detail: String) -> FlowExportError {
        FlowExportError(reason: .collectorUnreachable, description: "cannot send to collector \(collector): \(detail)")
    }
}

private func errorText(_ number: Int32) -> String {
    // A constant of the C library, or a buffer of this thread (glibc 2.32 and later).
    guard let text = unsafe strerror(number) else { return "error \(number)" }
    return unsafe String(cString: text)
}
