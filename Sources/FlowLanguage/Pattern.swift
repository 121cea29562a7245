// Regular expressions that cannot be made slow. They come from users, texts from packets: an engine that tries one way
// after another can be made to try exponentially many. Here all ways are followed at once, one step a byte.
//
// Ken Thompson, "Regular expression search algorithm", CACM 11(6), 1968; Russ Cox, "Regular expression matching can be
// simple and fast", 2007. A pattern becomes a nondeterministic automaton; a small one is made deterministic when it is
// compiled, by the subset construction (Rabin, Scott 1959), and then costs a table look-up a byte.

/// A compiled pattern, matched against whole texts.
package struct Pattern: Sendable {
    package struct SyntaxError: Error, Hashable, Sendable {
        /// In characters from 0.
        package let position: Int
        package let expected: String
    }

    /// A state of the automaton: go on with a byte of a set, or both ways at once, or be done.
    struct State: BitwiseCopyable {
        enum Kind: UInt8, BitwiseCopyable { case bytes, split, match }

        var kind: Kind
        /// Place of the byte set.
        var set: UInt16 = 0
        var next: UInt16 = 0
        var other: UInt16 = 0
    }

    private(set) var states: [State] = []
    private(set) var sets: [ByteSet] = []
    private var start: UInt16 = 0
    private var table: PatternTable?
    /// Steps of the construction: repetitions of nothing make no states.
    private var stepCount = 0

    /// States of the automaton: what a byte of text can cost.
    package var stateCount: Int { states.count }

    package init(_ text: String) throws(SyntaxError) {
        guard text.utf8.count <= FlowLimits.patternBytes else {
            throw SyntaxError(position: 0, expected: "at most \(FlowLimits.patternBytes) bytes")
        }
        var reader = PatternReader(text)
        let node = try reader.read()
        states.append(State(kind: .match))
        start = try emit(node, next: 0)
        table = PatternTable(self)
    }

    // MARK: Construction

    /// Adds the states of a node in front of state `next`.
    /// - Returns: where the node begins.
    private mutating func emit(_ node: PatternNode, next: UInt16) throws(SyntaxError) -> UInt16 {
        stepCount += 1
        guard stepCount <= 16 * FlowLimits.patternStates else { throw tooLarge }
        switch node {
        case .bytes(let set):
            let place = sets.firstIndex(of: set) ?? sets.count
            if place == sets.count { sets.append(set) }
            return try add(State(kind: .bytes, set: UInt16(place), next: next))
        case .sequence(let nodes):
            var place = next
            for node in nodes.reversed() { place = try emit(node, next: place) }
            return place
        case .alternatives(let nodes):
            guard let last = nodes.last else { return next }
            var place = try emit(last, next: next)
            for node in nodes.dropLast().reversed() {
                let first = try emit(node, next: next)
                place = try add(State(kind: .split, next: first, other: place))
            }
            return place
        case .repetition(let node, let least, let most):
            return try emit(node, least, most, next: next)
        }
    }

    private mutating func emit(
        _ node: PatternNode, _ least: Int, _ most: Int?, next: UInt16
    ) throws(SyntaxError) -> UInt16 {
        var place = next
        if let most {
            for _ in least..<most {
                let body = try emit(node, next: place)
                place = try add(State(kind: .split, next: body, other: next))
            }
        } else {
            let loop = try add(State(kind: .split, other: next))
            states[Int(loop)].next = try emit(node, next: loop)
            place = loop
        }
        for _ in 0..<least { place = try emit(node, next: place) }
        return place
    }

    private mutating func add(_ state: State) throws(SyntaxError) -> UInt16 {
        guard states.count < FlowLimits.patternStates else { throw tooLarge }
        states.append(state)
        return UInt16(states.count - 1)
    }

    private var tooLarge: SyntaxError {
        SyntaxError(position: 0, expected: "a pattern of at most \(FlowLimits.patternStates) states")
    }

    // MARK: Matching

    /// Whether the pattern matches all of the range's bytes. Complexity: bytes times states; bytes alone for patterns
    /// that have a table.
    func matches(_ range: Range<Int>, of text: borrowing FixedBytes, _ scratch: inout PatternScratch) -> Bool {
        if let table { return table.matches(range, of: text) }
        scratch.prepare(states.count)
        scratch.swap()
        follow(start, into: &scratch)
        for index in range {
            scratch.swap()
            let byte = text[index]
            for place in 0..<scratch.currentCount {
                let state = states[Int(scratch.current[place])]
                if state.kind == .bytes, sets[Int(state.set)].contains(byte) { follow(state.next, into: &scratch) }
            }
            if scratch.nextCount == 0 { return false }
        }
        return scratch.isNext(0)
    }

    /// Adds a state and all that it reaches without a byte.
    func follow(_ first: UInt16, into scratch: inout PatternScratch) {
        scratch.push(first)
        while let place = scratch.pop() {
            guard scratch.insert(place) else { continue }
            let state = states[Int(place)]
            guard state.kind == .split else { continue }
            scratch.push(state.other)
            scratch.push(state.next)
        }
    }

    /// The states before the first byte.
    func first(into scratch: inout PatternScratch) { follow(start, into: &scratch) }

    /// For tests and configuration: matches a string.
    package func matches(_ text: String) -> Bool {
        var bytes = FixedBytes(capacity: max(1, text.utf8.count))
        for byte in text.utf8 { bytes.append(byte) }
        var scratch = PatternScratch()
        return matches(0..<bytes.count, of: bytes, &scratch)
    }
}

/// The states that are followed at once: two lists, and for each state the step in which it was entered last. Grows to
/// the largest pattern met and is used again.
struct PatternScratch: ~Copyable, Sendable {
    private(set) var current: [UInt16] = []
    private(set) var currentCount = 0
    private(set) var next: [UInt16] = []
    private(set) var nextCount = 0
    private var marks: [UInt32] = []
    private var mark: UInt32 = 0
    private var stack: [UInt16] = []

    mutating func prepare(_ stateCount: Int) {
        nextCount = 0
        guard marks.count < stateCount else { return }
        current = Array(repeating: 0, count: stateCount)
        next = current
        marks = Array(repeating: 0, count: stateCount)
        mark = 0
        stack.reserveCapacity(2 * stateCount)
    }

    /// Begins a step: what was next is current, nothing is next.
    mutating func swap() {
        Swift.swap(&current, &next)
        currentCount = nextCount
        nextCount = 0
        if mark == UInt32.max {
            for index in marks.indices { marks[index] = 0 }
            mark = 0
        }
        mark += 1
    }

    mutating func insert(_ state: UInt16) -> Bool {
        guard marks[Int(state)] != mark else { return false }
        marks[Int(state)] = mark
        next[nextCount] = state
        nextCount += 1
        return true
    }

    func isNext(_ state: UInt16) -> Bool { marks[Int(state)] == mark }

    mutating func push(_ state: UInt16) { stack.append(state) }

    mutating func pop() -> UInt16? { stack.popLast() }
}
