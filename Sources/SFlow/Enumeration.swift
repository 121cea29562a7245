// Texts of the enumerated values in records. A value without a text keeps its number.

/// Names of consecutive numbers.
public struct Enumeration: Hashable, Sendable {
    /// Of the first name.
    public let first: UInt32
    public let names: [String]

    init(from first: UInt32 = 0, _ names: String...) {
        self.first = first
        self.names = names
    }

    public func name(_ value: UInt32) -> String? {
        guard value >= first, value - first < UInt32(names.count) else { return nil }
        return names[Int(value - first)]
    }
}

/// Sources: the documents of the records that the values stand in; see the layouts.
extension Enumeration {
    public static let headerProtocol = Enumeration(
        from: 1, "ethernet", "token_bus", "token_ring", "fddi", "frame_relay", "x25", "ppp", "smds", "aal5", "aal5_ip",
        "ipv4", "ipv6", "mpls", "pos", "80211_mac", "80211_ampdu", "80211_amsdu", "infiniband")
    public static let pathSegment = Enumeration(from: 1, "as_set", "as_sequence")
    /// Which end of the sampled packet is the server.
    public static let urlDirection = Enumeration(from: 1, "source", "destination")
    public static let aclDirection = Enumeration("unknown", "ingress", "egress")
    /// Relative to the host that sent the record.
    public static let packetDirection = Enumeration("unknown", "received", "sent")
    public static let wirelessVersion = Enumeration(from: 1, "a", "b", "g", "n")
    public static let transactionDirection = Enumeration(from: 1, "client", "server")
    public static let transactionStatus = Enumeration("ok", "failure", "out_of_memory", "timeout", "not_permitted")
    public static let memcacheProtocol = Enumeration("other", "ascii", "binary")
    public static let memcacheCommand = Enumeration(
        "other", "set", "add", "replace", "append", "prepend", "cas", "get", "gets", "incr", "decr", "delete", "stats",
        "flush", "version", "quit", "touch")
    public static let memcacheStatus = Enumeration(
        "unknown", "ok", "error", "client_error", "server_error", "stored", "not_stored", "exists", "not_found",
        "deleted")
    public static let httpMethod = Enumeration(
        "other", "OPTIONS", "GET", "HEAD", "POST", "PUT", "DELETE", "TRACE", "CONNECT")
    public static let applicationStatus = Enumeration(
        "success", "other", "timeout", "internal_error", "bad_request", "forbidden", "too_large", "not_implemented",
        "not_found", "unavailable", "unauthorized")
    public static let interfaceDirection = Enumeration("unknown", "full_duplex", "half_duplex", "in", "out")
    /// SMIv2 TruthValue; 0 is not known.
    public static let truthValue = Enumeration(from: 1, "true", "false")
    public static let machineType = Enumeration(
        "unknown", "other", "x86", "x86_64", "ia64", "sparc", "alpha", "powerpc", "m68k", "mips", "arm", "hppa", "s390")
    public static let osName = Enumeration(
        "unknown", "other", "linux", "windows", "darwin", "hpux", "aix", "dragonfly", "freebsd", "netbsd", "openbsd",
        "osf", "solaris")
    public static let virtualState = Enumeration(
        "none", "running", "blocked", "paused", "shutting_down", "shut_off", "crashed")
    public static let dataSourceClass = Enumeration("interface", "vlan", "physical_entity", "logical_entity")
}
