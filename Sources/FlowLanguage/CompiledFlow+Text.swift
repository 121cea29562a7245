// Functions of texts: tokens and parts of URLs. Their results are pieces of the text; nothing is copied.

extension CompiledFlow {
    /// - Parameter value: a text.
    func applyToText(_ op: Op, _ value: Value, _ text: inout FixedBytes) -> Value {
        guard value.kind == .text else { return .null }
        let range = value.textRange
        switch op.code {
        case .uri: return URLPart.allCases[Int(op.mode)].find(in: value, of: text)
        case .prefix: return .text(range.lowerBound..<endOfPrefix(op, range, text))
        case .suffix: return .text(startOfSuffix(op, range, text)..<range.upperBound)
        default: return firstCandidate(op, range, text)
        }
    }

    /// Where the `number`-th delimiter stands, or the end of the text. A first token that is empty counts.
    private func endOfPrefix(_ op: Op, _ range: Range<Int>, _ text: borrowing FixedBytes) -> Int {
        let delimiter = program.literals[Int(op.table)]
        var left = op.number
        var index = range.lowerBound
        while index + delimiter.count <= range.upperBound {
            guard text.hasBytes(delimiter, at: index) else {
                index += 1
                continue
            }
            left -= 1
            if left == 0 { return index }
            index += delimiter.count
        }
        return range.upperBound
    }

    /// Behind the `number`-th delimiter from the end, or the start of the text.
    private func startOfSuffix(_ op: Op, _ range: Range<Int>, _ text: borrowing FixedBytes) -> Int {
        let delimiter = program.literals[Int(op.table)]
        var left = op.number
        var index = range.upperBound - delimiter.count
        while index >= range.lowerBound {
            guard text.hasBytes(delimiter, at: index) else {
                index -= 1
                continue
            }
            left -= 1
            if left == 0 { return index + delimiter.count }
            index -= delimiter.count
        }
        return range.lowerBound
    }

    /// The first token that is one of the candidates, which stand behind the delimiter in the literals.
    private func firstCandidate(_ op: Op, _ range: Range<Int>, _ text: borrowing FixedBytes) -> Value {
        let delimiter = program.literals[Int(op.table)]
        var start = range.lowerBound
        var index = start
        while true {
            let isAtEnd = index + delimiter.count > range.upperBound
            guard isAtEnd || text.hasBytes(delimiter, at: index) else {
                index += 1
                continue
            }
            let end = isAtEnd ? range.upperBound : index
            for candidate in 1...Int(op.tableCount) {
                let word = program.literals[Int(op.table) + candidate]
                if word.count == end - start, text.hasBytes(word, at: start) { return .text(start..<end) }
            }
            if isAtEnd { return .null }
            start = index + delimiter.count
            index = start
        }
    }
}

extension FixedBytes {
    borrowing func hasBytes(_ bytes: [UInt8], at start: Int) -> Bool {
        for index in bytes.indices where self[start + index] != bytes[index] { return false }
        return true
    }
}
