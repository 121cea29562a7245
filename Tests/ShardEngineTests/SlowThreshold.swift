// What a threshold does, said slowly: somebody looks at the value again and again, however long nothing arrives.

struct SlowThreshold {
    let level: Double
    /// Unit: nanoseconds.
    let timeout: Int64
    /// Between two looks. Unit: nanoseconds.
    static let step: Int64 = 5_000_000

    private(set) var isTriggered = false
    private var belowSince: Int64?
    /// Whether a sample came so close to the end of the timeout that the looks are too rare to decide.
    private(set) var isUndecided = false

    init(level: Double, timeout: Int64) {
        self.level = level
        self.timeout = timeout
    }

    /// A look at the value; nil when there is none.
    mutating func look(_ value: Double?, at now: Int64) {
        guard isTriggered else { return }
        if let value, value > level {
            belowSince = nil
        } else {
            let since = belowSince ?? now
            belowSince = since
            if now - since >= timeout { isTriggered = false }
        }
    }

    /// The value after a sample; true for an event.
    mutating func sample(_ value: Double?, at now: Int64) -> Bool {
        guard let value, value > level else {
            look(value, at: now)
            return false
        }
        if let belowSince, timeout > 0, abs(now - belowSince - timeout) <= 2 * SlowThreshold.step { isUndecided = true }
        let isDue = !isTriggered
        (isTriggered, belowSince) = (true, nil)
        return isDue
    }
}

/// Flows of one data source from their definition: every sample is kept, and each value is summed up anew.
struct SlowFlows {
    let seconds: Double
    /// Whether the value is a rate; else it is that of the last sample.
    let isRate: Bool
    private var samples: [UInt32: [(time: Int64, value: Double)]] = [:]

    init(seconds: Double, isRate: Bool) {
        self.seconds = seconds
        self.isRate = isRate
    }

    private var lifetime: Int64 { Int64(max(10 * seconds, 2) * 1e9) }

    mutating func add(_ key: UInt32, _ value: Double, at now: Int64) {
        if let last = samples[key]?.last, now - last.time > lifetime { samples[key] = nil }
        samples[key, default: []].append((now, value))
    }

    func value(of key: UInt32, at now: Int64) -> Double? {
        guard let own = samples[key], let last = own.last, now - last.time <= lifetime else { return nil }
        guard isRate else { return last.value }
        return own.reduce(0) { $0 + $1.value * decay(now - $1.time) / seconds }
    }

    func largest(at now: Int64) -> Double? { samples.keys.compactMap { value(of: $0, at: now) }.max() }

    private func decay(_ nanoseconds: Int64) -> Double {
        // e^-x by its series, halved until it converges fast.
        let x = Double(nanoseconds) * 1e-9 / seconds / 1024
        var sum = 1.0, term = 1.0
        for k in 1...12 {
            term *= -x / Double(k)
            sum += term
        }
        for _ in 0..<10 { sum *= sum }
        return x > 1 ? 0 : sum
    }
}
