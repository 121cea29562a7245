// What flow rates are, worked out the slow and obvious way: every flow there ever was in a dictionary, its rate decayed
// from sample to sample.

internal import Glibc

package struct SlowRates {
    package struct Name: Hashable {
        package let source: Int
        package let key: [UInt8]
    }

    package struct Flow {
        /// Unit: a second.
        package var rate: Double
        /// Unit: nanoseconds since the Unix epoch.
        package var arrival: Int64
    }

    /// Unit: seconds.
    package let t: Double
    package let n: Int
    package private(set) var flows: [Name: Flow] = [:]

    package init(t: Double, n: Int) {
        self.t = t
        self.n = n
    }

    package mutating func add(_ key: [UInt8], at source: Int, _ count: Double, at arrival: Int64) {
        let name = Name(source: source, key: key)
        guard var flow = flows[name], isVisible(flow, at: arrival) else {
            flows[name] = Flow(rate: count / t, arrival: arrival)
            return
        }
        if arrival >= flow.arrival {
            flow.rate = flow.rate * exp(-Double(arrival - flow.arrival) * 1e-9 / t) + count / t
            flow.arrival = arrival
        } else {
            flow.rate += count / t * exp(-Double(flow.arrival - arrival) * 1e-9 / t)
        }
        flows[name] = flow
    }

    package func isVisible(_ flow: Flow, at instant: Int64) -> Bool { Double(instant - flow.arrival) <= max(10 * t, 2) * 1e9 }

    package func rate(_ key: [UInt8], at source: Int, at instant: Int64) -> Double? {
        flows[Name(source: source, key: key)].flatMap { flow in
            isVisible(flow, at: instant) ? flow.rate * exp(-Double(instant - flow.arrival) * 1e-9 / t) : nil
        }
    }

    /// All that live, largest first, equal ones by key.
    package func living(at source: Int, at instant: Int64) -> [(key: [UInt8], rate: Double)] {
        flows.keys.filter { $0.source == source }
            .compactMap { name in rate(name.key, at: source, at: instant).map { (name.key, $0) } }
            .sorted { $0.1 != $1.1 ? $0.1 > $1.1 : $0.0.lexicographicallyPrecedes($1.0) }
    }

    package func shown(at source: Int, at instant: Int64) -> [(key: [UInt8], rate: Double)] {
        Array(living(at: source, at: instant).prefix(n))
    }
}

package func isNear(_ a: Double, _ b: Double, within relative: Double = 1e-9) -> Bool { abs(a - b) <= relative * max(abs(a), abs(b)) }
