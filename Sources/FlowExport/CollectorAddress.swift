/// Where a collector listens, as the attribute `ipfixCollectors` says it: `HOST`, `HOST:PORT`, `ADDRESS6` or
/// `[ADDRESS6]:PORT`.
package struct CollectorAddress: Hashable, Sendable, CustomStringConvertible {
    /// Registered with IANA for IPFIX over UDP (RFC 7011 section 11).
    package static let defaultPort: UInt16 = 4739

    /// A name or an address, without brackets.
    package let host: String
    package let port: UInt16

    package init(_ text: String) throws(FlowExportError) {
        let (host, port) = CollectorAddress.split(text)
        guard let host, CollectorAddress.isHost(host),
            let number = port.map(CollectorAddress.number) ?? CollectorAddress.defaultPort
        else {
            throw FlowExportError(
                reason: .collectorNotUnderstood,
                description:
                    "collector \"\(text.prefix(80))\" is not understood: expected HOST, HOST:PORT or [IPV6]:PORT")
        }
        self.host = String(host)
        self.port = number
    }

    package var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }

    private static func split(_ text: String) -> (host: Substring?, port: Substring?) {
        if text.first == "[" {
            guard let end = text.firstIndex(of: "]") else { return (nil, nil) }
            let host = text[text.index(after: text.startIndex)..<end]
            let rest = text[text.index(after: end)...]
            if rest.isEmpty { return (host, nil) }
            return rest.first == ":" ? (host, rest.dropFirst()) : (nil, nil)
        }
        guard let colon = text.lastIndex(of: ":") else { return (text[...], nil) }
        // More than one colon: an IPv6 address without a port.
        guard text.firstIndex(of: ":") == colon else { return (text[...], nil) }
        return (text[..<colon], text[text.index(after: colon)...])
    }

    /// The longest name of the DNS has 253 characters. `%` stands before the zone of a link-local address.
    private static func isHost(_ host: Substring) -> Bool {
        (1...253).contains(host.utf8.count)
            && host.utf8.allSatisfy { byte in
                switch UnicodeScalar(byte) {
                case "a"..."z", "A"..."Z", "0"..."9", ".", "-", "_", ":", "%": true
                default: false
                }
            }
    }

    private static func number(_ text: Substring) -> UInt16? {
        guard text.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let port = UInt16(text), port > 0 else {
            return nil
        }
        return port
    }
}
