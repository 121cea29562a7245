// The walk over a filter's tests.

internal import Bytes

extension CompiledFlow {
    /// Whether the filter accepts the sample. Complexity: each test at most once, since a test only leads to later
    /// ones.
    func passes(
        _ facts: borrowing SampleFacts, _ datagram: RawSpan, _ header: RawSpan, _ scratch: inout Scratch
    ) -> Bool {
        var place = program.filterEntry
        while place >= 0 {
            let test = program.tests[Int(place)]
            scratch.text.removeAll()
            let value = value(of: test.expression, facts, datagram, header, &scratch)
            place = holds(test, value, &scratch) ? test.onTrue : test.onFalse
        }
        return place == Test.accept
    }

    @inline(__always)
    private func holds(_ test: Test, _ value: Value, _ scratch: inout Scratch) -> Bool {
        switch test.code {
        case .isNumber:
            if value.kind == .number { return value.low == test.constant }
            return value.kind == .text && scratch.text.decimalNumber(value.textRange) == test.constant
        case .isNull: return value.isNull
        case .isOneOf:
            guard !value.isNull else { return test.includesNull }
            return label(of: value, in: program.indexes[Int(test.table)], &scratch) >= 0
        case .matches:
            guard !value.isNull else { return false }
            return matches(test, value, &scratch)
        }
    }

    private func matches(_ test: Test, _ value: Value, _ scratch: inout Scratch) -> Bool {
        let range = scratch.text.appendText(of: value).textRange
        for place in test.table..<test.table + test.tableCount {
            if program.patterns[Int(place)].matches(range, of: scratch.text, &scratch.patterns) { return true }
        }
        return false
    }

    /// The number that an index has for a value, -1 for none.
    func label(of value: Value, in index: ValueIndex, _ scratch: inout Scratch) -> Int32 {
        scratch.probe.removeAll()
        scratch.probe.pack(value, text: scratch.text)
        return index.label(of: scratch.probe)
    }
}
