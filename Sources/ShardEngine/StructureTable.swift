// The values of one counter structure for all data sources of one agent: row-major arrays, one row a data source, so
// that the metrics that arrive together lie together, share one time stamp, and a query that scans a metric over all
// ports walks memory in order.

package struct StructureTable: Sendable {
    /// Which structure, and which instance of it (0 for structures without instances).
    package struct Key: Hashable, Comparable, Sendable, BitwiseCopyable {
        package let structure: StructureID
        package let instance: UInt32

        package static func < (a: Key, b: Key) -> Bool {
            a.structure != b.structure ? a.structure < b.structure : a.instance < b.instance
        }
    }

    /// What a row keeps besides its values.
    struct RowState: Sendable, BitwiseCopyable {
        /// The data source, as its place in the agent's list.
        var source: Int32
        /// Whether `counterWords` holds the values of an uninterrupted series.
        var hasBaseline = false
        /// The agent's uptime in the record's datagram. Unit: milliseconds.
        var uptimeMilliseconds: UInt32 = 0
        /// Arrival of the last record. Unit: nanoseconds since the Unix epoch.
        var arrival: Int64 = 0
        /// Between the last two records; 0 when there was only one. Unit: nanoseconds.
        var interval: Int64 = 0
    }

    let key: Key
    let numberCount: Int, counterWordCount: Int, textCount: Int
    var rows: [RowState] = []
    /// Row of each data source, -1 for none.
    private var rowOfSource: [Int32] = []
    /// `numberCount` a row; NaN is "absent".
    var numbers: [Double] = []
    /// `counterWordCount` a row: the counters' last values, as on the wire in one word or two.
    var counterWords: [UInt32] = []
    /// `textCount` a row; empty is "absent".
    var texts: [String] = []

    init(key: Key, structure: CompiledStructure) {
        self.key = key
        numberCount = structure.numberCount
        counterWordCount = structure.counterWordCount
        textCount = structure.textCount
    }

    func row(ofSource source: Int) -> Int? {
        guard source < rowOfSource.count, rowOfSource[source] >= 0 else { return nil }
        return Int(rowOfSource[source])
    }

    /// The row of a data source, a new empty one when it has none or when what it holds has expired.
    mutating func openRow(source: Int, arrival: Int64, expiry: Expiry) -> Int {
        if let row = row(ofSource: source) {
            if !isVisible(row, asOf: arrival, expiry: expiry) { clear(row) }
            return row
        }
        if source >= rowOfSource.count {
            rowOfSource += repeatElement(-1, count: source + 1 - rowOfSource.count)
        }
        reserveForOneMore()
        rowOfSource[source] = Int32(truncatingIfNeeded: rows.count)
        rows.append(RowState(source: Int32(truncatingIfNeeded: source)))
        numbers += repeatElement(.nan, count: numberCount)
        counterWords += repeatElement(0, count: counterWordCount)
        texts += repeatElement("", count: textCount)
        return rows.count - 1
    }

    func isVisible(_ row: Int, asOf: Int64, expiry: Expiry) -> Bool {
        asOf - rows[row].arrival <= expiry.lifetime(interval: rows[row].interval)
    }

    /// Notes that a record has been taken in.
    mutating func stamp(_ row: Int, arrival: Int64, uptimeMilliseconds: UInt32) {
        rows[row].interval = rows[row].arrival == 0 ? 0 : max(0, arrival - rows[row].arrival)
        rows[row].arrival = arrival
        rows[row].uptimeMilliseconds = uptimeMilliseconds
        rows[row].hasBaseline = true
    }

    /// The counters' series was interrupted: rates stay as they are, the next record only sets new start values.
    mutating func dropBaseline(source: Int) {
        if let row = row(ofSource: source) { rows[row].hasBaseline = false }
    }

    /// Removes rows that no query can see any more. Only memory changes: a removed row and an expired one read the same.
    mutating func removeExpired(asOf: Int64, expiry: Expiry) {
        var row = rows.count - 1
        while row >= 0 {
            if !isVisible(row, asOf: asOf, expiry: expiry) { remove(row) }
            row -= 1
        }
    }

    private mutating func clear(_ row: Int) {
        rows[row] = RowState(source: rows[row].source)
        for index in row * numberCount..<(row + 1) * numberCount { numbers[index] = .nan }
        for index in row * textCount..<(row + 1) * textCount { texts[index] = "" }
    }

    /// Takes the last row's place into the removed one's.
    private mutating func remove(_ row: Int) {
        let last = rows.count - 1
        rowOfSource[Int(rows[row].source)] = -1
        if row != last {
            rowOfSource[Int(rows[last].source)] = Int32(truncatingIfNeeded: row)
            rows[row] = rows[last]
            for index in 0..<numberCount { numbers[row * numberCount + index] = numbers[last * numberCount + index] }
            for index in 0..<counterWordCount {
                counterWords[row * counterWordCount + index] = counterWords[last * counterWordCount + index]
            }
            for index in 0..<textCount { texts[row * textCount + index] = texts[last * textCount + index] }
        }
        rows.removeLast()
        numbers.removeLast(numberCount)
        counterWords.removeLast(counterWordCount)
        texts.removeLast(textCount)
    }

    /// Grows by an eighth instead of doubling: tables hold as many rows as a switch has ports, soon and for good.
    private mutating func reserveForOneMore() {
        guard rows.count == rows.capacity else { return }
        let capacity = rows.count + max(4, rows.count / 8)
        rows.reserveCapacity(capacity)
        numbers.reserveCapacity(capacity * numberCount)
        counterWords.reserveCapacity(capacity * counterWordCount)
        texts.reserveCapacity(capacity * textCount)
    }
}
