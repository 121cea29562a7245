// The values of one flow in a snapshot, function by function.

internal import FlowLanguage
internal import Wire

extension FlowValues {
    func write(_ place: Int, into writer: inout WireWriter) {
        for (index, function) in functions.enumerated() {
            let cell = place * functions.count + index
            if function == .count {
                writer.write(counters[cell])
                continue
            }
            writer.write(numberOrNaN: cells[cell].a)
            writer.write(numberOrNaN: cells[cell].b)
            writer.write(signed: cells[cell].time)
        }
    }

    /// - Parameter newest: no time is later.
    mutating func read(_ place: Int, _ reader: inout WireReader, newest: Int64) throws(WireError) {
        let first = place * functions.count
        if first + functions.count > cells.count {
            cells += repeatElement(Cell(), count: first + functions.count - cells.count)
        }
        let newestWindow = newest / Int64(smoothing)
        for (index, function) in functions.enumerated() {
            if function == .count {
                counters[first + index] = try reader.value()
                if let counter = counters[first + index], counter.number > newestWindow { throw reader.fault(.badValue) }
                continue
            }
            let hasWindows = function == .min || function == .max
            cells[first + index] = Cell(
                a: try reader.numberOrNaN(), b: try reader.numberOrNaN(),
                time: try reader.time(until: hasWindows ? newestWindow : newest))
        }
    }
}
