/// The kinds of settings that are numbers: whole numbers, numbers, sizes in bytes.
extension SettingKind where Value == Int {
    static func integer(_ range: ClosedRange<Int>, _ placeholder: String = "N") -> SettingKind {
        SettingKind(
            expected: range.upperBound == .max
                ? "a whole number from \(range.lowerBound)"
                : "a whole number from \(range.lowerBound) to \(range.upperBound)",
            placeholder: placeholder,
            parse: { text in Int(text).flatMap { range.contains($0) ? $0 : nil } },
            format: { String($0) })
    }

    /// A size in bytes, written plainly or with K, M or G for powers of 1024.
    static func bytes(_ range: ClosedRange<Int>) -> SettingKind {
        SettingKind(
            expected: "a size in bytes from \(sizeText(range.lowerBound)) to \(sizeText(range.upperBound)), "
                + "such as 65536, 64K or 16M",
            placeholder: "BYTES",
            parse: { text in sizeBytes(text).flatMap { range.contains($0) ? $0 : nil } },
            format: sizeText)
    }
}

extension SettingKind where Value == Double {
    static func number(_ range: ClosedRange<Double>, _ placeholder: String = "N") -> SettingKind {
        SettingKind(
            expected: "a number from \(numberText(range.lowerBound)) to \(numberText(range.upperBound))",
            placeholder: placeholder,
            parse: { text in
                guard text.utf8.count <= 64, text.utf8.allSatisfy(isDecimal), let value = Double(text),
                    range.contains(value)
                else { return nil }
                return value
            },
            format: numberText)
    }

    /// A time in seconds, fractions allowed.
    static func seconds(_ range: ClosedRange<Double>) -> SettingKind {
        let number = SettingKind.number(range, "SECONDS")
        return SettingKind(
            expected: number.expected + " (seconds)", placeholder: number.placeholder,
            parse: number.parse, format: number.format)
    }
}

/// The units of a size in bytes, largest first.
private let sizeUnits: [(letter: UInt8, shift: Int)] = [
    (UInt8(ascii: "G"), 30), (UInt8(ascii: "M"), 20), (UInt8(ascii: "K"), 10),
]

private func sizeBytes(_ text: String) -> Int? {
    // 0x20 is the bit between upper and lower case.
    guard let last = text.utf8.last, let unit = sizeUnits.first(where: { $0.letter == last & ~0x20 }) else {
        return Int(text)
    }
    guard let count = Int(Substring(text.utf8.dropLast())) else { return nil }
    let (bytes, overflow) = count.multipliedReportingOverflow(by: 1 << unit.shift)
    return overflow ? nil : bytes
}

@Sendable private func sizeText(_ bytes: Int) -> String {
    guard bytes != 0, let unit = sizeUnits.first(where: { bytes % (1 << $0.shift) == 0 }) else { return String(bytes) }
    return String(bytes >> unit.shift) + String(Unicode.Scalar(unit.letter))
}

/// `Double.init` alone would take "nan", "infinity" and hexadecimal.
private func isDecimal(_ byte: UInt8) -> Bool {
    (0x30...0x39).contains(byte) || "+-.eE".utf8.contains(byte)
}

/// Without the ".0" of a whole number.
@Sendable private func numberText(_ value: Double) -> String {
    Int(exactly: value).map(String.init) ?? value.description
}
