/// The kinds of settings that name places on the network. Text only: nothing is looked up here.
package struct Endpoint: Hashable, Sendable, CustomStringConvertible {
    /// A host name or an address; an IPv6 address without its brackets.
    package let host: String
    /// 1 to 65535.
    package let port: Int

    package init(host: String, port: Int) {
        self.host = host
        self.port = port
    }

    /// HOST:PORT, an IPv6 address in brackets (RFC 3986 section 3.2.2).
    package var description: String {
        host.utf8.contains(UInt8(ascii: ":")) ? "[\(host)]:\(port)" : "\(host):\(port)"
    }
}

extension SettingKind where Value == Int {
    /// A port to listen on; 0 lets the system choose one.
    static var port: SettingKind {
        SettingKind(
            expected: "a port from 0 to 65535", placeholder: "PORT",
            parse: { text in UInt16(text).map(Int.init) }, format: { String($0) })
    }
}

extension SettingKind where Value == String? {
    /// An address or host name to listen on; "all", which means nil, for every address of the machine.
    static var bindAddress: SettingKind {
        SettingKind(
            expected: "an address, a host name or all", placeholder: "ADDRESS",
            parse: { text in
                if text.lowercased() == "all" { return .some(nil) }
                guard isHostName(text) || isIPv6(text) else { return nil }
                return text
            },
            format: { $0 ?? "all" })
    }
}

extension SettingKind where Value == Endpoint {
    static var endpoint: SettingKind {
        SettingKind(
            expected: "HOST:PORT, such as 10.0.0.1:6343 or [2001:db8::1]:6343", placeholder: "HOST:PORT",
            parse: parseEndpoint, format: \.description)
    }

    @Sendable private static func parseEndpoint(_ text: String) -> Endpoint? {
        guard let colon = text.utf8.lastIndex(of: UInt8(ascii: ":")),
            let port = UInt16(text[text.utf8.index(after: colon)...]), port > 0
        else { return nil }
        let host = String(text[..<colon])
        if host.utf8.first == UInt8(ascii: "["), host.utf8.last == UInt8(ascii: "]") {
            let address = String(Substring(host.utf8.dropFirst().dropLast()))
            return isIPv6(address) ? Endpoint(host: address, port: Int(port)) : nil
        }
        return isHostName(host) ? Endpoint(host: host, port: Int(port)) : nil
    }
}

extension SettingKind where Value == String {
    /// A name of the domain name system, without its last dot.
    static var hostName: SettingKind {
        SettingKind(
            expected: "a domain name", placeholder: "NAME",
            parse: { text in
                let name = text.utf8.last == UInt8(ascii: ".") ? String(Substring(text.utf8.dropLast())) : text
                return isHostName(name) ? name : nil
            },
            format: { $0 })
    }

    /// Where a REST API answers: `http://HOST[:PORT][/PREFIX]`; without a scheme `http://`, and never with a final slash.
    static var serverAddress: SettingKind {
        SettingKind(
            expected: "an address such as http://localhost:8008", placeholder: "http://HOST:PORT",
            parse: { text in
                var address = text.contains("://") ? text : "http://" + text
                while address.utf8.last == UInt8(ascii: "/") { address.removeLast() }
                let parts = address.split(separator: "/", maxSplits: 2, omittingEmptySubsequences: false)
                guard address.utf8.count <= 2048, address.utf8.allSatisfy({ (0x21...0x7E).contains($0) }), parts.count == 3,
                    ["http:", "https:"].contains(parts[0]), parts[1].isEmpty, !parts[2].isEmpty, !parts[2].hasPrefix("/")
                else { return nil }
                return address
            },
            format: { $0 })
    }
}

extension SettingKind where Value == Endpoint {
    /// ADDRESS, ADDRESS:PORT or [IPV6]:PORT, with the port of the domain name system unless given.
    static var nameServer: SettingKind {
        SettingKind(
            expected: "an address such as 192.0.2.53, 192.0.2.53:5353 or 2001:db8::53", placeholder: "ADDRESS[:PORT]",
            parse: { text in
                let colons = text.utf8.count { $0 == UInt8(ascii: ":") }
                if colons > 1, isIPv6(text) { return Endpoint(host: text, port: 53) }
                let endpoint = parseEndpoint(colons == 0 ? text + ":53" : text)
                // A name would have to be asked for first.
                guard let endpoint, isIPv6(endpoint.host) || isIPv4(endpoint.host) else { return nil }
                return endpoint
            },
            format: \.description)
    }

    /// HOST or HOST:PORT, with the port of sFlow unless given. A name, for an SRV record cannot have an address (RFC 2782).
    static var collector: SettingKind {
        SettingKind(
            expected: "a host name, or NAME:PORT; records cannot have addresses", placeholder: "NAME[:PORT]",
            parse: { text in
                let endpoint = text.utf8.contains(UInt8(ascii: ":")) ? parseEndpoint(text) : parseEndpoint(text + ":6343")
                guard let endpoint, !isIPv6(endpoint.host), endpoint.host.utf8.contains(where: isLetter) else { return nil }
                return endpoint
            },
            format: \.description)
    }
}

private func isLetter(_ byte: UInt8) -> Bool { (0x61...0x7A).contains(byte | 0x20) }

/// Letters, digits, dots, hyphens and the underscores that real networks have; at most 253 bytes (RFC 1035 section
/// 2.3.4). IPv4 addresses are among them.
private func isHostName(_ text: String) -> Bool {
    (1...253).contains(text.utf8.count) && text.utf8.first != UInt8(ascii: "-")
        && text.utf8.allSatisfy { isAlphanumeric($0) || "._-".utf8.contains($0) }
}

private func isIPv4(_ text: String) -> Bool {
    let parts = text.split(separator: ".", omittingEmptySubsequences: false)
    return parts.count == 4 && parts.allSatisfy { $0.utf8.allSatisfy { (0x30...0x39).contains($0) } && UInt8($0) != nil }
}

/// The characters of an IPv6 address with a zone (RFC 4007 section 11.2); whether it is one, the system says when it
/// is used.
private func isIPv6(_ text: String) -> Bool {
    (2...64).contains(text.utf8.count) && text.utf8.contains(UInt8(ascii: ":"))
        && text.utf8.allSatisfy { isAlphanumeric($0) || ":.%_-".utf8.contains($0) }
}

private func isAlphanumeric(_ byte: UInt8) -> Bool {
    (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
}
