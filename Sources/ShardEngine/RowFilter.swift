// Conditions on the metrics of a row: which rows of a query count, and where a threshold applies.

/// Conditions on metrics of a row: every named metric must be there and match one of its patterns.
package struct RowFilter: Hashable, Sendable {
    package struct Condition: Hashable, Sendable {
        package let metric: MetricName
        package let patterns: [Pattern]

        package init(metric: MetricName, patterns: [Pattern]) {
            self.metric = metric
            self.patterns = patterns
        }
    }

    package let conditions: [Condition]

    package static let none = RowFilter(conditions: [])

    package init(conditions: [Condition]) { self.conditions = conditions }

    /// From `name=pattern` pairs in the order given: patterns of one name are alternatives, names must all hold.
    package init(grouping pairs: [(name: String, pattern: String)], in catalogue: Catalogue) {
        var order: [String] = []
        var patterns: [String: [Pattern]] = [:]
        for (name, pattern) in pairs {
            if patterns[name] == nil { order.append(name) }
            patterns[name, default: []].append(Pattern(pattern))
        }
        conditions = order.map { Condition(metric: MetricName($0, in: catalogue), patterns: patterns[$0] ?? []) }
    }

    package func selects(_ view: AgentView, source: Int) -> Bool {
        conditions.allSatisfy { condition in
            guard let value = view.reading(of: condition.metric, source: source)?.value else { return false }
            return condition.patterns.contains { $0.matches(value) }
        }
    }
}

/// A pattern for a metric's value: text in which `*` stands for any characters. A number without `*` is compared by value,
/// so that `1e9` finds `1000000000`.
package struct Pattern: Hashable, Sendable {
    package let text: String
    private let number: Double?
    private let isPlain: Bool

    package init(_ text: String) {
        self.text = text
        isPlain = !text.utf8.contains(UInt8(ascii: "*"))
        number = isPlain ? Double(text) : nil
    }

    package func matches(_ value: MetricValue) -> Bool {
        switch value {
        case .number(let value):
            if let number { return value == number }
            return !isPlain && Pattern.matches(Array(text.utf8), Array(value.decimalText.utf8))
        case .text(let value):
            return isPlain ? value.utf8.elementsEqual(text.utf8) : Pattern.matches(Array(text.utf8), Array(value.utf8))
        }
    }

    /// Greedy matching with one step back to the last `*`. Complexity: O(pattern × text) at worst, no recursion.
    private static func matches(_ pattern: [UInt8], _ text: [UInt8]) -> Bool {
        let star = UInt8(ascii: "*")
        var p = 0, t = 0
        var resume: (pattern: Int, text: Int)?
        while t < text.count {
            if p < pattern.count, pattern[p] == star {
                resume = (p, t)
                p += 1
            } else if p < pattern.count, pattern[p] == text[t] {
                p += 1
                t += 1
            } else if let last = resume {
                resume = (last.pattern, last.text + 1)
                (p, t) = (last.pattern + 1, last.text + 1)
            } else {
                return false
            }
        }
        return pattern[p...].allSatisfy { $0 == star }
    }
}

extension Double {
    /// Decimal text as every answer shows a number: whole values without fraction, others in the shortest form that
    /// reads back the same. Finite values only.
    package var decimalText: String {
        // From there on the shortest form has an exponent, and no fraction either.
        if self == rounded(), abs(self) < 0x1p54 { return String(Int64(self)) }
        return description
    }
}
