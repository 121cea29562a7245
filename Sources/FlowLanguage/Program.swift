// What a definition is compiled to: flat arrays of small plain instructions. Evaluating a sample walks them and nothing
// else; no tree, no closure, no existential is touched for plain keys.

package import SFlow

/// One instruction of an expression. Its operands are further instructions, named by their places.
struct Op: BitwiseCopyable {
    enum Code: UInt8, BitwiseCopyable {
        case key
        case group, map, country, autonomousSystem, oui, host, dns
        case prefix, suffix, first, mask, bits, null, or, equal, range, conditional, concatenation, uri
        case link, interfaceName, node
    }

    var code: Code
    /// Which header or record of its kind.
    var occurrence: UInt8 = 0
    /// A variant of the function: see ``Compiler``.
    var mode: UInt8 = 0
    var origin: KeyOrigin = .unknown
    /// Operands: `operandCount` places from `firstOperand` on in ``Program/operands``.
    var firstOperand: Int32 = 0
    var operandCount: Int32 = 0
    /// A place in a table: names, literals, groups, maps, indexes.
    var table: Int32 = 0
    var tableCount: Int32 = 0
    /// Where a key is looked for next when it is absent; -1 nowhere.
    var next: Int32 = -1
    var number: UInt64 = 0
    var secondNumber: UInt64 = 0
}

/// One comparison of a filter and where to go from there.
struct Test: BitwiseCopyable {
    enum Code: UInt8, BitwiseCopyable {
        /// The value is absent.
        case isNull
        /// The value is the number `constant`.
        case isNumber
        /// The value is in the index `table`, or absent if `includesNull`.
        case isOneOf
        /// One of `tableCount` patterns from `table` on matches the value's text.
        case matches
    }

    /// Ends of a filter instead of a next test.
    static let accept: Int32 = -1
    static let reject: Int32 = -2

    var code: Code
    var includesNull = false
    var expression: Int32
    var table: Int32 = 0
    var tableCount: Int32 = 0
    var constant: UInt64 = 0
    var onTrue: Int32
    var onFalse: Int32
}

/// What a number of a flow becomes over time.
package enum ValueFunction: UInt8, Sendable, CaseIterable {
    /// Scaled by the sampling rate, per second.
    case rate
    /// Mean over the samples of a flow.
    case avg
    /// How many different values the operand had.
    case count
    case min, max
    /// The most recent one.
    case last
}

/// One value of a definition.
struct ValueProgram {
    var function: ValueFunction
    var expression: Int32
    /// 8 for `bps`, else 1.
    var factor: Double
}

struct Program {
    var ops: [Op] = []
    var operands: [Int32] = []
    var keys: [Int32] = []
    /// The definition's value, then its `values`.
    var values: [ValueProgram] = []
    var tests: [Test] = []
    /// The filter's first test.
    var filterEntry = Test.accept

    var names: [String] = []
    var literals: [[UInt8]] = []
    var indexes: [ValueIndex] = []
    var patterns: [Pattern] = []
    /// Names of groups and maps; the tables themselves belong to an environment.
    var groupNames: [String] = []
    var mapNames: [String] = []

    var needsHeader = false
    /// Indexes of the record layouts that are looked at.
    var layouts: Set<UInt8> = []
}

/// What a definition looks at, so that an owner can skip what nobody needs.
package struct FlowRequirements: Hashable, Sendable {
    /// The sampled packet must be dissected.
    package let needsHeader: Bool
    /// Flow records whose fields are read, apart from the sampled header.
    package let records: [Tag]
}
