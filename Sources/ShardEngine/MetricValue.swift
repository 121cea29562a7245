/// A metric's value at one data source: a finite number or a text.
///
/// The order is total, so that a maximum never depends on who compares first: numbers before texts, numbers by size,
/// texts by their Unicode scalars.
package enum MetricValue: Hashable, Comparable, Sendable {
    case number(Double)
    case text(String)

    /// Texts are equal when their scalars are: the standard library's equality, under which two spellings of é are one,
    /// would not fit the order, and a maximum would depend on who compares first.
    package static func == (a: MetricValue, b: MetricValue) -> Bool {
        switch (a, b) {
        case (.number(let a), .number(let b)): a == b
        case (.text(let a), .text(let b)): a.utf8.elementsEqual(b.utf8)
        case (.number, .text), (.text, .number): false
        }
    }

    package func hash(into hasher: inout Hasher) {
        switch self {
        case .number(let number): hasher.combine(number)
        case .text(let text): for byte in text.utf8 { hasher.combine(byte) }
        }
    }

    package static func < (a: MetricValue, b: MetricValue) -> Bool {
        switch (a, b) {
        case (.number(let a), .number(let b)): a < b
        case (.text(let a), .text(let b)): a.unicodeScalars.lexicographicallyPrecedes(b.unicodeScalars)
        case (.number, .text): true
        case (.text, .number): false
        }
    }
}

/// A value with its arrival time.
package struct Reading: Hashable, Sendable {
    package var value: MetricValue
    /// Arrival of the record that carried the value last. Unit: nanoseconds since the Unix epoch.
    package var arrival: Int64

    package init(value: MetricValue, arrival: Int64) {
        self.value = value
        self.arrival = arrival
    }
}
