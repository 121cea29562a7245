// `weir dns`: the records by which host agents find their collectors (DNS service discovery, RFC 6763), as lines of a zone file.
// Agents such as hsflowd ask their own domain for `_sflow._udp`: SRV says where to send, TXT how to sample.

internal import Settings

struct ServiceRecords {
    private let settings: Settings

    init(_ settings: Settings) { self.settings = settings }

    var text: String {
        let owner = "_sflow._udp" + (settings.domain.map { ".\($0)." } ?? "")
        // A lower priority is preferred (RFC 2782).
        let places = settings.collectors.enumerated().map { number, collector in
            line(owner, "SRV", "\(10 * number) 0 \(collector.port) \(absolute(collector.host))")
        }
        let parameters = ["txtvers=1", "sampling=\(settings.rate)", "polling=\(settings.polling)"].map { "\"\($0)\"" }
        return places.joined() + line(owner, "TXT", parameters.joined(separator: " "))
    }

    private func line(_ owner: String, _ type: String, _ data: String) -> String {
        "\(owner) \(settings.ttl) IN \(type) \(data)\n"
    }

    /// A name with a dot is meant whole; one without is of the zone that the records are put into.
    private func absolute(_ host: String) -> String {
        host.contains(".") && !host.hasSuffix(".") ? host + "." : host
    }
}
