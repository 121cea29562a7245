// Key functions: names, numbers of arguments, and what each argument may be.

internal import SFlow

/// The functions of the flow language.
package enum KeyFunction: String, Sendable, CaseIterable {
    case group, map, country, asn, oui, host, dns, prefix, suffix, first, mask, bits, null, or, eq, range
    case `if`, concat, uri, link, ifname, node

    /// How to write it.
    package var usage: String {
        switch self {
        case .group: "group:key:name[:name…]"
        case .map: "map:key:name"
        case .country: "country:key[:code|name|both]"
        case .asn: "asn:key[:number|descr|both]"
        case .oui: "oui:key[:number|name]"
        case .host: "host:key:attribute"
        case .dns: "dns:key"
        case .prefix: "prefix:key:delimiter:count"
        case .suffix: "suffix:key:delimiter:count"
        case .first: "first:key:delimiter:word[:word…]"
        case .mask: "mask:key:bits"
        case .bits: "bits:key:mask"
        case .null: "null:key[:text]"
        case .or: "or:key:key[:key…]"
        case .eq: "eq:key:key"
        case .range: "range:key:lowest[:highest]"
        case .if: "if:[key]:value:key:key"
        case .concat: "concat:delimiter:key:key[:key…]"
        case .uri: "uri:key:part"
        case .link: "link:key"
        case .ifname: "ifname:key"
        case .node: "node:key"
        }
    }

    fileprivate var argumentCounts: ClosedRange<Int> {
        switch self {
        case .group, .or: 2...FlowLimits.arguments
        case .map, .host, .mask, .bits, .eq, .uri: 2...2
        case .country, .asn, .oui, .null: 1...2
        case .dns, .link, .ifname, .node: 1...1
        case .prefix, .suffix: 3...3
        case .range: 2...3
        case .first, .concat: 3...FlowLimits.arguments
        case .if: 4...4
        }
    }
}

extension Compiler {
    /// Compiles a key or a function.
    mutating func compile(_ term: Term, _ reader: TermReader) throws(FlowSyntaxError) -> Compiled {
        guard let function = KeyFunction(rawValue: term.name) else {
            guard term.parts.count == 1 else { throw reader.error("a key function before :", at: term.position) }
            return try compileKey(term.name, at: term.position, reader)
        }
        guard function.argumentCounts.contains(term.arguments.count) else {
            throw reader.error(function.usage, at: term.position)
        }
        return try compile(function, Array(term.arguments), reader)
    }

    /// A name that no table has is legal: the field of a named flow may have it. So it must be one that a field can
    /// have.
    private mutating func compileKey(
        _ name: String, at position: Int, _ reader: TermReader
    ) throws(FlowSyntaxError) -> Compiled {
        let isName = name.utf8.allSatisfy {
            $0.isLetterOrDigit || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: "_") || $0 == UInt8(ascii: ".")
        }
        guard isName, name.utf8.count <= Limits.nameBytes else {
            throw reader.error("a key: up to \(Limits.nameBytes) letters, digits, -, _ and .", at: position)
        }
        let place = Int32(truncatingIfNeeded: program.names.count)
        program.names.append(name)
        guard let (key, occurrence) = FlowKeys.find(name) else {
            return Compiled(place: append(Op(code: .key, table: place)), form: nil)
        }
        var next: Int32 = -1
        for origin in key.origins(occurrence: occurrence).reversed() {
            note(origin)
            next = append(
                Op(
                    code: .key, occurrence: UInt8(truncatingIfNeeded: occurrence), origin: origin, table: place,
                    next: next))
        }
        return Compiled(place: next, form: key.form)
    }

    private mutating func note(_ origin: KeyOrigin) {
        if origin.needsHeader { program.needsHeader = true }
        switch origin {
        case .record(let field): program.layouts.insert(field.layout)
        case .routing(let attribute): program.layouts.insert(attribute.layout.index)
        case .socket:
            let sockets: [FlowLayoutID] = [
                .extendedSocketIPv4, .extendedSocketIPv6, .extendedProxySocketIPv4, .extendedProxySocketIPv6,
            ]
            program.layouts.formUnion(sockets.map(\.index))
        default: break
        }
    }

    mutating func append(_ op: Op) -> Int32 {
        program.ops.append(op)
        return Int32(truncatingIfNeeded: program.ops.count - 1)
    }

    /// Adds a function with its operands.
    private mutating func append(_ op: Op, _ operands: [Int32], form: FlowKey.Form?) -> Compiled {
        var op = op
        op.firstOperand = Int32(truncatingIfNeeded: program.operands.count)
        op.operandCount = Int32(truncatingIfNeeded: operands.count)
        program.operands += operands
        return Compiled(place: append(op), form: form)
    }

    private mutating func literal(_ text: String) -> Int32 {
        program.literals.append(Array(text.utf8.prefix(FlowLimits.valueTextBytes)))
        return Int32(truncatingIfNeeded: program.literals.count - 1)
    }

    // MARK: Arguments

    private mutating func key(_ part: Term.Part, _ reader: TermReader) throws(FlowSyntaxError) -> Compiled {
        if let nested = part.nested { return try compile(nested, reader) }
        guard !part.text.isEmpty else { throw reader.error("a key", at: part.position) }
        guard KeyFunction(rawValue: part.text) == nil else {
            throw reader.error("a key, or the function in brackets", at: part.position)
        }
        return try compileKey(part.text, at: part.position, reader)
    }

    private func text(_ part: Term.Part, _ what: String, _ reader: TermReader) throws(FlowSyntaxError) -> String {
        guard part.nested == nil else { throw reader.error("\(what), not a function", at: part.position) }
        return part.text
    }

    private func number(
        _ part: Term.Part, _ what: String, in range: ClosedRange<UInt64> = 0...UInt64.max, _ reader: TermReader
    ) throws(FlowSyntaxError) -> UInt64 {
        let text = try text(part, what, reader)
        let digits = text.utf8.filter { $0 != UInt8(ascii: " ") }
        guard !digits.isEmpty, digits.count <= 20, digits.allSatisfy(\.isDigit),
            let number = UInt64(String(decoding: digits, as: UTF8.self)), range.contains(number)
        else { throw reader.error(what, at: part.position) }
        return number
    }

    private func choice(
        _ part: Term.Part?, _ words: [String], _ reader: TermReader
    ) throws(FlowSyntaxError) -> UInt8? {
        guard let part else { return nil }
        guard let place = words.firstIndex(of: part.text), part.nested == nil else {
            throw reader.error(words.joined(separator: " or "), at: part.position)
        }
        return UInt8(place)
    }

    private func keys(
        _ parts: some Sequence<Term.Part>, _ compiler: inout Compiler, _ reader: TermReader
    ) throws(FlowSyntaxError) -> [Compiled] {
        var compiled: [Compiled] = []
        for part in parts { compiled.append(try compiler.key(part, reader)) }
        return compiled
    }

    // MARK: Functions

    private mutating func compile(
        _ function: KeyFunction, _ arguments: [Term.Part], _ reader: TermReader
    ) throws(FlowSyntaxError) -> Compiled {
        switch function {
        case .or, .eq, .concat, .if, .null: return try compileCombination(function, arguments, reader)
        case .prefix, .suffix, .first, .uri: return try compileTextFunction(function, arguments, reader)
        case .mask, .bits, .range: return try compileNumberFunction(function, arguments, reader)
        default: break
        }
        let operand = [try key(arguments[0], reader).place]
        let option = arguments.dropFirst().first
        switch function {
        case .group:
            let table = Int32(truncatingIfNeeded: program.groupNames.count)
            for part in arguments.dropFirst() { program.groupNames.append(try text(part, "a group's name", reader)) }
            let op = Op(code: .group, table: table, tableCount: Int32(truncatingIfNeeded: arguments.count - 1))
            return append(op, operand, form: .text)
        case .map:
            program.mapNames.append(try text(arguments[1], "a map's name", reader))
            return append(
                Op(code: .map, table: Int32(truncatingIfNeeded: program.mapNames.count - 1)), operand, form: .text)
        case .country:
            let mode = try choice(option, ["code", "name", "both"], reader) ?? 0
            return append(Op(code: .country, mode: mode), operand, form: .text)
        case .asn:
            let mode = try choice(option, ["number", "descr", "both"], reader) ?? 0
            return append(Op(code: .autonomousSystem, mode: mode), operand, form: mode == 0 ? .number : .text)
        case .oui:
            let mode = try choice(option, ["number", "name"], reader) ?? 0
            return append(Op(code: .oui, mode: mode), operand, form: .text)
        case .host:
            program.names.append(try text(arguments[1], "an attribute such as host_name", reader))
            return append(
                Op(code: .host, table: Int32(truncatingIfNeeded: program.names.count - 1)), operand, form: .text)
        case .dns: return append(Op(code: .dns), operand, form: .text)
        case .link: return append(Op(code: .link), operand, form: .text)
        case .ifname: return append(Op(code: .interfaceName), operand, form: .text)
        default: return append(Op(code: .node), operand, form: .text)
        }
    }

    private mutating func compileCombination(
        _ function: KeyFunction, _ arguments: [Term.Part], _ reader: TermReader
    ) throws(FlowSyntaxError) -> Compiled {
        switch function {
        case .or:
            let compiled = try keys(arguments, &self, reader)
            let forms = Set(compiled.map(\.form))
            return append(Op(code: .or), compiled.map(\.place), form: forms.count == 1 ? compiled[0].form : nil)
        case .eq:
            return append(Op(code: .equal), try keys(arguments, &self, reader).map(\.place), form: .boolean)
        case .concat:
            let delimiter = literal(try text(arguments[0], "a delimiter", reader))
            let compiled = try keys(arguments.dropFirst(), &self, reader)
            return append(Op(code: .concatenation, table: delimiter), compiled.map(\.place), form: .text)
        case .null:
            let compiled = try key(arguments[0], reader)
            let replacement = arguments.count > 1 ? try text(arguments[1], "a text", reader) : "null"
            let isNumber = compiled.form == .number && UInt64(replacement) != nil
            return append(
                Op(code: .null, table: literal(replacement)), [compiled.place], form: isNumber ? .number : nil)
        default:
            let condition = try key(arguments[0], reader)
            let value = try text(arguments[1], "a value to compare with", reader)
            let branches = try keys(arguments[2...3], &self, reader)
            program.indexes.append(ValueIndex([(value, 0)], seed: seed))
            let table = Int32(truncatingIfNeeded: program.indexes.count - 1)
            let form = branches[0].form == branches[1].form ? branches[0].form : nil
            return append(
                Op(code: .conditional, table: table), [condition.place] + branches.map(\.place), form: form)
        }
    }

    private mutating func compileTextFunction(
        _ function: KeyFunction, _ arguments: [Term.Part], _ reader: TermReader
    ) throws(FlowSyntaxError) -> Compiled {
        let operand = [try key(arguments[0], reader).place]
        if function == .uri {
            let words = URLPart.allCases.map(\.rawValue)
            let mode = try choice(arguments[1], words, reader) ?? 0
            return append(Op(code: .uri, mode: mode), operand, form: nil)
        }
        let delimiter = try text(arguments[1], "a delimiter", reader)
        guard !delimiter.isEmpty else { throw reader.error("a delimiter", at: arguments[1].position) }
        let table = literal(delimiter)
        guard function == .first else {
            let count = try number(arguments[2], "a number of tokens from 1", in: 1...UInt64(Int32.max), reader)
            let code = function == .prefix ? Op.Code.prefix : .suffix
            return append(Op(code: code, table: table, number: count), operand, form: nil)
        }
        for part in arguments.dropFirst(2) { _ = literal(try text(part, "a word", reader)) }
        return append(
            Op(code: .first, table: table, tableCount: Int32(truncatingIfNeeded: arguments.count - 2)), operand,
            form: nil)
    }

    private mutating func compileNumberFunction(
        _ function: KeyFunction, _ arguments: [Term.Part], _ reader: TermReader
    ) throws(FlowSyntaxError) -> Compiled {
        let operand = [try key(arguments[0], reader).place]
        switch function {
        case .mask:
            let bits = try number(arguments[1], "a prefix length from 0 to 128", in: 0...128, reader)
            return append(Op(code: .mask, number: bits), operand, form: .text)
        case .bits:
            let mask = try number(arguments[1], "a decimal mask", reader)
            return append(Op(code: .bits, number: mask), operand, form: .number)
        default:
            let lowest = try number(arguments[1], "a whole number", reader)
            let highest = arguments.count > 2 ? try number(arguments[2], "a whole number", reader) : UInt64.max
            return append(Op(code: .range, number: lowest, secondNumber: highest), operand, form: .boolean)
        }
    }
}
