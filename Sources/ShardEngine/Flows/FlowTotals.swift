// The values of logged flows: over a whole record, where those of a flow table are of the last few seconds.

internal import FlowLanguage

struct FlowTotals {
    let functions: [ValueFunction]
    var cells: [Cell] = []
    var counters: [Int: DistinctCounter] = [:]

    /// A sum, or the one number that is kept, and from how many samples.
    struct Cell: BitwiseCopyable {
        var number = 0.0
        var samples = 0.0
    }

    /// - Parameter functions: of the definition's value and of its further values.
    init(functions: [ValueFunction]) { self.functions = functions }

    mutating func clear(_ slot: Int) {
        let first = slot * functions.count
        if first >= cells.count { cells += repeatElement(Cell(), count: first + functions.count - cells.count) }
        for index in functions.indices {
            cells[first + index] = Cell()
            if functions[index] == .count { counters[first + index] = nil }
        }
    }

    mutating func add(_ match: borrowing FlowMatch, to slot: Int, at arrival: Int64) {
        for (index, function) in functions.enumerated() {
            let operand = index == 0 ? match.value : match.values[index - 1]
            if operand.isPresent { add(operand, function, Double(match.scale), to: slot * functions.count + index, arrival) }
        }
    }

    private mutating func add(
        _ operand: FlowOperand, _ function: ValueFunction, _ scale: Double, to index: Int, _ arrival: Int64
    ) {
        let isFirst = cells[index].samples == 0
        cells[index].samples += 1
        switch function {
        case .rate: cells[index].number += operand.number * scale
        case .avg: cells[index].number += operand.number
        case .min: cells[index].number = isFirst ? operand.number : Swift.min(cells[index].number, operand.number)
        case .max: cells[index].number = isFirst ? operand.number : Swift.max(cells[index].number, operand.number)
        case .last: cells[index].number = operand.number
        case .count: counters[index, default: DistinctCounter()].add(operand.hash, at: arrival, window: .max)
        }
    }

    /// All values of a flow; 0 where no sample had one.
    func values(of slot: Int) -> [Double] {
        functions.indices.map { index in
            let place = slot * functions.count + index
            let value: Double =
                switch functions[index] {
                case .rate, .min, .max, .last: cells[place].number
                case .avg: cells[place].number / cells[place].samples
                case .count: counters[place]?.estimate(at: 0, window: .max) ?? 0
                }
            return value.isFinite ? value : 0
        }
    }
}
