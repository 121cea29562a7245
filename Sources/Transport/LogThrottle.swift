// Which of many like events are worth a line in the log. Pure: the time is an argument.

/// Lets each key through once an interval, and remembers how often it was silent in between. Bounded: when more keys than
/// that misbehave within one interval, the rest stay silent.
struct LogThrottle {
    private struct Entry {
        var lastSeconds: Double
        var swallowedCount = 0
    }

    private let intervalSeconds: Double
    private let keysMax: Int
    private var entries: [String: Entry] = [:]

    init(intervalSeconds: Double = 60, keysMax: Int = 256) {
        self.intervalSeconds = intervalSeconds
        self.keysMax = keysMax
    }

    /// How many events were swallowed since the last one that was let through; nil when this one is to be swallowed.
    mutating func admit(_ key: String, nowSeconds: Double) -> Int? {
        if let entry = entries[key] {
            guard nowSeconds - entry.lastSeconds >= intervalSeconds else {
                entries[key]?.swallowedCount += 1
                return nil
            }
            entries[key] = Entry(lastSeconds: nowSeconds)
            return entry.swallowedCount
        }
        if entries.count >= keysMax { entries = entries.filter { nowSeconds - $0.value.lastSeconds < intervalSeconds } }
        guard entries.count < keysMax else { return nil }
        entries[key] = Entry(lastSeconds: nowSeconds)
        return 0
    }
}
