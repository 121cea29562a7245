// Custom metrics: values that software on a host names itself and sends as sample 4300:1002. Their names come from the
// network, so both names and numbers of them are bounded.

internal import SFlow

/// The custom metrics of one named data source.
struct CustomMetrics: Sendable {
    struct Entry: Sendable {
        var value: MetricValue?
        var counter: UInt64 = 0
        var uptimeMilliseconds: UInt32 = 0
        var arrival: Int64 = 0
        var interval: Int64 = 0

        func isVisible(asOf: Int64, expiry: Expiry) -> Bool {
            asOf - arrival <= expiry.lifetime(interval: interval)
        }
    }

    var entries: [String: Entry] = [:]

    var isEmpty: Bool { entries.isEmpty }

    func isVisible(asOf: Int64, expiry: Expiry) -> Bool {
        entries.values.contains { $0.isVisible(asOf: asOf, expiry: expiry) }
    }

    /// Takes a value in; false when the source has no room for another name. Of a late datagram only what nothing newer is
    /// known of.
    mutating func update(
        _ name: String, _ value: NamedMetrics.Value, at time: RecordArrival, isLate: Bool, expiry: Expiry
    ) -> Bool {
        var entry = entries[name] ?? Entry()
        if entries[name] == nil, entries.count >= Limits.customMetricsPerSource {
            removeExpired(asOf: time.arrival, expiry: expiry)
            guard entries.count < Limits.customMetricsPerSource else { return false }
        }
        if entry.arrival != 0, !entry.isVisible(asOf: time.arrival, expiry: expiry) { entry = Entry() }
        if isLate, entry.arrival != 0 { return true }
        entry.take(value, at: time)
        entries[name] = entry
        return true
    }

    mutating func removeExpired(asOf: Int64, expiry: Expiry) {
        entries = entries.filter { $0.value.isVisible(asOf: asOf, expiry: expiry) }
    }
}

extension CustomMetrics.Entry {
    mutating func take(_ reading: NamedMetrics.Value, at time: RecordArrival) {
        let elapsed = arrival == 0 ? 0 : max(0, time.arrival - arrival)
        switch reading {
        case .text(let text): value = .text(text)
        case .gauge(let number): value = .number(Double(number))
        case .float(let number): value = .number(number)
        case .counter(let total, let bits):
            let isContinued = arrival != 0
                && !DatagramSequence.uptimeFell(from: uptimeMilliseconds, to: time.uptimeMilliseconds)
            if isContinued, elapsed == 0 { return }
            let reading = CounterReading(value: total, is32Bit: bits == 32)
            let rate = reading.rate(
                since: counter, previousRate: number, seconds: isContinued ? Double(elapsed) * 1e-9 : nil, limit: nil,
                scale: 1)
            value = rate.isNaN ? nil : .number(rate)
            counter = total
        }
        interval = elapsed
        arrival = time.arrival
        uptimeMilliseconds = time.uptimeMilliseconds
    }

    private var number: Double {
        guard case .number(let number)? = value else { return .nan }
        return number
    }
}
