/// One rule for names: from `sflow.port` follow `--sflow-port`, `WEIR_SFLOW_PORT` and `-Dsflow.port`, and all of them
/// lead back to it.
enum SettingName {
    static let environmentPrefix = "WEIR_"
    /// Longer names are nobody's; the bound keeps error texts and suggestions cheap.
    static let maximumBytes = 256

    /// The form in which names are compared: lower case, and `.`, `-` and `_` alike. Has as many bytes as `name`.
    static func normalised(_ name: String) -> String {
        String(decoding: name.utf8.map(normalisedByte), as: UTF8.self)
    }

    static func option(_ name: String) -> String {
        "--" + String(decoding: name.utf8.map { $0 == UInt8(ascii: ".") ? UInt8(ascii: "-") : $0 }, as: UTF8.self)
    }

    static func environmentVariable(_ name: String) -> String {
        environmentPrefix
            + String(
                decoding: name.utf8.map { isSeparator($0) ? UInt8(ascii: "_") : $0 }, as: UTF8.self
            ).uppercased()
    }

    private static func normalisedByte(_ byte: UInt8) -> UInt8 {
        if isSeparator(byte) { return UInt8(ascii: ".") }
        return (0x41...0x5A).contains(byte) ? byte | 0x20 : byte
    }

    private static func isSeparator(_ byte: UInt8) -> Bool { ".-_".utf8.contains(byte) }
}
