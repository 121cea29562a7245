// The text format that Prometheus scrapes (exposition format 0.0.4): lines of `name{label="value"} number`.

internal import NIOCore

enum PrometheusText {
    /// A metric name: characters other than letters, digits and `_` become `_`.
    static func name(_ text: String) -> String {
        let name = String(
            decoding: text.utf8.map { isNameByte($0) ? $0 : UInt8(ascii: "_") }, as: UTF8.self)
        return name.utf8.first.map { (0x30...0x39).contains($0) } == true ? "_" + name : name
    }

    /// What stands before the lines of a metric.
    static func family(_ name: String, help: String, type: String) -> String {
        "# HELP \(name) \(escaped(help, quotes: false))\n# TYPE \(name) \(type)\n"
    }

    /// `a="b",c="d"` with the values escaped.
    static func labels(_ labels: [(name: String, value: String)]) -> String {
        labels.map { "\($0.name)=\"\(escaped($0.value))\"" }.joined(separator: ",")
    }

    /// - Parameter quotes: whether quotation marks are escaped as well, as in values of labels.
    private static func escaped(_ value: String, quotes: Bool = true) -> String {
        guard value.utf8.contains(where: { $0 == 0x5C || $0 == 0x22 || $0 == 0x0A }) else { return value }
        return value.unicodeScalars.reduce(into: "") { text, scalar in
            switch scalar {
            case "\\": text += "\\\\"
            case "\"" where quotes: text += "\\\""
            case "\n": text += "\\n"
            default: text.unicodeScalars.append(scalar)
            }
        }
    }

    private static func isNameByte(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte) || byte == 0x5F
    }
}

/// From `sFlowDatagramsReceived` to `sflow_datagrams_received`: as `/prometheus/analyzer` names the server's own figures.
func snakeCase(_ name: String) -> String {
    var words = ""
    for character in name.hasPrefix("sFlow") ? "Sflow" + name.dropFirst("sFlow".count) : name {
        if character.isUppercase, !words.isEmpty { words += "_" }
        words += character.lowercased()
    }
    return words
}
