// From a structure's table to its compiled form. Runs once at start; a mistake in a table stops the process there, and
// the tests before.

internal import SFlow

extension CompiledStructure {
    static func compile(_ rule: CounterStructure) -> CompiledStructure {
        var builder = StructureBuilder(rule)
        for column in rule.columns { builder.add(column) }
        return builder.compiled()
    }
}

private struct StructureBuilder {
    private let rule: CounterStructure
    private let fields: [Field]
    private var numberSteps: [CompiledStructure.NumberStep] = []
    private var textSteps: [CompiledStructure.TextStep] = []
    private var formulas: [CompiledStructure.CompiledFormula] = []
    private var columns: [CompiledStructure.Column] = []
    private var numbers: [String: Int] = [:]
    private var texts: [String: Int] = [:]
    private var counterWordCount = 0

    init(_ rule: CounterStructure) {
        self.rule = rule
        fields = StructureBuilder.fields(of: rule)
    }

    /// The record's fields, or those of one element of its list.
    private static func fields(of rule: CounterStructure) -> [Field] {
        guard case .elements(let list, _) = rule.instances else { return rule.layout.fields }
        for field in rule.layout.fields where field.name == list {
            if case .list(let elements, _) = field.type { return elements }
        }
        fatalError("BUG: the catalogue names an unknown list: \(rule.record).\(list)")
    }

    mutating func add(_ column: ColumnRule) {
        switch column.origin {
        case .gauge(let field, let scale):
            addNumber(column.name, field, .gauge, scale: scale)
        case .rate(let field, let scale, let plausibility):
            let origin: CompiledStructure.NumberStep.Origin =
                fields[place(of: field)].type == .u64 ? .counter64 : .counter32
            addNumber(column.name, field, origin, scale: scale, plausibility: plausibility)
        case .code(let field, let names):
            let number = addNumber(column.name, field, .gauge, isShown: false)
            show(column.name, .code(number, names: names))
        case .bit(let field, let bit, let names):
            let number = addNumber(column.name, field, .bit, position: UInt8(bit), isShown: false)
            show(column.name, .code(number, names: [0: names.clear, 1: names.set]))
        case .mac(let field):
            let number = addNumber(column.name, field, .mac, isShown: false)
            show(column.name, .mac(number))
        case .byte(let field, let index):
            addNumber(column.name, field, .byte, position: UInt8(index))
        case .text(let field):
            addText(column.name, textOrigin(place(of: field)))
        case .part(let text, let part):
            addText(column.name, .part(of: self.text(text), part))
        case .formula(let formula):
            addFormula(column.name, formula)
        }
    }

    func compiled() -> CompiledStructure {
        CompiledStructure(
            rule: rule, fields: fields,
            numberSteps: numberSteps, textSteps: textSteps, formulas: formulas, columns: columns,
            numberCount: numbers.count, textCount: texts.count, counterWordCount: counterWordCount,
            speedNumber: numbers["ifspeed"])
    }

    @discardableResult
    private mutating func addNumber(
        _ name: String, _ field: String, _ origin: CompiledStructure.NumberStep.Origin, scale: Double = 1,
        position: UInt8 = 0, plausibility: ColumnRule.Plausibility = .range, isShown: Bool = true
    ) -> Int {
        let place = place(of: field)
        let number = numbers.count
        numbers[name] = number
        numberSteps.append(
            CompiledStructure.NumberStep(
                origin: origin, wire: wireNumber(fields[place]), offset: fields[place].offset, field: place,
                number: UInt16(number), counterWord: UInt16(counterWordCount), position: position,
                plausibility: plausibility, scale: scale))
        if origin == .counter32 { counterWordCount += 1 }
        if origin == .counter64 { counterWordCount += 2 }
        if isShown { show(name, .number(number)) }
        return number
    }

    private mutating func addText(_ name: String, _ origin: CompiledStructure.TextStep.Origin) {
        let text = texts.count
        texts[name] = text
        textSteps.append(CompiledStructure.TextStep(origin: origin, text: text))
        show(name, .text(text))
    }

    private mutating func addFormula(_ name: String, _ formula: Formula) {
        let operands = (formula.plus.map(number), formula.minus.map(number), formula.over.map(number))
        let result = numbers.count
        numbers[name] = result
        formulas.append(
            CompiledStructure.CompiledFormula(
                result: result, constant: formula.constant, scale: formula.scale, plus: operands.0, minus: operands.1,
                over: operands.2, unknownIsZero: formula.unknownIsZero))
        show(name, .number(result))
    }

    private mutating func show(_ name: String, _ storage: CompiledStructure.Column.Storage) {
        guard !name.hasPrefix("-") else { return }
        let parts = name.split(separator: "#", maxSplits: 1, omittingEmptySubsequences: false)
        columns.append(
            CompiledStructure.Column(
                prefix: String(parts[0]), suffix: parts.count > 1 ? String(parts[1]) : nil, storage: storage))
    }

    private func place(of field: String) -> Int {
        guard let place = fields.firstIndex(where: { $0.name == field }) else {
            fatalError("BUG: the catalogue names an unknown field: \(rule.record).\(field)")
        }
        return place
    }

    private func number(_ name: String) -> Int {
        guard let number = numbers[name] else { fatalError("BUG: a formula names an unknown column: \(name)") }
        return number
    }

    private func text(_ name: String) -> Int {
        guard let text = texts[name] else { fatalError("BUG: a part names an unknown column: \(name)") }
        return text
    }

    private func wireNumber(_ field: Field) -> WireNumber {
        switch field.type {
        case .u32 where field.range == 0...4095: .vlan
        case .u32: .unsigned32
        case .i32 where field.meaning == .valueOrLowest: .signed32OrLowest
        case .i32: .signed32
        case .u64: .unsigned64
        case .f32: .float32
        case .percent: .percent
        case .mac: .mac
        case .fixedOpaque(4): .bytes4
        default: fatalError("BUG: the catalogue takes a number from a field that holds none: \(rule.record).\(field.name)")
        }
    }

    private func textOrigin(_ place: Int) -> CompiledStructure.TextStep.Origin {
        switch fields[place].type {
        case .string: .string(field: place)
        case .fixedOpaque(16): .uuid(field: place)
        case .u64: .hexadecimal(field: place)
        default: fatalError("BUG: the catalogue takes a text from a field that holds none: \(rule.record)")
        }
    }
}

