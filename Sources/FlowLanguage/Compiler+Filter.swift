// From conditions to tests: each says what to ask and which test to go on with, so that a filter is a walk without
// recursion that stops at the first test that decides.

extension Compiler {
    mutating func compileFilter(_ text: String) throws(FlowSyntaxError) {
        var filter = try FilterReader(text)
        guard let condition = try filter.read() else { return }
        program.filterEntry = try emit(
            condition, onTrue: Test.accept, onFalse: Test.reject, filter.reader)
    }

    /// Built from the end: where to go on with is known before the test is.
    /// - Returns: the first test of the condition.
    private mutating func emit(
        _ condition: Condition, onTrue: Int32, onFalse: Int32, _ reader: TermReader
    ) throws(FlowSyntaxError) -> Int32 {
        switch condition {
        case .not(let inner): return try emit(inner, onTrue: onFalse, onFalse: onTrue, reader)
        case .all(let conditions):
            var entry = onTrue
            for condition in conditions.reversed() {
                entry = try emit(condition, onTrue: entry, onFalse: onFalse, reader)
            }
            return entry
        case .any(let conditions):
            var entry = onFalse
            for condition in conditions.reversed() {
                entry = try emit(condition, onTrue: onTrue, onFalse: entry, reader)
            }
            return entry
        case .compare(let comparison):
            let (onTrue, onFalse) = comparison.isNegated ? (onFalse, onTrue) : (onTrue, onFalse)
            return try emit(comparison, onTrue: onTrue, onFalse: onFalse, reader)
        }
    }

    private mutating func emit(
        _ comparison: Comparison, onTrue: Int32, onFalse: Int32, _ reader: TermReader
    ) throws(FlowSyntaxError) -> Int32 {
        let subject = try compile(comparison.subject, reader).place
        var test = Test(code: .isNull, expression: subject, onTrue: onTrue, onFalse: onFalse)
        if comparison.isPattern {
            test.code = .matches
            test.table = Int32(truncatingIfNeeded: program.patterns.count)
            test.tableCount = Int32(truncatingIfNeeded: comparison.items.count)
            for item in comparison.items { program.patterns.append(try compilePattern(item, reader)) }
            return append(test)
        }
        // `null` among the values asks for absence; a text "null" is equal to it as well.
        test.includesNull = comparison.items.contains { $0.text == "null" }
        if comparison.items.count == 1, test.includesNull, program.ops[Int(subject)].code == .key {
            return append(test)
        }
        let index = ValueIndex(comparison.items.map { ($0.text, 0) }, seed: seed)
        if let number = index.onlyNumber, isNumericKey(subject) {
            test.code = .isNumber
            test.constant = number
            return append(test)
        }
        test.code = .isOneOf
        test.table = Int32(truncatingIfNeeded: program.indexes.count)
        program.indexes.append(index)
        return append(test)
    }

    private mutating func append(_ test: Test) -> Int32 {
        program.tests.append(test)
        return Int32(truncatingIfNeeded: program.tests.count - 1)
    }

    /// Whether the key's values are numbers whatever the sample: a plain key from a header. Interfaces may be words,
    /// and fields of named flows anything.
    private func isNumericKey(_ place: Int32) -> Bool {
        let op = program.ops[Int(place)]
        guard op.code == .key, let (key, _) = FlowKeys.find(program.names[Int(op.table)]) else { return false }
        return key.form == .number
    }

    private mutating func compilePattern(
        _ item: Comparison.Item, _ reader: TermReader
    ) throws(FlowSyntaxError) -> Pattern {
        do throws(Pattern.SyntaxError) {
            let pattern = try Pattern(item.text)
            patternStateCount += pattern.stateCount
            guard patternStateCount <= FlowLimits.patternStatesPerDefinition else {
                throw Pattern.SyntaxError(position: 0, expected: "fewer or simpler regular expressions")
            }
            return pattern
        } catch {
            // Character positions inside the pattern, from where the value starts.
            let start = reader.error("", at: item.position).position
            throw FlowSyntaxError(
                part: .filter, position: start + error.position, expected: "\(error.expected) in a regular expression")
        }
    }
}
