// A structure's table made ready to run: wire offsets and column numbers in flat arrays, so that taking in a record
// walks plain numbers and never looks at a name.

internal import SFlow

/// A structure in the catalogue, by its place there.
package struct StructureID: Hashable, Comparable, Sendable, BitwiseCopyable {
    package let index: UInt8

    package static func < (a: StructureID, b: StructureID) -> Bool { a.index < b.index }
}

/// How a number is coded on the wire.
enum WireNumber: UInt8, Sendable, BitwiseCopyable {
    /// `signed32OrLowest` has a mark for "unknown", `vlan` values that there are not.
    case unsigned32, signed32, signed32OrLowest, vlan, percent, float32, unsigned64, mac, bytes4
}

/// Immutable and shared by all shards.
final class CompiledStructure: Sendable {
    let rule: CounterStructure
    let layout: RecordLayout
    /// The wire fields that the columns are read from: the record's own, or those of one element of its list.
    let fields: [Field]
    /// Whether fields have to be looked for in each record, because texts or lists stand before or among them.
    let needsLocating: Bool
    let numberSteps: [NumberStep]
    let textSteps: [TextStep]
    let formulas: [CompiledFormula]
    let columns: [Column]
    /// Numbers, texts and words of counters' earlier values that a row holds.
    let numberCount: Int, textCount: Int, counterWordCount: Int
    /// The number column that holds `ifspeed`, when the structure has one.
    let speedNumber: Int?

    /// A number read from the record.
    struct NumberStep: Sendable, BitwiseCopyable {
        enum Origin: Sendable, BitwiseCopyable { case gauge, counter32, counter64, bit, mac, byte }
        let origin: Origin
        let wire: WireNumber
        /// Where the field starts, from the start of the record (of the element, for instances); nil for a field behind
        /// one of variable size.
        let offset: Int?
        /// The field's place in the layout.
        let field: Int
        let number: UInt16
        /// Counters: the first word of the earlier value.
        let counterWord: UInt16
        /// Bits and bytes: which one.
        let position: UInt8
        let plausibility: ColumnRule.Plausibility
        let scale: Double
    }

    /// A text read from the record, or part of another text.
    struct TextStep: Sendable {
        enum Origin: Sendable {
            case string(field: Int), uuid(field: Int), hexadecimal(field: Int), part(of: Int, VirtualNames.Part)
        }
        let origin: Origin
        let text: Int
    }

    struct CompiledFormula: Sendable {
        let result: Int
        let constant: Double, scale: Double
        let plus: [Int], minus: [Int], over: [Int]
        let unknownIsZero: Bool
    }

    /// A metric as queries see it.
    struct Column: Sendable {
        enum Storage: Sendable {
            case number(Int)
            case code(Int, names: [UInt32: String])
            case mac(Int)
            case text(Int)
        }
        /// Name before and after the instance's number; `suffix` is nil when there are no instances.
        let prefix: String, suffix: String?
        let storage: Storage

        func name(instance: UInt32) -> String { suffix.map { "\(prefix)\(instance)\($0)" } ?? prefix }
    }

    init(
        rule: CounterStructure, fields: [Field], numberSteps: [NumberStep], textSteps: [TextStep],
        formulas: [CompiledFormula], columns: [Column], numberCount: Int, textCount: Int, counterWordCount: Int,
        speedNumber: Int?
    ) {
        self.rule = rule
        layout = rule.layout
        self.fields = fields
        self.numberSteps = numberSteps
        self.textSteps = textSteps
        self.formulas = formulas
        self.columns = columns
        self.numberCount = numberCount
        self.textCount = textCount
        self.counterWordCount = counterWordCount
        self.speedNumber = speedNumber
        needsLocating = !textSteps.isEmpty || numberSteps.contains { $0.offset == nil }
    }
}
