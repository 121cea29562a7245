// What is remembered for a while after it was told last, however much is told: the places of hosts, and their adaptors.
//
// Entries age by generations, by the agent's own arrival times: one that is older than a lifetime is no longer shown,
// and every lifetime the older half is thrown away whole. So noting one costs the same whatever else there is, memory is
// bounded however keys are forged, and the moment of any clean-up changes nothing.

struct Generations<Key: Hashable, Value> {
    struct Entry {
        let value: Value
        /// When it was told last. Unit: nanoseconds since the Unix epoch.
        let arrival: Int64
    }

    /// Hash tables of the standard library: seeded for each process.
    var current: [Key: Entry] = [:]
    var previous: [Key: Entry] = [:]
    /// Arrival that began the current generation.
    var began: Int64 = 0
    var newest: Int64 = 0

    /// Of two values of a key the one that arrived later holds; of two that arrived together the second.
    /// - Parameters:
    ///   - lifetime: unit: nanoseconds.
    ///   - limit: of the keys of one generation.
    /// - Returns: false when there are too many others.
    mutating func note(_ key: Key, _ value: Value, at arrival: Int64, lifetime: Int64, limit: Int) -> Bool {
        // Neither time is negative: their difference does not overflow.
        let age = arrival - began
        if age >= lifetime {
            // In two lifetimes all that the current generation has grows too old.
            previous = age - lifetime < lifetime ? current : [:]
            current = [:]
            began = arrival
        }
        newest = max(newest, arrival)
        let entry = Entry(value: value, arrival: arrival)
        if let place = current.index(forKey: key) {
            if current.values[place].arrival <= arrival { current.values[place] = entry }
            return true
        }
        guard current.count < limit else { return false }
        current[key] = entry
        return true
    }

    /// The value of a key; nil when it has none that can be seen.
    func value(of key: Key, at instant: Int64, lifetime: Int64) -> Value? {
        var latest = current[key]
        // What arrives late may be older than what the generation before has.
        if let earlier = previous[key], latest.map({ $0.arrival < earlier.arrival }) ?? true { latest = earlier }
        return latest.flatMap { instant - $0.arrival <= lifetime ? $0.value : nil }
    }

    /// Everything that can be seen, in no particular order; of a key in both generations both.
    func forEach(at instant: Int64, lifetime: Int64, _ body: (Key, Entry) -> Void) {
        for generation in [current, previous] {
            for (key, entry) in generation where instant - entry.arrival <= lifetime { body(key, entry) }
        }
    }

    /// Gives memory back when nothing can be seen any more.
    mutating func removeExpired(asOf instant: Int64, lifetime: Int64) {
        guard instant - newest > lifetime else { return }
        current = [:]
        previous = [:]
    }
}
