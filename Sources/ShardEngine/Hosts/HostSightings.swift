// Which hosts an agent has seen at its ports: source addresses of packets that came in where no link of the topology ends.
//
// Sightings age by generations, by the agent's own arrival times: one that is older than a lifetime is no longer shown,
// and every lifetime the older half is thrown away whole. So noting one costs the same whatever else there is, memory is
// bounded however addresses are forged, and the moment of any clean-up changes nothing.

internal import Bytes
internal import FlowLanguage

struct HostSightings {
    struct Sighting: Hashable {
        let sender: PacketSender
        /// The data source's place in the agent's list.
        let source: Int
    }

    /// A host is shown for this long after its last sampled packet. Unit: nanoseconds.
    static let lifetime: Int64 = 300_000_000_000

    /// Arrival of the last packet of each. Hash tables of the standard library: seeded for each process.
    var current: [Sighting: Int64] = [:]
    var previous: [Sighting: Int64] = [:]
    /// Arrival that began the current generation.
    var began: Int64 = 0
    var newest: Int64 = 0

    /// False when there are too many others.
    mutating func note(_ sender: PacketSender, source: Int, at arrival: Int64) -> Bool {
        // Neither time is negative: their difference does not overflow.
        let age = arrival - began
        if age >= HostSightings.lifetime {
            // In two lifetimes all that the current generation has grows too old.
            previous = age < 2 * HostSightings.lifetime ? current : [:]
            current = [:]
            began = arrival
        }
        newest = max(newest, arrival)
        let sighting = Sighting(sender: sender, source: source)
        if let place = current.index(forKey: sighting) {
            current.values[place] = max(current.values[place], arrival)
            return true
        }
        guard current.count < Limits.hostSightingsPerAgent else { return false }
        current[sighting] = arrival
        return true
    }

    /// Everything that can be seen, in no particular order; of a sighting in both generations both.
    func forEach(at instant: Int64, _ body: (Sighting, _ arrival: Int64) -> Void) {
        for generation in [current, previous] {
            for (sighting, arrival) in generation where instant - arrival <= HostSightings.lifetime {
                body(sighting, arrival)
            }
        }
    }

    /// Gives memory back when nothing can be seen any more.
    mutating func removeExpired(asOf instant: Int64) {
        guard instant - newest > HostSightings.lifetime else { return }
        current = [:]
        previous = [:]
    }
}
