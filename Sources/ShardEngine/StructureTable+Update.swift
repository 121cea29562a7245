// Taking a record into its row: numbers as received, counters as rates, texts when they have changed, formulas last.
// The rules for deltas are wire-format 7.7's.

internal import Bytes
internal import SFlow

/// When and how a record arrived, for the arithmetic of rates.
struct RecordArrival: Sendable, BitwiseCopyable {
    /// Unit: nanoseconds since the Unix epoch.
    var arrival: Int64
    var uptimeMilliseconds: UInt32
    /// From the start of the body to the start of the instance's element; 0 for whole records.
    var elementOffset: Int
}

extension StructureTable {
    /// Takes a record of at least the structure's minimum length into the row. `offsets` holds where each field starts
    /// when the structure is not of fixed size. Fields that are not there (an older, shorter form) become absent.
    mutating func update(
        row: Int, structure: CompiledStructure, body: RawSpan, offsets: [Int], at time: RecordArrival
    ) {
        let seconds = rateInterval(row, time)
        // The same structure twice in one sample: the first stands (wire-format 10.2).
        if seconds == 0, rows[row].arrival == time.arrival { return }
        let numberBase = row * numberCount, wordBase = row * counterWordCount
        let speedBefore = structure.speedNumber.map { numbers[numberBase + $0] } ?? .nan
        for step in structure.numberSteps {
            let offset = time.elementOffset + (step.offset ?? offsets[step.field])
            let number = numberBase + Int(step.number)
            switch step.origin {
            case .gauge, .mac:
                numbers[number] = step.wire.read(body, at: offset) * step.scale
            case .bit:
                numbers[number] = WireNumber.bit(body, at: offset, position: step.position)
            case .byte:
                numbers[number] = (try? body.uint8(at: offset + Int(step.position))).map(Double.init) ?? .nan
            case .counter32, .counter64:
                let word = wordBase + Int(step.counterWord)
                let reading = CounterReading.read(step, body, at: offset)
                guard let reading else {
                    numbers[number] = .nan
                    setCounter(.max, step, at: word)
                    continue
                }
                numbers[number] = reading.rate(
                    since: counter(step, at: word), previousRate: numbers[number], seconds: seconds,
                    limit: structure.speedNumber.flatMap { speed in
                        // The speed comes before the counters; either may have been in force.
                        step.plausibility.limit(
                            speed: Double.maximum(numbers[numberBase + speed], speedBefore), seconds: seconds)
                    }, scale: step.scale)
                if seconds != 0 { setCounter(reading.value, step, at: word) }
            }
        }
        updateTexts(row, structure, body, offsets, time.elementOffset)
        for formula in structure.formulas {
            numbers[numberBase + formula.result] = formula.value(numbers, base: numberBase)
        }
        if seconds != 0 {
            stamp(row, arrival: time.arrival, uptimeMilliseconds: time.uptimeMilliseconds)
        }
    }

    private func counter(_ step: CompiledStructure.NumberStep, at word: Int) -> UInt64 {
        let first = UInt64(counterWords[word])
        return step.origin == .counter32 ? first : first << 32 | UInt64(counterWords[word + 1])
    }

    /// Keeps as many of the value's lower bits as the counter has.
    private mutating func setCounter(_ value: UInt64, _ step: CompiledStructure.NumberStep, at word: Int) {
        if step.origin == .counter32 {
            counterWords[word] = UInt32(truncatingIfNeeded: value)
        } else {
            counterWords[word] = UInt32(truncatingIfNeeded: value >> 32)
            counterWords[word + 1] = UInt32(truncatingIfNeeded: value)
        }
    }

    /// Seconds between the row's last record and this one: the agent's own clock where it is plausible, else the
    /// arrival. nil when there is no uninterrupted series to compare with; 0 when no time has passed, so that the
    /// comparison has to wait for a later record.
    private func rateInterval(_ row: Int, _ time: RecordArrival) -> Double? {
        let last = rows[row]
        guard last.hasBaseline,
            !DatagramSequence.uptimeFell(from: last.uptimeMilliseconds, to: time.uptimeMilliseconds)
        else { return nil }
        let arrival = Double(time.arrival - last.arrival) * 1e-9
        let uptime = Double(time.uptimeMilliseconds &- last.uptimeMilliseconds) * 1e-3
        let interval = abs(uptime - arrival) <= 0.2 * arrival + 1 ? uptime : arrival
        return interval > 0 ? interval : 0
    }

    private mutating func updateTexts(
        _ row: Int, _ structure: CompiledStructure, _ body: RawSpan, _ offsets: [Int], _ base: Int
    ) {
        for step in structure.textSteps {
            let index = row * textCount + step.text
            switch step.origin {
            case .string(let field):
                WireText.update(&texts[index], body, at: base + offsets[field])
            case .uuid(let field):
                // The form before the erratum has a length word in front of the sixteen bytes.
                let end = field + 1 < offsets.count ? offsets[field + 1] : offsets[field] + 16
                WireText.updateUUID(&texts[index], body, at: base + (end - offsets[field] >= 16 ? end - 16 : body.byteCount))
            case .hexadecimal(let field):
                WireText.updateHexadecimal(&texts[index], body, at: base + offsets[field])
            case .part(let text, let part):
                texts[index] = VirtualNames.part(part, of: texts[row * textCount + text]) ?? ""
            }
        }
    }
}

extension WireNumber {
    /// The number at an offset; NaN when it is not there or has its kind's mark for "unknown" (wire-format 1.2).
    func read(_ body: RawSpan, at offset: Int) -> Double {
        switch self {
        case .unsigned32: (try? body.uint32(at: offset)).map { $0 == .max ? .nan : Double($0) } ?? .nan
        case .vlan: (try? body.uint32(at: offset)).map { $0 > 4095 ? .nan : Double($0) } ?? .nan
        case .signed32: (try? body.uint32(at: offset)).map { Double(Int32(bitPattern: $0)) } ?? .nan
        case .signed32OrLowest:
            (try? body.uint32(at: offset)).map { Int32(bitPattern: $0) == -.max ? .nan : Double(Int32(bitPattern: $0)) } ?? .nan
        case .percent: (try? body.uint32(at: offset)).map { $0 > 10_000 ? .nan : Double($0) / 100 } ?? .nan
        case .float32: (try? body.uint32(at: offset)).map(WireNumber.load) ?? .nan
        case .unsigned64: (try? body.uint64(at: offset)).map { $0 == .max ? .nan : Double($0) } ?? .nan
        case .mac: (try? body.mac(at: offset)).map { Double($0.bits) } ?? .nan
        case .bytes4: .nan
        }
    }

    /// Floats of the standard structures are load averages: −1, infinite, not a number or above 10⁶ mean unknown
    /// (wire-format 1.2 and 10.2).
    private static func load(_ bits: UInt32) -> Double {
        let value = Double(Float(bitPattern: bits))
        return value >= 0 && value <= 1e6 ? value : .nan
    }

    static func bit(_ body: RawSpan, at offset: Int, position: UInt8) -> Double {
        (try? body.uint32(at: offset)).map { Double($0 >> UInt32(position) & 1) } ?? .nan
    }
}

extension ColumnRule.Plausibility {
    /// The largest believable increase in so many seconds; nil when half the counter's range decides.
    func limit(speed: Double, seconds: Double?) -> Double? {
        guard let seconds, speed > 0 else { return nil }
        switch self {
        case .range: return nil
        case .octets: return 2 * speed / 8 * seconds
        case .packets: return 2 * speed / (8 * 64) * seconds
        }
    }
}

extension CompiledStructure.CompiledFormula {
    func value(_ numbers: [Double], base: Int) -> Double {
        var sum = 0.0, known = 0
        for index in plus where !numbers[base + index].isNaN {
            sum += numbers[base + index]
            known += 1
        }
        for index in minus where !numbers[base + index].isNaN {
            sum -= numbers[base + index]
            known += 1
        }
        guard known == plus.count + minus.count || unknownIsZero && known > 0 else { return .nan }
        guard !over.isEmpty else { return constant + scale * sum }
        var divisor = 0.0
        for index in over where !numbers[base + index].isNaN { divisor += numbers[base + index] }
        return divisor > 0 ? constant + scale * sum / divisor : .nan
    }
}
