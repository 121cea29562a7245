// Vendors of MAC addresses, from the list that the IEEE publishes.

package import Bytes

/// Vendors by the first three bytes of a MAC address: the property `oui.names`, behind the key function `oui:`.
///
/// Reads the IEEE Registration Authority's list of MA-L assignments (oui.txt), of which only the lines
/// `00-00-0C   (hex)\t\tCisco Systems, Inc` count.
package struct OUINames: Sendable {
    private var file: ReloadableFile<[UInt32: String]>

    package init(path: String) throws(AddressDatabaseError) {
        file = try ReloadableFile(path: path) { (bytes, path) throws(AddressDatabaseError) in
            // Any byte of an integer is initialised.
            let names = OUILines.names(in: unsafe bytes.span.bytes)
            guard !names.isEmpty else {
                throw AddressDatabaseError(
                    reason: .wrongType, path: path,
                    detail: "expected the IEEE's oui.txt, with lines such as \"00-00-0C   (hex)  Cisco Systems, Inc\"")
            }
            return names
        }
    }

    /// Prefixes with a name.
    package var count: Int { file.contents.count }

    /// The name of the vendor; nil when its prefix is not in the list.
    package func name(of address: MACAddress) -> String? {
        name(ofVendor: UInt32(truncatingIfNeeded: address.bits >> 24))
    }

    /// - Parameter oui: the first 24 bits of a MAC address.
    package func name(ofVendor oui: UInt32) -> String? { file.contents[oui] }

    /// Reads the file anew if it was replaced; true when it was. Throws once about each replacement that cannot be
    /// used, and goes on with what it has.
    @discardableResult
    package mutating func reloadIfReplaced() throws(AddressDatabaseError) -> Bool { try file.reloadIfReplaced() }
}

enum OUILines {
    /// Names kept; the published list has 40,000, and 2^24 prefixes are possible.
    static let nameCountMax = 262_144
    static let nameBytesMax = 128
    /// `00-00-0C` and what makes it an assignment.
    private static let prefixBytes = 8
    private static let word = Array("(hex)".utf8)

    /// Names by prefix. Where a prefix is listed more than once, which the IEEE does for some early assignments, the
    /// first name counts. Lines that say something else are passed over.
    static func names(in bytes: RawSpan) -> [UInt32: String] {
        var names: [UInt32: String] = [:]
        var start = 0
        while start < bytes.byteCount, names.count < nameCountMax {
            var end = start
            while end < bytes.byteCount, !isByte("\n", bytes, end) { end += 1 }
            if let (prefix, name) = assignment(in: bytes, start..<end), names[prefix] == nil { names[prefix] = name }
            start = end + 1
        }
        return names
    }

    private static func assignment(in bytes: RawSpan, _ line: Range<Int>) -> (prefix: UInt32, name: String)? {
        guard line.count > prefixBytes, let prefix = prefix(in: bytes, at: line.lowerBound) else { return nil }
        var start = skipBlanks(bytes, (line.lowerBound + prefixBytes)..<line.upperBound)
        guard start + word.count <= line.upperBound, bytes.equals(word, at: start) else { return nil }
        start = skipBlanks(bytes, (start + word.count)..<line.upperBound)
        var end = line.upperBound
        while end > start, isBlank(bytes, end - 1) { end -= 1 }
        guard end > start, let name = try? bytes.text(at: start, count: end - start, limit: nameBytesMax) else {
            return nil
        }
        return (prefix, name)
    }

    /// Six hexadecimal digits in pairs, with hyphens.
    private static func prefix(in bytes: RawSpan, at offset: Int) -> UInt32? {
        var value: UInt32 = 0
        for index in 0..<prefixBytes {
            if index % 3 == 2 {
                guard isByte("-", bytes, offset + index) else { return nil }
                continue
            }
            guard let byte = try? bytes.uint8(at: offset + index), byte < 0x80,
                let digit = Character(UnicodeScalar(byte)).hexDigitValue
            else { return nil }
            value = value << 4 | UInt32(digit)
        }
        return value
    }

    private static func skipBlanks(_ bytes: RawSpan, _ range: Range<Int>) -> Int {
        var offset = range.lowerBound
        while offset < range.upperBound, isBlank(bytes, offset) { offset += 1 }
        return offset
    }

    /// Blank, tab, or the carriage return at the end of the IEEE's lines.
    private static func isBlank(_ bytes: RawSpan, _ offset: Int) -> Bool {
        isByte(" ", bytes, offset) || isByte("\t", bytes, offset) || isByte("\r", bytes, offset)
    }

    private static func isByte(_ scalar: Unicode.Scalar, _ bytes: RawSpan, _ offset: Int) -> Bool {
        (try? bytes.uint8(at: offset)) == UInt8(ascii: scalar)
    }
}
