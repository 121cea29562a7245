// Splitting a request target, alike for both protocols.

/// The path and the query of a request target (RFC 9112, section 3.2), both still percent-encoded.
struct RequestTarget: Equatable {
    var path: String
    var query: String?

    /// Takes the origin form (`/a?b`), the absolute form (`http://host/a?b`, as sent to proxies) and `*`; drops a
    /// fragment, which has no business here. Nil for anything else.
    init?(_ target: String) {
        var rest = Substring(target)
        if !rest.utf8.starts(with: "/".utf8) && rest != "*" {
            guard let authority = Self.afterScheme(rest) else { return nil }
            rest = authority.drop { $0 != "/" && $0 != "?" && $0 != "#" }
        }
        rest = rest.prefix { $0 != "#" }
        let path = rest.prefix { $0 != "?" }
        self.path = path.isEmpty ? "/" : String(path)
        query = path.endIndex < rest.endIndex ? String(rest[rest.index(after: path.endIndex)...]) : nil
    }

    private static func afterScheme(_ target: Substring) -> Substring? {
        for scheme in ["http://", "https://"] where equalIgnoringCase(target.prefix(scheme.count), scheme) {
            return target.dropFirst(scheme.count)
        }
        return nil
    }
}
