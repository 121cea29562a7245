// Sets of configured texts, and the question whether a value is one of them: lists in filters, and maps.
//
// A configured text is a value of whatever kind it can be read as: `10.0.0.1` an address and a text, `000000010` a bit
// string, a number and a text. Each reading is packed as a key component would be, and a value of a sample is looked up
// by its packed form. So comparing needs no text of the value, and all spellings of an address or MAC are equal.

internal import Bytes

/// Packed components with a number for each, in an open-addressing hash table. Immutable once made.
struct ValueIndex: Sendable {
    private struct Entry: BitwiseCopyable {
        var hash: UInt64
        var start: UInt32
        var byteCount: UInt16
        var label: Int32
    }

    private var entries: [Entry] = []
    private var bytes: [UInt8] = []
    /// Places in `entries`, -1 for none; a power of two long and at most half full.
    private var slots: [Int32] = [-1, -1]
    private let seed: UInt64
    /// The one entry's number when there is only one and it reads as a number: most comparisons.
    private(set) var onlyNumber: UInt64?

    /// - Parameter seed: of the hash. Values come from packets.
    init(_ texts: [(text: String, label: Int32)], seed: UInt64) {
        self.seed = seed
        var packed = FixedBytes(capacity: FlowLimits.packedKeyBytes + 64)
        var text = FixedBytes(capacity: FlowLimits.valueTextBytes)
        for (string, label) in texts {
            for reading in ValueIndex.readings(of: string, &text) {
                packed.removeAll()
                packed.pack(reading, text: text)
                insert(packed, label)
            }
        }
        if texts.count == 1, let only = ValueIndex.number(texts[0].text) { onlyNumber = only }
    }

    /// The number that was given with the value's text, -1 if no text is equal. Of equal texts the last counts.
    func label(of packed: borrowing FixedBytes) -> Int32 {
        let hash = packed.hash(seed: seed)
        var slot = Int(truncatingIfNeeded: hash) & (slots.count - 1)
        while slots[slot] >= 0 {
            let entry = entries[Int(slots[slot])]
            if entry.hash == hash, equals(entry, packed) { return entry.label }
            slot = (slot + 1) & (slots.count - 1)
        }
        return -1
    }

    private func equals(_ entry: Entry, _ packed: borrowing FixedBytes) -> Bool {
        guard Int(entry.byteCount) == packed.count else { return false }
        for index in 0..<packed.count where bytes[Int(entry.start) + index] != packed[index] { return false }
        return true
    }

    private mutating func insert(_ packed: borrowing FixedBytes, _ label: Int32) {
        let hash = packed.hash(seed: seed)
        var slot = Int(truncatingIfNeeded: hash) & (slots.count - 1)
        while slots[slot] >= 0 {
            let place = Int(slots[slot])
            if entries[place].hash == hash, equals(entries[place], packed) {
                entries[place].label = label
                return
            }
            slot = (slot + 1) & (slots.count - 1)
        }
        slots[slot] = Int32(truncatingIfNeeded: entries.count)
        entries.append(
            Entry(
                hash: hash, start: UInt32(truncatingIfNeeded: bytes.count),
                byteCount: UInt16(truncatingIfNeeded: packed.count), label: label))
        for index in 0..<packed.count { bytes.append(packed[index]) }
        if entries.count * 2 > slots.count { grow() }
    }

    private mutating func grow() {
        slots = Array(repeating: -1, count: slots.count * 2)
        for (place, entry) in entries.enumerated() {
            var slot = Int(truncatingIfNeeded: entry.hash) & (slots.count - 1)
            while slots[slot] >= 0 { slot = (slot + 1) & (slots.count - 1) }
            slots[slot] = Int32(truncatingIfNeeded: place)
        }
    }

    // MARK: Readings

    private static func readings(of string: String, _ text: inout FixedBytes) -> [Value] {
        text.removeAll()
        var readings = [text.appendText(string)]
        if let number = number(string) { readings.append(.number(number)) }
        if let address = IPAddress(string) { readings.append(.address(address)) }
        if let mac = mac(string) { readings.append(.mac(mac)) }
        if let prefix = prefix(string) { readings.append(prefix) }
        if let bits = bits(string) { readings.append(bits) }
        switch string {
        case "true", "yes": readings.append(.boolean(true))
        case "false", "no": readings.append(.boolean(false))
        default: break
        }
        if string.utf8.allSatisfy({ $0.isDigit || $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: "-") }),
            let float = Double(string)
        {
            readings.append(.float(float))
        }
        return readings.filter { !$0.isNull }
    }

    /// Decimal digits, leading zeros allowed.
    private static func number(_ string: String) -> UInt64? {
        string.utf8.allSatisfy(\.isDigit) ? UInt64(string) : nil
    }

    /// Twelve hexadecimal digits, in one run or in pairs with `:` or `-` between them.
    private static func mac(_ string: String) -> MACAddress? {
        let digits = Array(string.utf8)
        let isPaired = digits.count == 17
        guard digits.count == 12 || isPaired else { return nil }
        var bits: UInt64 = 0
        for (index, digit) in digits.enumerated() {
            if isPaired, index % 3 == 2 {
                guard digit == UInt8(ascii: ":") || digit == UInt8(ascii: "-") else { return nil }
            } else if digit.isLetterOrDigit, let nibble = Character(Unicode.Scalar(digit)).hexDigitValue {
                bits = bits << 4 | UInt64(nibble)
            } else {
                return nil
            }
        }
        return MACAddress(bits)
    }

    private static func prefix(_ string: String) -> Value? {
        let parts = string.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2, let address = IPAddress(String(parts[0])), parts[1].utf8.count <= 3,
            parts[1].utf8.allSatisfy(\.isDigit), let length = UInt32(parts[1])
        else { return nil }
        return .prefix(of: address, length: length)
    }

    private static func bits(_ string: String) -> Value? {
        guard (1...16).contains(string.utf8.count), let bits = UInt16(string, radix: 2),
            string.utf8.allSatisfy({ $0 == UInt8(ascii: "0") || $0 == UInt8(ascii: "1") })
        else { return nil }
        return .bits(bits, UInt8(string.utf8.count))
    }
}
