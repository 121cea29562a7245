// Content negotiation for the one coding we offer.

/// Whether a client's `Accept-Encoding` fields prefer gzip to the plain form (RFC 9110, section 12.5.3).
///
/// A missing field means no: old scripts that never heard of compression send none. `gzip;q=0` refuses it even beside
/// `*`; where `identity` is named with a higher weight than gzip, the client gets its wish. A weight that cannot be read
/// counts as 0, since the plain form is always safe.
func acceptsGzip(_ headers: HTTPHeaderFields) -> Bool {
    var gzip: Int?
    var any: Int?
    var identity: Int?
    for value in headers.values("accept-encoding") {
        for element in value.split(separator: ",") {
            let parts = element.split(separator: ";", omittingEmptySubsequences: false).map(trimmed)
            let weight = weightThousandths(parts.dropFirst())
            switch parts[0].lowercased() {
            case "gzip", "x-gzip": gzip = max(gzip ?? 0, weight)
            case "*": any = weight
            case "identity": identity = weight
            default: break
            }
        }
    }
    guard let wish = gzip ?? any, wish > 0 else { return false }
    return wish >= identity ?? 0
}

/// The `q` parameter in thousandths (RFC 9110, section 12.4.2: at most three digits after the point); 1000 when absent.
private func weightThousandths(_ parameters: ArraySlice<Substring>) -> Int {
    for parameter in parameters {
        let parts = parameter.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(trimmed)
        guard parts.count == 2, equalIgnoringCase(parts[0], "q") else { continue }
        let digits = parts[1].utf8
        guard let first = digits.first, first == UInt8(ascii: "0") || first == UInt8(ascii: "1") else { return 0 }
        let fraction = digits.dropFirst()
        guard fraction.isEmpty || fraction.first == UInt8(ascii: "."), fraction.count <= 4 else { return 0 }
        var weight = first == UInt8(ascii: "1") ? 1000 : 0
        var place = 100
        for digit in fraction.dropFirst() {
            guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(digit) else { return 0 }
            weight += Int(digit - UInt8(ascii: "0")) * place
            place /= 10
        }
        return min(weight, 1000)
    }
    return 1000
}
