// Patterns as tables: the deterministic automaton of a small pattern, made once, and walked with one look-up a byte.

/// States of sets of a pattern's states, by classes of bytes that the pattern does not tell apart.
struct PatternTable: Sendable {
    /// Larger patterns would take too long to build; larger tables too much memory. They are matched without a table.
    private static let patternStatesMax = 128
    private static let tableStatesMax = 64

    private var classOfByte = [UInt8](repeating: 0, count: 256)
    private var classCount = 1
    /// By state and class. State 0 is the one from which nothing matches any more, 1 is the first.
    private var transitions: [UInt8] = []
    private var accepts: [Bool] = []

    /// Nil when the pattern is too large.
    init?(_ pattern: Pattern) {
        guard pattern.states.count <= PatternTable.patternStatesMax else { return nil }
        classify(pattern.sets)
        var numbers: [[UInt16]: UInt8] = [[]: 0]
        var scratch = PatternScratch()
        scratch.prepare(pattern.states.count)
        scratch.swap()
        pattern.first(into: &scratch)
        var pending: [[UInt16]] = [[], PatternTable.members(scratch)]
        numbers[pending[1]] = 1
        var place = 0
        while place < pending.count {
            let members = pending[place]
            accepts.append(members.contains(0))
            for sample in representatives() {
                scratch.swap()
                for member in members {
                    let state = pattern.states[Int(member)]
                    guard state.kind == .bytes, pattern.sets[Int(state.set)].contains(sample) else { continue }
                    pattern.follow(state.next, into: &scratch)
                }
                let reached = PatternTable.members(scratch)
                if numbers[reached] == nil {
                    guard pending.count < PatternTable.tableStatesMax else { return nil }
                    numbers[reached] = UInt8(pending.count)
                    pending.append(reached)
                }
                transitions.append(numbers[reached] ?? 0)
            }
            place += 1
        }
    }

    func matches(_ range: Range<Int>, of text: borrowing FixedBytes) -> Bool {
        var state = 1
        for index in range {
            state = Int(transitions[state * classCount + Int(classOfByte[Int(text[index])])])
            if state == 0 { return false }
        }
        return accepts[state]
    }

    /// The states of a step in ascending order: as a set, whatever the order in which they were found.
    private static func members(_ scratch: borrowing PatternScratch) -> [UInt16] {
        scratch.next[..<scratch.nextCount].sorted()
    }

    /// Puts bytes that are in the same sets into one class.
    private mutating func classify(_ sets: [ByteSet]) {
        var classes: [[Bool]: UInt8] = [:]
        for byte in UInt8.min...UInt8.max {
            let membership = sets.map { $0.contains(byte) }
            let number = classes[membership] ?? UInt8(clamping: classes.count)
            classes[membership] = number
            classOfByte[Int(byte)] = number
        }
        classCount = classes.count
    }

    /// One byte of each class, in the order of the classes.
    private func representatives() -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: classCount)
        for byte in UInt8.min...UInt8.max { bytes[Int(classOfByte[Int(byte)])] = byte }
        return bytes
    }
}
