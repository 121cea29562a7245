// A UDP socket to one collector. The only file of the module that touches the operating system.

internal import Glibc

/// Closed when the last reference goes.
package final class CollectorSocket: Sendable {
    private let descriptor: Int32

    /// What became of a datagram.
    package enum Outcome: Sendable {
        case sent
        /// Sent, after the kernel had said that nobody there took an earlier one (ICMP port unreachable).
        case sentAfterRefusal
        /// The kernel did not take it: buffer full, no route.
        case failed
    }

    /// - Parameter asksNameService: which may take seconds; without it only addresses are understood. Nothing else waits.
    package init(_ collector: CollectorAddress, asksNameService: Bool) throws(FlowExportError) {
        // All its pointers are nil, as getaddrinfo(3) wants it.
        var hints = unsafe addrinfo()
        unsafe hints.ai_socktype = Int32(SOCK_DGRAM.rawValue)
        unsafe hints.ai_flags = AI_NUMERICSERV | (asksNameService ? 0 : AI_NUMERICHOST)
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

    /// Hands one datagram to the kernel. Never waits.
    package func send(_ bytes: [UInt8]) -> Outcome {
        if sendOnce(bytes) { return .sent }
        let isRefusal = errno == ECONNREFUSED
        // The refusal of an earlier datagram is told at the next call instead of sending.
        guard isRefusal || errno == EINTR, sendOnce(bytes) else { return .failed }
        return isRefusal ? .sentAfterRefusal : .sent
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
