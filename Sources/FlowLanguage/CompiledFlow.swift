// A definition ready for samples.

internal import Bytes
internal import SFlow

/// A compiled definition, shared by all executors. Immutable: when groups, maps or names change, `bound(to:)` gives
/// another one with the same program.
package final class CompiledFlow: Sendable {
    package let definition: FlowDefinition
    package let keyCount: Int
    /// What becomes of the value over time.
    package let valueFunction: ValueFunction
    package let valuesFunctions: [ValueFunction]

    let program: Program
    package let environment: FlowEnvironment
    /// By the places in the program's tables; nil where the environment has none of the name.
    let groups: [AddressGroups?]
    let maps: [ValueMap?]
    /// Copies of what every sample needs, so that it is one load away.
    private let ops: [Op]
    private let keys: [Int32]
    private let values: [ValueProgram]
    private let seed: UInt64
    private let needsHeader: Bool
    private let isForNotifications: Bool
    /// Whether the value is the plain key `bytes`, as it mostly is.
    private let countsBytes: Bool

    /// Throws: the definition is wrong; the error says where and what should stand there.
    package convenience init(
        _ definition: FlowDefinition, environment: FlowEnvironment
    ) throws(FlowSyntaxError) {
        self.init(definition, try Compiler.compile(definition, seed: environment.seed), environment)
    }

    private init(_ definition: FlowDefinition, _ program: Program, _ environment: FlowEnvironment) {
        self.definition = definition
        self.program = program
        self.environment = environment
        groups = program.groupNames.map { environment.groups[$0] }
        maps = program.mapNames.map { environment.maps[$0] }
        ops = program.ops
        keys = program.keys
        values = program.values
        keyCount = program.keys.count
        valueFunction = program.values[0].function
        valuesFunctions = program.values.dropFirst().map(\.function)
        seed = environment.seed
        needsHeader = program.needsHeader
        isForNotifications = definition.dropped
        let value = program.ops[Int(program.values[0].expression)]
        if value.code == .key, case .sample(.bytes) = value.origin {
            countsBytes = program.values[0].function != .count
        } else {
            countsBytes = false
        }
    }

    /// The same program with other groups, maps and names. The seed must be the one it was compiled with.
    package func bound(to environment: FlowEnvironment) -> CompiledFlow {
        precondition(environment.seed == seed, "all environments of a process share one seed")
        return CompiledFlow(definition, program, environment)
    }

    package var requirements: FlowRequirements {
        FlowRequirements(
            needsHeader: needsHeader,
            records: program.layouts.compactMap { index in
                Int(index) < FlowLayouts.all.count ? FlowLayouts.all[Int(index)].tag : nil
            }.sorted())
    }

    /// Whether the sample counts for this definition, and as what.
    ///
    /// False when it is of the other kind (`dropped`), the filter rejects it, or a key or the value is absent; the
    /// match holds nothing then. Texts longer than their share of a packed key are cut.
    /// - Parameter datagram: the one that the facts were gathered from.
    package func evaluate(
        _ facts: inout SampleFacts, in datagram: RawSpan, into match: inout FlowMatch
    ) -> Bool {
        guard (facts.kind == .notification) == isForNotifications, facts.kind != .none else { return false }
        if needsHeader, !facts.isDissected { facts.dissect(in: datagram) }
        let range = facts.headerRange
        // False only for another datagram than the facts are of.
        guard range.upperBound <= datagram.byteCount else { return false }
        let header = datagram.extracting(range)
        guard program.filterEntry == Test.accept || passes(facts, datagram, header, &match.scratch) else {
            return false
        }
        match.key.removeAll()
        for index in keys.indices {
            match.scratch.text.removeAll()
            let value = value(of: keys[index], facts, datagram, header, &match.scratch)
            guard !value.isNull else { return false }
            let reserved = KeyTag.fixedBytesMax * (keys.count &- 1 &- index)
            match.key.pack(value, text: match.scratch.text, reserved: reserved)
        }
        if countsBytes, let frameLength = facts.frameLength {
            // The same as below, without lending the facts out, which copies them.
            match.value = FlowOperand(number: Double(frameLength) * values[0].factor, hash: 0, isPresent: true)
        } else {
            let first = operand(values[0], facts, datagram, header, &match.scratch)
            guard first.isPresent else { return false }
            match.value = first
        }
        match.valueCount = values.count - 1
        for index in 1..<values.count {
            match.values[index - 1] = operand(values[index], facts, datagram, header, &match.scratch)
        }
        match.scale = facts.scale
        match.head = match.key.head(seed: seed)
        return true
    }

    /// Makes the match that of a packed key, for its bytes and its hash; the values stay as they are. A key that is too
    /// long is cut.
    package func fill(_ match: inout FlowMatch, key: [UInt8]) {
        match.key.removeAll()
        match.key.append(key)
        match.head = match.key.head(seed: seed)
    }

    private func operand(
        _ program: ValueProgram, _ facts: borrowing SampleFacts, _ datagram: RawSpan, _ header: RawSpan,
        _ scratch: inout Scratch
    ) -> FlowOperand {
        scratch.text.removeAll()
        let value = value(of: program.expression, facts, datagram, header, &scratch)
        guard !value.isNull else { return FlowOperand(number: 0, hash: 0, isPresent: false) }
        if program.function == .count {
            scratch.probe.removeAll()
            scratch.probe.pack(value, text: scratch.text)
            return FlowOperand(number: 0, hash: scratch.probe.hash(seed: FlowOperand.hashSeed), isPresent: true)
        }
        guard let number = value.double(scratch.text) else {
            return FlowOperand(number: 0, hash: 0, isPresent: false)
        }
        return FlowOperand(number: number * program.factor, hash: 0, isPresent: true)
    }

    /// A key or function of the sample at hand.
    @inline(__always)
    func value(
        of place: Int32, _ facts: borrowing SampleFacts, _ datagram: RawSpan, _ header: RawSpan,
        _ scratch: inout Scratch
    ) -> Value {
        let op = ops[Int(place)]
        guard op.code == .key, facts.kind != .named else { return function(op, facts, datagram, header, &scratch) }
        let value = facts.read(op.origin, occurrence: Int(op.occurrence), datagram, header, &scratch.text)
        guard value.isNull, op.next >= 0 else { return value }
        return alternative(op, facts, datagram, header, &scratch)
    }

    /// The other places where a key may stand.
    @inline(never)
    private func alternative(
        _ op: Op, _ facts: borrowing SampleFacts, _ datagram: RawSpan, _ header: RawSpan, _ scratch: inout Scratch
    ) -> Value {
        var next = op.next
        while next >= 0 {
            let op = ops[Int(next)]
            let value = facts.read(op.origin, occurrence: Int(op.occurrence), datagram, header, &scratch.text)
            if !value.isNull { return value }
            next = op.next
        }
        return .null
    }

    /// The text of a packed key, its components joined with the definition's separator.
    package func keyText(_ packed: RawSpan) -> String { PackedKey.text(packed, separator: definition.fs) }

    /// The hash that matches with this key have here. Another process has another seed.
    package func keyHash(_ packed: [UInt8]) -> UInt64 {
        var key = FixedBytes(capacity: FlowLimits.packedKeyBytes)
        key.append(packed)
        return key.hash(seed: seed)
    }

    /// The text of the match's key.
    package func keyText(_ match: borrowing FlowMatch) -> String { match.withKey { keyText($0) } }
}

extension Value {
    /// As a number, where it is one; a text that is written like a whole number counts as one.
    func double(_ text: borrowing FixedBytes) -> Double? {
        switch kind {
        case .number: Double(low)
        case .float: Double(bitPattern: low)
        case .text: text.decimalNumber(textRange).map { Double($0) }
        default: nil
        }
    }

    func integer(_ text: borrowing FixedBytes) -> UInt64? {
        switch kind {
        case .number, .bits: low
        case .float: UInt64(exactly: Double(bitPattern: low).rounded(.towardZero))
        case .text: text.decimalNumber(textRange)
        default: nil
        }
    }
}
