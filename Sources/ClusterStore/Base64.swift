// Base64 (RFC 4648 section 4) as both APIs carry bytes in JSON. Strict when reading: these are machines' texts.

enum Base64 {
    private static let letters = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
    private static let pad = UInt8(ascii: "=")

    /// Value of each letter; nil for what is none.
    private static let values = {
        var values = [UInt8?](repeating: nil, count: 256)
        for (value, letter) in letters.enumerated() { values[Int(letter)] = UInt8(value) }
        return values
    }()

    static func text(_ bytes: [UInt8]) -> String {
        var text: [UInt8] = []
        text.reserveCapacity((bytes.count + 2) / 3 * 4)
        for start in stride(from: 0, to: bytes.count, by: 3) {
            let count = min(3, bytes.count - start)
            var group: UInt32 = 0
            for index in 0..<3 { group = group << 8 | (index < count ? UInt32(bytes[start + index]) : 0) }
            for index in 0..<4 {
                text.append(index <= count ? letters[Int(group >> (18 - 6 * UInt32(index)) & 63)] : pad)
            }
        }
        return String(decoding: text, as: UTF8.self)
    }

    /// nil for a text that is not Base64.
    static func bytes(_ text: String) -> [UInt8]? {
        let letters = Array(text.utf8)
        guard letters.count % 4 == 0 else { return nil }
        let padding = letters.suffix(2).reversed().prefix { $0 == pad }.count
        var bytes: [UInt8] = []
        bytes.reserveCapacity(letters.count / 4 * 3)
        var group: UInt32 = 0
        for (index, letter) in letters.dropLast(padding).enumerated() {
            guard let value = values[Int(letter)] else { return nil }
            group = (group << 6 | UInt32(value)) & 0xFF_FFFF
            // A letter has 6 bits: the second, third and fourth of four each complete a byte.
            switch index % 4 {
            case 1: bytes.append(UInt8(group >> 4 & 0xFF))
            case 2: bytes.append(UInt8(group >> 2 & 0xFF))
            case 3: bytes.append(UInt8(group & 0xFF))
            default: break
            }
        }
        return bytes
    }
}
