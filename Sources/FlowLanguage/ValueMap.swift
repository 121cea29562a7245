// Maps: labels of exact values, for the function `map`.

/// One map: immutable, shared by all who look values up.
package struct ValueMap: Sendable {
    let index: ValueIndex
    let labels: [[UInt8]]

    /// - Parameters:
    ///   - members: labels with their values: numbers, MACs, addresses, texts. Of equal values the last one counts.
    ///   - seed: random for each process.
    package init(_ members: [(label: String, values: [String])], seed: UInt64) {
        var texts: [(String, Int32)] = []
        for (place, member) in members.enumerated() {
            for value in member.values { texts.append((value, Int32(truncatingIfNeeded: place))) }
        }
        index = ValueIndex(texts, seed: seed)
        labels = members.map { Array($0.label.utf8.prefix(FlowLimits.valueTextBytes)) }
    }
}
