// An agent's sample instances, found by their keys. This runs once for every flow sample, on agents whose instances
// together are far larger than the processor's caches, so what matters is memory touched: a slot of four bytes, which tells
// most other keys from the one that is looked for, and the instance's one cache line, which the caller needs anyway.

internal import SFlow

/// Open addressing with linear probing (Knuth, The Art of Computer Programming, volume 3, section 6.4, algorithm L). Entries
/// are never removed. At most half of the slots are taken. Complexity: O(1) expected.
struct InstanceTable: ~Copyable {
    /// In order of appearance.
    var series = Slab<SampleSeries>()
    /// By the places of the first series; of the others there is nothing to say. Mostly of none: samples do come.
    private var losses = Slab<SampleLosses>()
    /// In the lower half of a slot place + 1 of an instance, 0 when the slot is free; in the upper half a part of the key's
    /// hash. A power of two of slots.
    private var slots = Slab<UInt32>(repeating: 0, count: 8)

    /// Differs between processes: agents choose the keys, and must not choose collisions.
    private static let seed = UInt64.random(in: .min ... .max)

    var count: Int { series.count }

    var all: [SampleInstance] {
        series.indices.map { SampleInstance(series: series[$0], losses: losses(of: $0)) }
    }

    func place(of key: SampleInstance.Key) -> Int? { place(of: key, hash: InstanceTable.hash(of: key)) }

    /// - Parameter hash: of the key.
    func place(of key: SampleInstance.Key, hash: UInt64) -> Int? {
        var slot = first(hash)
        while slots[slot] != 0 {
            if slots[slot] >> 16 == fingerprint(hash) {
                let place = Int(slots[slot] & 0xFFFF) - 1
                if series[place].key == key { return place }
            }
            slot = (slot + 1) & (slots.count - 1)
        }
        return nil
    }

    /// Adds an instance whose key is not there yet, and says its place.
    mutating func add(_ key: SampleInstance.Key, source: Int) -> Int {
        series.append(SampleSeries(key: key, source: source))
        if count * 2 > slots.count {
            slots = Slab(repeating: 0, count: slots.count * 2)
            for place in series.indices { insert(place, series[place].key) }
        } else {
            insert(count - 1, key)
        }
        return count - 1
    }

    func losses(of place: Int) -> SampleLosses { place < losses.count ? losses[place] : SampleLosses() }

    mutating func setLosses(_ new: SampleLosses, of place: Int) {
        if place >= losses.count {
            guard !new.isNone else { return }
            losses.append(repeating: SampleLosses(), count: count - losses.count)
        }
        losses[place] = new
    }

    private mutating func insert(_ place: Int, _ key: SampleInstance.Key) {
        let hash = InstanceTable.hash(of: key)
        var slot = first(hash)
        while slots[slot] != 0 { slot = (slot + 1) & (slots.count - 1) }
        // Exact: places are less than `Limits.instancesPerAgent`, 49,152.
        slots[slot] = fingerprint(hash) << 16 | UInt32(truncatingIfNeeded: place + 1)
    }

    static func hash(of key: SampleInstance.Key) -> UInt64 { key.mixed(with: seed) }

    private func first(_ hash: UInt64) -> Int { Int(truncatingIfNeeded: hash) & (slots.count - 1) }

    private func fingerprint(_ hash: UInt64) -> UInt32 { UInt32(truncatingIfNeeded: hash >> 48) }
}

// Fetching ahead: a hash's slots first, and when they are there the series that the key may name.
extension InstanceTable {
    func prefetchSlots(hash: UInt64) { slots.prefetch(first(hash)) }

    func prefetchSeries(hash: UInt64) {
        var slot = first(hash)
        while slots[slot] != 0 {
            if slots[slot] >> 16 == fingerprint(hash) { return series.prefetch(Int(slots[slot] & 0xFFFF) - 1) }
            slot = (slot + 1) & (slots.count - 1)
        }
    }
}

// Booking samples.
extension InstanceTable {
    /// The place of an instance's data source in the agent's list.
    func source(of place: Int) -> Int { Int(series[place].source) }

    /// Books a sample's number; the verdict says whether its contents count.
    mutating func observe(
        _ number: UInt32, at place: Int, subAgentRun: UInt32, datagramIsLate: Bool
    ) -> SequenceVerdict {
        let verdict = series[place].observe(number, subAgentRun: subAgentRun, datagramIsLate: datagramIsLate)
        if verdict != .inOrder {
            var new = losses(of: place)
            new.note(verdict, isTracked: series[place].isTracked)
            setLosses(new, of: place)
        }
        return verdict
    }

    /// Books a notification.
    mutating func observe(_ sample: DiscardedPacket, at place: Int, subAgentRun: UInt32, datagramIsLate: Bool) {
        let verdict = observe(
            sample.sequenceNumber, at: place, subAgentRun: subAgentRun, datagramIsLate: datagramIsLate)
        observe(drops: sample.drops, at: place, after: verdict)
    }

    /// Books a flow sample.
    mutating func observe(_ sample: FlowSample, at place: Int, subAgentRun: UInt32, datagramIsLate: Bool) {
        let verdict = observe(
            sample.sequenceNumber, at: place, subAgentRun: subAgentRun, datagramIsLate: datagramIsLate)
        observe(drops: sample.drops, at: place, after: verdict)
        var new = losses(of: place)
        let missed = new.missed
        series[place].observe(pool: sample.samplePool, rate: sample.samplingRate, after: verdict, missed: &new.missed)
        if new.missed != missed { setLosses(new, of: place) }
    }

    private mutating func observe(drops total: UInt32, at place: Int, after verdict: SequenceVerdict) {
        let increase = series[place].observe(drops: total, after: verdict)
        guard increase > 0 else { return }
        var new = losses(of: place)
        new.drops &+= UInt64(increase)
        setLosses(new, of: place)
    }
}

extension SampleInstance.Key {
    /// Two rounds of multiplication and folding (the finaliser of splitmix64), with the seed between the words.
    fileprivate func mixed(with seed: UInt64) -> UInt64 {
        var z = (UInt64(dataSource.classNumber) << 32 | UInt64(dataSource.index)) ^ seed
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z ^= UInt64(subAgent) << 2 | UInt64(kind.rawValue)
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
