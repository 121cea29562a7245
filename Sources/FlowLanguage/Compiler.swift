// From a definition to a program: keys, values and the limits on them. Functions and filters have files of their own.

internal import SFlow

/// Compiles one definition. Errors name the attribute and the character.
struct Compiler {
    /// An expression and the form of its values; nil when that depends on the sample.
    struct Compiled {
        var place: Int32
        var form: FlowKey.Form?
    }

    var program = Program()
    let seed: UInt64
    var patternStateCount = 0

    init(seed: UInt64) { self.seed = seed }

    static func compile(_ definition: FlowDefinition, seed: UInt64) throws(FlowSyntaxError) -> Program {
        var compiler = Compiler(seed: seed)
        try compiler.checkAttributes(definition)
        try compiler.compileKeys(definition)
        try compiler.compileValue(definition)
        try compiler.compileValues(definition)
        try compiler.compileFilter(definition.filter ?? "")
        return compiler.program
    }

    private func checkAttributes(_ definition: FlowDefinition) throws(FlowSyntaxError) {
        guard definition.fs.utf8.count <= FlowLimits.separatorBytes else {
            throw FlowSyntaxError(part: .fs, position: 0, expected: "at most \(FlowLimits.separatorBytes) bytes")
        }
        guard [nil, "AGENT", "edge"].contains(definition.aggMode) else {
            throw FlowSyntaxError(part: .aggMode, position: 0, expected: "AGENT or edge")
        }
    }

    // MARK: Keys

    private mutating func compileKeys(_ definition: FlowDefinition) throws(FlowSyntaxError) {
        var reader = try TermReader(try Compiler.joined(definition.keys, .keys), of: .keys)
        for term in try Compiler.readList(&reader) {
            guard program.keys.count < FlowLimits.keys else {
                throw reader.error("at most \(FlowLimits.keys) keys", at: term.position)
            }
            program.keys.append(try compile(term, reader).place)
        }
    }

    /// The elements of an array as one text. Summed up before they are joined: each is bounded then.
    static func joined(_ elements: [String], _ part: FlowSyntaxError.Part) throws(FlowSyntaxError) -> String {
        var byteCount = 0
        for element in elements {
            byteCount += element.utf8.count + 1
            guard byteCount <= FlowLimits.textBytes else {
                throw FlowSyntaxError(part: part, position: 0, expected: "at most \(FlowLimits.textBytes) bytes")
            }
        }
        return elements.joined(separator: ",")
    }

    /// Terms with commas between them. Empty elements are errors, except that there may be nothing at all.
    static func readList(_ reader: inout TermReader) throws(FlowSyntaxError) -> [Term] {
        var terms: [Term] = []
        reader.skipBlanks()
        guard !reader.isAtEnd else { return terms }
        while true {
            terms.append(try reader.readTerm(until: [UInt8(ascii: ",")]))
            guard reader.current == UInt8(ascii: ",") else { return terms }
            reader.place += 1
        }
    }

    // MARK: Values

    private mutating func compileValue(_ definition: FlowDefinition) throws(FlowSyntaxError) {
        var reader = try TermReader(definition.value, of: .value)
        let terms = try Compiler.readList(&reader)
        guard let term = terms.first else { throw reader.error("a value such as bytes", at: 0) }
        guard terms.count == 1 else { throw reader.error("a single value", at: terms[1].position) }
        program.values.append(try compileValue(term, reader))
    }

    private mutating func compileValues(_ definition: FlowDefinition) throws(FlowSyntaxError) {
        var reader = try TermReader(try Compiler.joined(definition.values, .values), of: .values)
        for term in try Compiler.readList(&reader) {
            guard program.values.count <= FlowLimits.values else {
                throw reader.error("at most \(FlowLimits.values) values", at: term.position)
            }
            program.values.append(try compileValue(term, reader))
        }
    }

    /// `avg:ipbytes`, `bytes`, `max:[bits:tcpwindow:255]`, `bps`.
    private mutating func compileValue(_ term: Term, _ reader: TermReader) throws(FlowSyntaxError) -> ValueProgram {
        guard let function = ValueFunction(word: term.name) else {
            return try compileOperand(term, .rate, reader)
        }
        guard let first = term.arguments.first else {
            throw reader.error("a key behind \(term.name):", at: term.position)
        }
        if let nested = first.nested, term.arguments.count == 1 { return try compileOperand(nested, function, reader) }
        let operand = Term(position: first.position, parts: Array(term.arguments))
        guard first.nested == nil, !operand.name.isEmpty else {
            throw reader.error("one key behind \(term.name):", at: first.position)
        }
        return try compileOperand(operand, function, reader)
    }

    private mutating func compileOperand(
        _ term: Term, _ function: ValueFunction, _ reader: TermReader
    ) throws(FlowSyntaxError) -> ValueProgram {
        var term = term
        var factor = 1.0
        if term.parts.count == 1, term.name == "bps" || term.name == "Bps" {
            if term.name == "bps" { factor = 8 }
            term.parts[0].text = "bytes"
        }
        let compiled = try compile(term, reader)
        guard function == .count || compiled.form == nil || compiled.form == .number else {
            throw reader.error("a numeric key", at: term.position)
        }
        return ValueProgram(function: function, expression: compiled.place, factor: factor)
    }
}

extension ValueFunction {
    init?(word: String) {
        switch word {
        case "rate": self = .rate
        case "avg": self = .avg
        case "count": self = .count
        case "min": self = .min
        case "max": self = .max
        case "last": self = .last
        default: return nil
        }
    }
}
