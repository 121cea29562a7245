/// Names of definitions are segments of paths, names of metrics and arguments of key functions, so few characters are
/// safe everywhere.
enum DefinitionName {
    static func check(_ name: String, of kind: DefinitionKind) throws(DefinitionError) {
        guard !name.isEmpty else { throw DefinitionError(.badName, at: "", "the name of a \(kind.rawValue) is empty") }
        guard name.utf8.count <= DefinitionLimits.nameBytes else {
            throw DefinitionError(
                .badName, at: "", "the name \(shown(name)) is longer than \(DefinitionLimits.nameBytes) characters")
        }
        // In a metric name, a dot ends the data source.
        guard name.utf8.allSatisfy({ isAllowed($0) || kind != .flow && $0 == UInt8(ascii: ".") }) else {
            let characters = kind == .flow ? "letters, digits, _ and -" : "letters, digits, _, - and ."
            throw DefinitionError(
                .badName, at: "", "the name \(shown(name)) is not possible; use \(characters), without accents")
        }
    }

    private static func isAllowed(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"):
            true
        default: false
        }
    }
}
