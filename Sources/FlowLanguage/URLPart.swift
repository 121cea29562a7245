// The parts of a URL (RFC 3986 section 3), found in its text. Also of a request line (`GET /path HTTP/1.1`), which some
// agents send for a URL: there the target counts.

/// A part of a URL by its name in the function `uri`.
enum URLPart: String, CaseIterable {
    case scheme, authority, user, host, port, path, query, fragment

    /// Null where the URL has no such part. The parts are pieces of the text: nothing is decoded.
    func find(in url: Value, of text: borrowing FixedBytes) -> Value {
        guard url.kind == .text else { return .null }
        var rest = URLPart.target(url.textRange, text)
        let fragment = URLPart.cut(&rest, at: UInt8(ascii: "#"), text)
        let query = URLPart.cut(&rest, at: UInt8(ascii: "?"), text)
        var scheme: Range<Int>?
        if let colon = rest.first(where: { text[$0] == UInt8(ascii: ":") }),
            URLPart.isScheme(rest.lowerBound..<colon, text)
        {
            scheme = rest.lowerBound..<colon
            rest = colon + 1..<rest.upperBound
        }
        var authority: Range<Int>?
        if rest.count >= 2, text[rest.lowerBound] == UInt8(ascii: "/"), text[rest.lowerBound + 1] == UInt8(ascii: "/") {
            let start = rest.lowerBound + 2
            let end = (start..<rest.upperBound).first { text[$0] == UInt8(ascii: "/") } ?? rest.upperBound
            authority = start..<end
            rest = end..<rest.upperBound
        }
        switch self {
        case .scheme: return URLPart.value(scheme)
        case .path: return rest.isEmpty && authority == nil ? .null : .text(rest)
        case .query: return URLPart.value(query)
        case .fragment: return URLPart.value(fragment)
        case .authority, .user, .host, .port: return findInAuthority(authority, text)
        }
    }

    private func findInAuthority(_ authority: Range<Int>?, _ text: borrowing FixedBytes) -> Value {
        guard var host = authority, !host.isEmpty else { return .null }
        if self == .authority { return .text(host) }
        var user: Range<Int>?
        if let at = host.last(where: { text[$0] == UInt8(ascii: "@") }) {
            user = host.lowerBound..<at
            host = at + 1..<host.upperBound
        }
        var port: Range<Int>?
        // A colon inside the brackets of an IPv6 address begins no port.
        if let colon = host.last(where: { text[$0] == UInt8(ascii: ":") || text[$0] == UInt8(ascii: "]") }),
            text[colon] == UInt8(ascii: ":")
        {
            port = colon + 1..<host.upperBound
            host = host.lowerBound..<colon
        }
        switch self {
        case .user: return URLPart.value(user)
        case .port: return URLPart.value(port)
        default: return host.isEmpty ? .null : .text(host)
        }
    }

    private static func value(_ range: Range<Int>?) -> Value { range.map(Value.text) ?? .null }

    /// Splits off what stands behind the first `mark`.
    private static func cut(_ rest: inout Range<Int>, at mark: UInt8, _ text: borrowing FixedBytes) -> Range<Int>? {
        guard let place = rest.first(where: { text[$0] == mark }) else { return nil }
        defer { rest = rest.lowerBound..<place }
        return place + 1..<rest.upperBound
    }

    /// The middle of a request line; all of anything else.
    private static func target(_ range: Range<Int>, _ text: borrowing FixedBytes) -> Range<Int> {
        guard let first = range.first(where: { text[$0] == UInt8(ascii: " ") }) else { return range }
        let rest = first + 1..<range.upperBound
        let end = rest.first { text[$0] == UInt8(ascii: " ") } ?? rest.upperBound
        return rest.lowerBound..<end
    }

    private static func isScheme(_ range: Range<Int>, _ text: borrowing FixedBytes) -> Bool {
        guard let first = range.first, text[first] | 0x20 >= UInt8(ascii: "a"), text[first] | 0x20 <= UInt8(ascii: "z")
        else { return false }
        return range.allSatisfy { index in
            let byte = text[index]
            return byte.isLetterOrDigit || byte == UInt8(ascii: "+") || byte == UInt8(ascii: "-")
                || byte == UInt8(ascii: ".")
        }
    }
}

extension UInt8 {
    var isDigit: Bool { self >= UInt8(ascii: "0") && self <= UInt8(ascii: "9") }

    /// ASCII only.
    var isLetterOrDigit: Bool {
        isDigit || (self | 0x20 >= UInt8(ascii: "a") && self | 0x20 <= UInt8(ascii: "z"))
    }
}
