// The values of a flow table's entries beside plain rates: means, extremes, latest and distinct values, and the further
// values of a definition. Only tables whose definition asks for such have these.

internal import FlowLanguage

struct FlowValues {
    /// The definition's value and its further values.
    let functions: [ValueFunction]
    /// Unit: nanoseconds.
    let smoothing: Double
    /// Beyond all fields but those of hostile named flows; sums of such stay finite.
    private static let numberMax = 1e30
    var cells: [Cell] = []
    var counters: [Int: DistinctCounter] = [:]

    /// State of one value of one flow. What `a` and `b` are depends on the function: a decayed sum and the decayed number
    /// of its terms, or the extreme and the one of the window before.
    struct Cell: BitwiseCopyable {
        var a = 0.0, b = 0.0
        /// Time that the sums refer to, in nanoseconds since the Unix epoch; of extremes the number of the window.
        var time: Int64 = 0
    }

    init(functions: [ValueFunction], seconds: Double) {
        self.functions = functions
        smoothing = seconds * 1e9
    }

    mutating func add(_ match: borrowing FlowMatch, to place: Int, isNew: Bool, at arrival: Int64) {
        let first = place * functions.count
        if first + functions.count > cells.count {
            cells += repeatElement(Cell(), count: first + functions.count - cells.count)
        }
        for (index, function) in functions.enumerated() {
            let operand = index == 0 ? match.value : match.values[index - 1]
            if isNew {
                cells[first + index] = Cell(a: .nan, b: .nan)
                counters[first + index] = nil
            }
            guard operand.isPresent else { continue }
            var bounded = operand
            bounded.number = Swift.min(Swift.max(-FlowValues.numberMax, operand.number), FlowValues.numberMax)
            add(bounded, function, Double(match.scale), to: first + index, at: arrival)
        }
    }

    private mutating func add(
        _ operand: FlowOperand, _ function: ValueFunction, _ scale: Double, to index: Int, at arrival: Int64
    ) {
        switch function {
        case .rate:
            cells[index].a += operand.number * scale * decay(index, to: arrival)
        case .avg:
            let weight = decay(index, to: arrival)
            cells[index].a += operand.number * weight
            cells[index].b += weight
        case .min: extend(index, operand.number, arrival, by: Swift.min)
        case .max: extend(index, operand.number, arrival, by: Swift.max)
        case .last: cells[index] = Cell(a: operand.number, b: 0, time: arrival)
        case .count:
            counters[index, default: DistinctCounter()].add(operand.hash, at: arrival, window: Int64(smoothing))
        }
    }

    /// Brings decayed sums to a later time.
    /// - Returns: the weight of a sample of that time: 1, and less for one that comes late.
    private mutating func decay(_ index: Int, to arrival: Int64) -> Double {
        guard !cells[index].a.isNaN else {
            cells[index] = Cell(a: 0, b: 0, time: arrival)
            return 1
        }
        guard arrival > cells[index].time else {
            return exponential(-Double(cells[index].time - arrival) / smoothing)
        }
        let factor = exponential(-Double(arrival - cells[index].time) / smoothing)
        cells[index].a *= factor
        cells[index].b *= factor
        cells[index].time = arrival
        return 1
    }

    /// Extremes of the window at hand and the one before. Windows are one time constant long and begin at its multiples,
    /// so that between one and two time constants are covered, whenever samples come.
    private mutating func extend(
        _ index: Int, _ number: Double, _ arrival: Int64, by choose: (Double, Double) -> Double
    ) {
        let window = arrival / Int64(smoothing)
        if window > cells[index].time {
            let isNext = window == cells[index].time + 1
            cells[index] = Cell(a: .nan, b: isNext ? cells[index].a : .nan, time: window)
        }
        cells[index].a = cells[index].a.isNaN ? number : choose(cells[index].a, number)
    }

    /// When the definition's value of a flow, a number of distinct values, can change although no sample comes.
    func turns(of place: Int, at instant: Int64) -> [Int64] {
        counters[place * functions.count]?.turns(window: Int64(smoothing)).filter { $0 > instant } ?? []
    }

    /// A value of a flow; 0 where no sample had one.
    func value(_ index: Int, of place: Int, at instant: Int64) -> Double {
        let cell = cells[place * functions.count + index]
        let value: Double =
            switch functions[index] {
            case .rate: cell.a * exponential(-Double(instant - cell.time) / smoothing) / (smoothing * 1e-9)
            case .avg: cell.a / cell.b
            case .min: cell.b.isNaN ? cell.a : Swift.min(cell.a, cell.b)
            case .max: cell.b.isNaN ? cell.a : Swift.max(cell.a, cell.b)
            case .last: cell.a
            case .count: counters[place * functions.count + index]?.estimate(at: instant, window: Int64(smoothing)) ?? 0
            }
        return value.isFinite ? value : 0
    }
}
