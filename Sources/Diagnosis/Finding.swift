// What `weir doctor` says: one finding each, a sentence of what is so and a sentence of what to do. Judging is apart from asking
// and reading (those are in the command), so that every judgement is a function of values.

package struct Finding: Hashable, Sendable {
    package enum Weight: Hashable, Sendable {
        /// Something is wrong.
        case fault
        /// Worth knowing; nothing need be done.
        case hint
    }

    package let weight: Weight
    package let what: String
    package let advice: String

    package static func fault(_ what: String, advice: String) -> Finding { Finding(weight: .fault, what: what, advice: advice) }
    package static func hint(_ what: String, advice: String) -> Finding { Finding(weight: .hint, what: what, advice: advice) }
}

/// "1 datagram", "2 datagrams".
func counted(_ number: Double, _ noun: String) -> String {
    let whole = Int(exactly: number.rounded()) ?? Int.max
    return "\(whole) \(noun)\(whole == 1 ? "" : "s")"
}

/// "12 s", "3 min", "5 h", "2 days".
package func spoken(seconds: Double) -> String {
    switch seconds {
    case ..<120: "\(Int(max(0, seconds))) s"
    case ..<7200: "\(Int(seconds / 60)) min"
    case ..<172_800: "\(Int(seconds / 3600)) h"
    case ..<1e12: "\(Int(seconds / 86_400)) days"
    default: "an eternity"
    }
}

/// The first few of them, and how many there are besides.
func listed(_ names: [String], most: Int = 5) -> String {
    let first = names.prefix(most).joined(separator: ", ")
    return names.count > most ? "\(first) and \(names.count - most) more" : first
}

/// Names come from agents and whoever answers: no control characters reach the terminal, and no novel does.
func harmless(_ text: String) -> String {
    let visible = text.unicodeScalars.prefix(64).map { scalar in
        scalar.properties.generalCategory == .control || scalar.properties.generalCategory == .format ? "?" : Character(scalar)
    }
    return String(visible)
}
