// How the fields of one counter structure become metrics: the vocabulary in which the catalogue's tables are written.
//
// A table names, for each metric, the wire field it comes from (as SFlow's layouts spell it) and what happens to it:
// passed on, turned into a rate, looked up in a list of names, or combined with others by a formula. Nothing else in
// the engine knows a metric's name, so a name can be corrected in its table alone.

internal import SFlow

/// The metrics that one counter structure yields.
struct CounterStructure: Sendable {
    /// The record, by the name of its layout.
    let record: String
    /// The data source class that this table is for; nil for any. Host structures of a class 3 source (a virtual
    /// machine, a container) have metrics of their own.
    let classNumber: UInt32?
    /// Set when the structure is repeated within a sample, once an instance (a queue, a lane of a module). In the
    /// names of its metrics `#` stands for the instance's number.
    let instances: Instances?
    let columns: [ColumnRule]

    enum Instances: Sendable {
        /// The record itself is repeated; the field holds the instance's number.
        case records(numberField: String)
        /// The instances are elements of one of the record's lists, numbered by a field of theirs or else in order.
        case elements(list: String, numberField: String?)
    }

    init(
        _ record: String, classNumber: UInt32? = nil, instances: Instances? = nil, _ columns: [ColumnRule]
    ) {
        self.record = record
        self.classNumber = classNumber
        self.instances = instances
        self.columns = columns
    }

    /// Every field of the structure, named `prefix` + the field in lower case without `dropping`, or as `renaming`
    /// says: counters as rates, the rest as gauges.
    init(
        _ record: String, prefix: String, dropping: String = "", renaming: [String: String] = [:],
        plus more: [ColumnRule] = []
    ) {
        let fields = CounterStructure.layout(named: record).fields.map { field in
            let bare = field.name.hasPrefix(dropping) ? String(field.name.dropFirst(dropping.count)) : field.name
            let derived = prefix + bare.lowercased()
            let name = renaming[derived] ?? derived
            return field.meaning == .counter ? ColumnRule.rate(name, field.name) : .gauge(name, field.name)
        }
        self.init(record, fields + more)
    }

    var layoutID: CounterLayoutID {
        guard let id = CounterLayoutID(CounterStructure.layout(named: record).tag) else {
            fatalError("BUG: the catalogue names a record without number: \(record)")
        }
        return id
    }

    var layout: RecordLayout { CounterStructure.layout(named: record) }

    private static func layout(named name: String) -> RecordLayout {
        guard let layout = CounterLayouts.all.first(where: { $0.name == name }) else {
            fatalError("BUG: the catalogue names an unknown record: \(name)")
        }
        return layout
    }
}

/// One metric of a structure. A name that starts with `-` is internal: an operand of formulas, never shown.
struct ColumnRule: Sendable {
    enum Origin: Sendable {
        /// The field's number × scale.
        case gauge(field: String, scale: Double)
        /// The counter's increase a second × scale.
        case rate(field: String, scale: Double, plausibility: Plausibility)
        /// The field's text.
        case text(field: String)
        /// The field's number, shown by name; numbers without one are shown in decimal.
        case code(field: String, names: [UInt32: String])
        /// One bit of the field, shown by name.
        case bit(field: String, bit: UInt32, names: (clear: String, set: String))
        /// The field's six address bytes, shown as twelve hexadecimal digits.
        case mac(field: String)
        /// One byte of a four-byte field.
        case byte(field: String, index: Int)
        /// Computed from other columns of the row after each update.
        case formula(Formula)
        /// Part of another text column (see `VirtualNames`).
        case part(of: String, VirtualNames.Part)
    }

    /// What the largest believable increase of a counter follows from (wire-format 7.7).
    enum Plausibility: Sendable {
        /// Nothing known: less than half the range of a 32-bit counter.
        case range
        /// At most twice what `ifspeed` lets through, in octets or in frames of 64 octets.
        case octets, packets
    }

    let name: String
    let origin: Origin

    static func gauge(_ name: String, _ field: String, scale: Double = 1) -> ColumnRule {
        ColumnRule(name: name, origin: .gauge(field: field, scale: scale))
    }

    static func rate(
        _ name: String, _ field: String, scale: Double = 1, _ plausibility: Plausibility = .range
    ) -> ColumnRule {
        ColumnRule(name: name, origin: .rate(field: field, scale: scale, plausibility: plausibility))
    }

    static func text(_ name: String, _ field: String) -> ColumnRule {
        ColumnRule(name: name, origin: .text(field: field))
    }

    static func code(_ name: String, _ field: String, _ names: [UInt32: String]) -> ColumnRule {
        ColumnRule(name: name, origin: .code(field: field, names: names))
    }

    static func bit(_ name: String, _ field: String, _ bit: UInt32, clear: String, set: String) -> ColumnRule {
        ColumnRule(name: name, origin: .bit(field: field, bit: bit, names: (clear, set)))
    }

    static func mac(_ name: String, _ field: String) -> ColumnRule {
        ColumnRule(name: name, origin: .mac(field: field))
    }

    static func byte(_ name: String, _ field: String, _ index: Int) -> ColumnRule {
        ColumnRule(name: name, origin: .byte(field: field, index: index))
    }

    static func part(_ name: String, of text: String, _ part: VirtualNames.Part) -> ColumnRule {
        ColumnRule(name: name, origin: .part(of: text, part))
    }

    /// The sum of the parts that are known; absent when none is.
    static func sum(_ name: String, _ parts: [String]) -> ColumnRule {
        ColumnRule(name: name, origin: .formula(Formula(plus: parts, unknownIsZero: true)))
    }

    /// `plus` − `minus`; absent when an operand is.
    static func difference(_ name: String, _ plus: [String], minus: [String]) -> ColumnRule {
        ColumnRule(name: name, origin: .formula(Formula(plus: plus, minus: minus)))
    }

    /// `scale` × (`plus` − `minus`) ÷ Σ `of`; absent when an operand of the numerator is, or when Σ `of` is not positive.
    static func ratio(
        _ name: String, _ plus: [String], minus: [String] = [], of denominator: [String], scale: Double = 100
    ) -> ColumnRule {
        ColumnRule(
            name: name, origin: .formula(Formula(plus: plus, minus: minus, over: denominator, scale: scale)))
    }

    /// 100 − the operand.
    static func complement(_ name: String, _ of: String) -> ColumnRule {
        ColumnRule(name: name, origin: .formula(Formula(constant: 100, minus: [of])))
    }
}

/// constant + scale × (Σ plus − Σ minus) ÷ Σ over, over the columns of one row.
struct Formula: Sendable {
    var constant: Double = 0
    var plus: [String] = []
    var minus: [String] = []
    /// Denominator: parts that are unknown count as 0. Empty: no division.
    var over: [String] = []
    var scale: Double = 1
    /// Whether unknown parts of the numerator count as 0 (the result is still absent when all are unknown).
    var unknownIsZero = false
}
