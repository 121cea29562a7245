// The flows that a log follows, in a snapshot: in the order of their last samples, which decides who has to make room.

internal import FlowLanguage
internal import Wire

extension FlowLog {
    func write(into writer: inout WireWriter) {
        writer.write(unsigned: UInt64(count))
        var slot = oldest
        while slot != FlowLog.none {
            let flow = open[Int(slot)]
            writer.write(unsigned: UInt64(flow.place.source.magnitude))
            writer.write(bytes: flow.key)
            writer.write(signed: flow.start)
            writer.write(signed: flow.end)
            totals.write(Int(slot), into: &writer)
            slot = flow.newer
        }
    }

    /// Reads what was written into a log that is empty.
    mutating func read(
        _ reader: inout WireReader, _ bounds: AgentBounds, of definition: CompiledFlow, _ scratch: inout FlowMatch
    ) throws(WireError) {
        let count = try reader.count(minimumBytes: 4, limit: capacity)
        for _ in 0..<count {
            let source = try reader.place(below: bounds.sourceCount)
            let key = try reader.flowKey()
            let start = try reader.time(until: bounds.newest), end = try reader.time(until: bounds.newest)
            definition.fill(&scratch, key: key)
            let place = Place(source: Int32(truncatingIfNeeded: source), hash: scratch.hash)
            guard start <= end, slots[place] == nil else { throw reader.fault(.badValue) }
            let slot = Int(begin(place, key, at: start))
            open[slot].end = end
            try totals.read(slot, &reader)
        }
    }
}

extension FlowTotals {
    fileprivate func write(_ slot: Int, into writer: inout WireWriter) {
        for (index, function) in functions.enumerated() {
            let cell = slot * functions.count + index
            writer.write(numberOrNaN: cells[cell].number)
            writer.write(number: cells[cell].samples)
            if function == .count { writer.write(counters[cell]) }
        }
    }

    fileprivate mutating func read(_ slot: Int, _ reader: inout WireReader) throws(WireError) {
        for (index, function) in functions.enumerated() {
            let cell = slot * functions.count + index
            cells[cell] = Cell(number: try reader.numberOrNaN(), samples: try reader.amount())
            guard function == .count else { continue }
            counters[cell] = try reader.value()
            // The window is as long as time itself: its number is 0, or 1 at the very end.
            if let counter = counters[cell], counter.number > 1 { throw reader.fault(.badValue) }
        }
    }
}
