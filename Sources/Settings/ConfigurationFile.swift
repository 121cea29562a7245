/// The text of a configuration file: `name = value` lines, blank lines, and lines whose first character is `#`.
///
/// The format is the part of Java's properties that sFlow-RT's `conf.d` files use. A `#` inside a value belongs to the
/// value, for flow filters may hold one. White space around name and value does not count; a byte order mark and
/// Windows line ends are accepted.
struct ConfigurationFile {
    struct Entry: Hashable {
        let name: String
        let value: String
        /// From 1.
        let line: Int
    }

    struct Fault: Hashable {
        let line: Int
        /// Continues "weir.conf line 3: ".
        let text: String
    }

    /// No reasonable line is longer, and error texts stay bounded.
    static let maximumLineBytes = 65_536
    /// A file with so many faults is something else, an image for instance: reading stops there.
    static let maximumFaultCount = 20

    private(set) var entries: [Entry] = []
    private(set) var faults: [Fault] = []

    init(_ bytes: [UInt8]) {
        var rest = bytes[...]
        if rest.starts(with: [0xEF, 0xBB, 0xBF]) { rest = rest.dropFirst(3) }
        var line = 0
        while !rest.isEmpty {
            line += 1
            let end = rest.firstIndex(of: UInt8(ascii: "\n")) ?? rest.endIndex
            readLine(rest[rest.startIndex..<end], number: line)
            rest = rest[end...].dropFirst()
            if faults.count >= ConfigurationFile.maximumFaultCount {
                if !rest.isEmpty { faults.append(Fault(line: line, text: "too many errors, the rest is not read")) }
                return
            }
        }
    }

    private mutating func readLine(_ bytes: ArraySlice<UInt8>, number: Int) {
        func fault(_ text: String) { faults.append(Fault(line: number, text: text)) }
        guard bytes.count <= ConfigurationFile.maximumLineBytes else {
            return fault("longer than \(ConfigurationFile.maximumLineBytes) bytes")
        }
        guard let line = String(validating: bytes, as: UTF8.self).map(trimmed) else { return fault("not UTF-8 text") }
        if line.isEmpty || line.utf8.first == UInt8(ascii: "#") { return }
        guard let equals = line.utf8.firstIndex(of: UInt8(ascii: "=")) else {
            return fault("expected name = value, found: \(printable(line))")
        }
        let name = trimmed(String(line[..<equals]))
        guard !name.isEmpty else { return fault("no name before =: \(printable(line))") }
        entries.append(Entry(name: name, value: trimmed(String(line[line.utf8.index(after: equals)...])), line: number))
    }
}
