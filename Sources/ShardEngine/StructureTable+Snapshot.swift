// A counter structure's rows in a snapshot, by data source. Of the numbers only those that are there are written, behind a
// bit for each; the counters of an interrupted series mean nothing and are left out.

internal import Wire

extension StructureTable {
    /// Longest text, which may have grown where it was repaired. Unit: bytes.
    private static let textBytesMax = 4 * WireText.bytesMax

    func write(into writer: inout WireWriter) {
        writer.write(unsigned: UInt64(key.structure.index))
        writer.write(key.instance)
        writer.write(unsigned: UInt64(rows.count))
        for row in rows.indices.sorted(by: { rows[$0].source < rows[$1].source }) { write(row, into: &writer) }
    }

    private func write(_ row: Int, into writer: inout WireWriter) {
        let state = rows[row]
        writer.write(unsigned: UInt64(state.source.magnitude))
        writer.write(state.hasBaseline)
        writer.write(state.uptimeMilliseconds)
        writer.write(signed: state.arrival)
        writer.write(signed: state.interval)
        let numbers = numbers[row * numberCount..<(row + 1) * numberCount]
        var bits: UInt8 = 0
        for (index, number) in numbers.enumerated() {
            if !number.isNaN { bits |= 1 << UInt8(index % 8) }
            if index % 8 == 7 || index == numberCount - 1 {
                writer.write(byte: bits)
                bits = 0
            }
        }
        for number in numbers where !number.isNaN { writer.write(number: number) }
        if state.hasBaseline {
            for word in counterWords[row * counterWordCount..<(row + 1) * counterWordCount] { writer.write(word) }
        }
        for text in texts[row * textCount..<(row + 1) * textCount] { writer.write(text: text) }
    }

    init(
        key: Key, structure: CompiledStructure, expiry: Expiry, from reader: inout WireReader, _ bounds: AgentBounds
    ) throws(WireError) {
        self.init(key: key, structure: structure)
        let count = try reader.count(minimumBytes: 5, limit: bounds.sourceCount)
        guard count > 0 else { throw reader.fault(.badValue) }
        for _ in 0..<count {
            let source = try reader.place(below: bounds.sourceCount)
            guard row(ofSource: source) == nil else { throw reader.fault(.badValue) }
            try read(openRow(source: source, arrival: 0, expiry: expiry), &reader, bounds)
        }
    }

    private mutating func read(_ row: Int, _ reader: inout WireReader, _ bounds: AgentBounds) throws(WireError) {
        rows[row].hasBaseline = try reader.value()
        rows[row].uptimeMilliseconds = try reader.integer()
        rows[row].arrival = try reader.time(until: bounds.newest)
        rows[row].interval = try reader.time(until: bounds.newest)
        var present: [UInt8] = []
        for _ in 0..<(numberCount + 7) / 8 { present.append(try reader.byte()) }
        if numberCount % 8 > 0, let last = present.last, last >> UInt8(numberCount % 8) != 0 { throw reader.fault(.badValue) }
        for index in 0..<numberCount where present[index / 8] >> UInt8(index % 8) & 1 == 1 {
            numbers[row * numberCount + index] = try reader.finiteNumber()
        }
        if rows[row].hasBaseline {
            for index in 0..<counterWordCount { counterWords[row * counterWordCount + index] = try reader.integer() }
        }
        for index in 0..<textCount {
            let text = try reader.text()
            guard text.utf8.count <= StructureTable.textBytesMax else { throw reader.fault(.badValue) }
            texts[row * textCount + index] = text
        }
    }
}
