// Numbers of link-layer header types, from the registry that libpcap keeps (tcpdump.org/linktypes.html), as far as the
// frame decoder knows them.

/// What a captured frame starts with.
package struct LinkType: RawRepresentable, Hashable, Sendable {
    package let rawValue: UInt16

    package init(rawValue: UInt16) { self.rawValue = rawValue }

    /// BSD loopback: an address family in the byte order of the machine that captured.
    package static let null = LinkType(rawValue: 0)
    package static let ethernet = LinkType(rawValue: 1)
    /// OpenBSD loopback: an address family in network byte order.
    package static let loop = LinkType(rawValue: 108)
    /// Raw IP of either version: the registered number, and the two that BSD systems wrote.
    package static let raw = LinkType(rawValue: 101)
    package static let rawBSD = LinkType(rawValue: 12)
    package static let rawOpenBSD = LinkType(rawValue: 14)
    /// Linux "cooked" capture (device `any`), versions 1 and 2.
    package static let linuxCooked = LinkType(rawValue: 113)
    package static let linuxCooked2 = LinkType(rawValue: 276)
    package static let ipv4 = LinkType(rawValue: 228)
    package static let ipv6 = LinkType(rawValue: 229)
}
