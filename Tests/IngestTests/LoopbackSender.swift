// A plain UDP socket on loopback: how tests send, and how they occupy a port.

import Foundation
import Testing

final class LoopbackSender: Sendable {
    enum Family: String, Sendable, CaseIterable { case ipv4, ipv6 }

    private let descriptor: Int32
    private let family: Family

    init(_ family: Family) throws {
        self.family = family
        descriptor = socket(family == .ipv4 ? AF_INET : AF_INET6, Int32(SOCK_DGRAM.rawValue), 0)
        try #require(descriptor >= 0)
    }

    deinit { close(descriptor) }

    /// The system's IPv6 may be off.
    static let hasIPv6: Bool = {
        guard let sender = try? LoopbackSender(.ipv6) else { return false }
        return (try? sender.bind()) != nil
    }()

    func send(_ bytes: [UInt8], to port: Int) throws {
        let sent = withAddress(port) { address, size in
            bytes.withUnsafeBytes { sendto(descriptor, $0.baseAddress, $0.count, 0, address, size) }
        }
        try #require(sent == bytes.count, "errno \(errno)")
    }

    /// Takes a free port; returns it.
    @discardableResult
    func bind() throws -> Int {
        let status = withAddress(0) { Foundation.bind(descriptor, $0, $1) }
        try #require(status == 0)
        var storage = sockaddr_storage()
        var size = socklen_t(MemoryLayout<sockaddr_storage>.size)
        let named = withUnsafeMutablePointer(to: &storage) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(descriptor, $0, &size) }
        }
        try #require(named == 0)
        return withUnsafeBytes(of: &storage) { Int(UInt16(bigEndian: $0.load(fromByteOffset: 2, as: UInt16.self))) }
    }

    private func withAddress<Result>(_ port: Int, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Result) -> Result {
        var storage = sockaddr_storage()
        var size = MemoryLayout<sockaddr_in>.size
        withUnsafeMutableBytes(of: &storage) { bytes in
            bytes.storeBytes(of: UInt16(truncatingIfNeeded: port).bigEndian, toByteOffset: 2, as: UInt16.self)
            switch family {
            case .ipv4:
                bytes.storeBytes(of: sa_family_t(AF_INET), as: sa_family_t.self)
                bytes.storeBytes(of: UInt32(0x7F00_0001).bigEndian, toByteOffset: 4, as: UInt32.self)
            case .ipv6:
                size = MemoryLayout<sockaddr_in6>.size
                bytes.storeBytes(of: sa_family_t(AF_INET6), as: sa_family_t.self)
                bytes.storeBytes(of: UInt8(1), toByteOffset: 23, as: UInt8.self)
            }
        }
        return withUnsafePointer(to: &storage) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, socklen_t(size)) }
        }
    }
}
