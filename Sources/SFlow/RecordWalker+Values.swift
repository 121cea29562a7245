// Reading single fields, and telling values from the markers for "not available".

import Bytes

extension RecordWalker {
    /// Reads the field at `offset` and moves behind it.
    mutating func readValue(_ field: Field, _ body: RawSpan) throws(DecodeError) -> (FieldValue, isUnknown: Bool) {
        let start = offset
        switch field.type {
        case .u32, .i32, .f32, .percent, .prefixLength:
            let word = try body.word(at: start)
            offset += 4
            return interpret(word, field)
        case .u64:
            let value = try body.longWord(at: start)
            offset += 8
            return (.unsigned(value), field.isUnknown(value, maximum: UInt64.max))
        case .mac:
            let bits = try body.longWord(at: start) >> 16
            offset += 8
            return (.mac(MACAddress(bits)), false)
        case .unpaddedMAC:
            let high = UInt64(try body.word(at: start))
            let low = UInt64(try body.word(at: start + 2))
            offset += 6
            return (.mac(MACAddress(high << 16 | low & 0xFFFF)), false)
        case .ip4:
            let address = IPAddress(v4: try body.word(at: start))
            offset += 4
            return (.address(address), false)
        case .ip6:
            let address = IPAddress(v6High: try body.longWord(at: start), low: try body.longWord(at: start + 8))
            offset += 16
            return (.address(address), false)
        case .address:
            return unspecifiedIsUnknown(try readAddress(body))
        case .paddedNullAddress:
            guard try body.longWord(at: start) == 0 else { throw DecodeError(.badAddressType, at: start) }
            offset += 8
            return unspecifiedIsUnknown(nil)
        case .dataSource:
            let value = DataSource(classNumber: try body.word(at: start), index: try body.word(at: start + 4))
            offset += 8
            return (.dataSource(value), value == DataSource(classNumber: 0, index: 0))
        case .string(let limit):
            return try readText(body, limit: limit)
        case .opaque:
            let range = try readOpaque(body)
            return (.bytes(range), range.isEmpty)
        case .fixedOpaque(let count):
            let range = try take(count, body)
            return (.bytes(range), isZero(range, body))
        case .list, .flowRecords:
            // Never asked for: lists are walked, not read.
            return (.absent, true)
        }
    }

    private func interpret(_ word: UInt32, _ field: Field) -> (FieldValue, isUnknown: Bool) {
        switch field.type {
        case .i32:
            let value = Int32(bitPattern: word)
            return (.signed(Int64(value)), field.meaning == .valueOrLowest && value == -Int32.max)
        case .f32:
            let value = Double(Float(bitPattern: word))
            return (.float(value), !(value >= 0 && value <= 1_000_000))
        case .percent:
            return (.float(Double(word) / 100), word > 10000)
        case .prefixLength:
            return (.unsigned(UInt64(word)), word > prefixLengthMaximum)
        default:
            let isOutside = field.range.map { !$0.contains(word) } ?? false
            return (.unsigned(UInt64(word)), isOutside || field.isUnknown(UInt64(word), maximum: UInt64(UInt32.max)))
        }
    }

    /// An absent next hop comes as no address or as 0.0.0.0.
    private func unspecifiedIsUnknown(_ address: IPAddress?) -> (FieldValue, isUnknown: Bool) {
        (.address(address), address == nil || address == IPAddress(v4: 0))
    }

    private mutating func readAddress(_ body: RawSpan) throws(DecodeError) -> IPAddress? {
        let start = offset
        switch try body.word(at: start) {
        case 0:
            offset += 4
            return nil
        case 1:
            let address = IPAddress(v4: try body.word(at: start + 4))
            offset += 8
            prefixLengthMaximum = 32
            return address
        case 2:
            let address = IPAddress(v6High: try body.longWord(at: start + 4), low: try body.longWord(at: start + 12))
            offset += 20
            prefixLengthMaximum = 128
            return address
        default:
            throw DecodeError(.badAddressType, at: start)
        }
    }

    private mutating func readText(_ body: RawSpan, limit: Int) throws(DecodeError) -> (FieldValue, isUnknown: Bool) {
        let range = try readOpaque(body)
        do {
            let text = try body.text(at: range.lowerBound, count: range.count, limit: limit)
            return (.text(text), range.isEmpty)
        } catch {
            throw DecodeError(.fieldTruncated, at: error.offset)
        }
    }

    private mutating func readOpaque(_ body: RawSpan) throws(DecodeError) -> Range<Int> {
        let count = Int(try body.word(at: offset))
        offset += 4
        return try take(count, body)
    }

    /// Bytes and their padding. The padding may be missing where the body ends.
    private mutating func take(_ count: Int, _ body: RawSpan) throws(DecodeError) -> Range<Int> {
        let start = offset
        guard count <= body.byteCount - start else { throw DecodeError(.fieldTruncated, at: start) }
        offset = min(start + (count + 3) & ~3, body.byteCount)
        return start..<(start + count)
    }

    /// A uuid or identifier of zeros is unknown.
    private func isZero(_ range: Range<Int>, _ body: RawSpan) -> Bool {
        range.allSatisfy { (try? body.uint8(at: $0)) == 0 }
    }
}

extension Field {
    /// - Parameter maximum: all ones at the field's width.
    fileprivate func isUnknown(_ value: UInt64, maximum: UInt64) -> Bool {
        switch meaning {
        case .value, .valueOrLowest: false
        case .valueOrZero: value == 0
        case .valueOrAllOnes, .counter: value == maximum
        }
    }
}

extension RawSpan {
    func longWord(at offset: Int) throws(DecodeError) -> UInt64 {
        do { return try uint64(at: offset) } catch { throw DecodeError(.fieldTruncated, at: offset) }
    }
}
