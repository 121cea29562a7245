// UDP sockets to name servers, and who the machine's own name servers are. The part of the search for names that touches
// the operating system.

internal import Glibc

/// Belongs to one thread; closed when the last reference goes.
package final class NameServerSockets {
    /// Where a name server listens: an address, not a name.
    package struct Server: Hashable, Sendable {
        package let address: String
        package let port: Int

        package init(address: String, port: Int = 53) {
            self.address = address
            self.port = port
        }
    }

    /// In the order of the servers; -1 for one to which there is no way.
    private let descriptors: [Int32]
    /// Answers over UDP have at most 512 bytes unless more was offered (RFC 1035 section 4.2.1), which it is not.
    private static let messageBytesMax = 512
    /// Of one socket before the others have their turn.
    private static let messagesMax = 64

    package init(_ servers: [Server]) { descriptors = servers.map(NameServerSockets.open) }

    deinit { for descriptor in descriptors where descriptor >= 0 { close(descriptor) } }

    private static func open(_ server: Server) -> Int32 {
        // All its pointers are nil, as getaddrinfo(3) wants it.
        var hints = unsafe addrinfo()
        unsafe hints.ai_socktype = Int32(SOCK_DGRAM.rawValue)
        unsafe hints.ai_flags = AI_NUMERICSERV | AI_NUMERICHOST
        var list: UnsafeMutablePointer<addrinfo>?
        // Address and port are C strings for the length of the call; on success the list has an element.
        guard unsafe getaddrinfo(server.address, String(server.port), &hints, &list) == 0, let first = unsafe list else { return -1 }
        defer { unsafe freeaddrinfo(first) }
        let type = Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue)
        let descriptor = unsafe socket(first.pointee.ai_family, type, 0)
        guard descriptor >= 0 else { return -1 }
        // Connected: the kernel lets in what comes from this server and nothing else.
        guard unsafe connect(descriptor, first.pointee.ai_addr, first.pointee.ai_addrlen) == 0 else {
            close(descriptor)
            return -1
        }
        return descriptor
    }

    /// Hands one message to the kernel and never waits. What is not taken is as good as lost, and asked again.
    package func send(_ sending: ReverseNameSearch.Sending) {
        let descriptor = descriptors[sending.server]
        // Start and count are the array's own.
        unsafe sending.message.withUnsafeBytes { bytes in
            _ = unsafe Glibc.send(descriptor, bytes.baseAddress, bytes.count, Int32(MSG_NOSIGNAL))
        }
    }

    /// What has come from which server; waits for the first of it.
    package func receive(waitMilliseconds: Int32) -> [(server: Int, message: [UInt8])] {
        var entries = descriptors.map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
        // The array's own start and count; entries with descriptor -1 are passed over (poll(2)).
        guard unsafe poll(&entries, nfds_t(entries.count), waitMilliseconds) > 0 else { return [] }
        var found: [(server: Int, message: [UInt8])] = []
        for (server, entry) in entries.enumerated() where entry.revents != 0 {
            for _ in 0..<NameServerSockets.messagesMax {
                guard let message = receiveOne(descriptors[server]) else { break }
                found.append((server, message))
            }
        }
        return found
    }

    private func receiveOne(_ descriptor: Int32) -> [UInt8]? {
        var message = [UInt8](repeating: 0, count: NameServerSockets.messageBytesMax)
        // Start and count are the array's own.
        let count = unsafe message.withUnsafeMutableBytes { unsafe recv(descriptor, $0.baseAddress, $0.count, 0) }
        guard count >= 0 else { return nil }
        message.removeLast(message.count - count)
        return message
    }
}

extension NameServerSockets.Server {
    /// The C library asks no more than these (resolv.conf(5)).
    private static let systemMax = 3

    /// Those that the machine itself asks: the lines `nameserver ADDRESS` of resolv.conf(5), else this machine.
    package static func ofSystem(path: String = "/etc/resolv.conf") -> [NameServerSockets.Server] {
        let bytes = (try? FileContents(path: path))?.bytes ?? []
        let servers = bytes.split(separator: UInt8(ascii: "\n")).compactMap { line -> NameServerSockets.Server? in
            let words = line.split { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") || $0 == UInt8(ascii: "\r") }
            guard words.count >= 2, words[0].elementsEqual("nameserver".utf8) else { return nil }
            return NameServerSockets.Server(address: String(decoding: words[1], as: UTF8.self))
        }
        return servers.isEmpty ? [NameServerSockets.Server(address: "127.0.0.1")] : Array(servers.prefix(systemMax))
    }
}
