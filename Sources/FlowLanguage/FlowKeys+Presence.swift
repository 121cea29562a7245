// Which keys occur: for the list of keys that the REST API shows. Every key is tried, so this is for a sample now and
// then, not for each.

internal import Bytes

/// A set of keys, as places in ``FlowKeys/all``.
package struct FlowKeySet: Hashable, Sendable {
    private var words = [UInt64](repeating: 0, count: (FlowKeys.all.count + 63) / 64)

    package init() {}

    package func contains(_ place: Int) -> Bool { words[place >> 6] >> UInt64(place & 63) & 1 == 1 }

    /// In rising order.
    package func forEach(_ body: (Int) -> Void) {
        for index in words.indices {
            var rest = words[index]
            while rest != 0 {
                body(index << 6 + rest.trailingZeroBitCount)
                rest &= rest - 1
            }
        }
    }

    package mutating func insert(_ place: Int) { words[place >> 6] |= 1 << UInt64(place & 63) }

    package mutating func removeAll() { for index in words.indices { words[index] = 0 } }

    package mutating func formUnion(_ other: FlowKeySet) {
        for index in words.indices { words[index] |= other.words[index] }
    }

    package var names: [String] { FlowKeys.all.indices.filter(contains).map { FlowKeys.all[$0].name } }
}

extension FlowKeys {
    /// A place where a key may stand.
    private struct Probe: BitwiseCopyable {
        let place: Int
        let origin: KeyOrigin
        /// The record that it is a field of: most keys are of records that a sample does not have.
        let layout: UInt8?

        init(place: Int, origin: KeyOrigin) {
            self.place = place
            self.origin = origin
            if case .record(let field) = origin { layout = field.layout } else { layout = nil }
        }
    }

    /// All of them, in a row.
    private static let probes: [Probe] = all.enumerated().flatMap { place, key in
        key.origins.map { Probe(place: place, origin: $0) }
    }

    /// Adds the keys that have a value in the sample; keys that are in the set already are not looked for. Names of a
    /// named flow's fields are not in the table and are not told here; the flow itself tells them.
    package static func insertPresent(
        in facts: inout SampleFacts, _ datagram: RawSpan, into set: inout FlowKeySet, _ match: inout FlowMatch
    ) {
        guard facts.kind != .none else { return }
        if !facts.isDissected { facts.dissect(in: datagram) }
        let range = facts.headerRange
        guard range.upperBound <= datagram.byteCount else { return }
        let header = datagram.extracting(range)
        for probe in probes where !set.contains(probe.place) {
            if let layout = probe.layout, !facts.has(layout) { continue }
            match.scratch.text.removeAll()
            let value = facts.read(probe.origin, occurrence: 0, datagram, header, &match.scratch.text)
            if !value.isNull { set.insert(probe.place) }
        }
    }
}
