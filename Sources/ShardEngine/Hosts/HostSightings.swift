// Which hosts an agent has seen at its ports: source addresses of packets that came in where no link of the topology ends.

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

    var sightings = Generations<Sighting, Void>()

    /// False when there are too many others.
    mutating func note(_ sender: PacketSender, source: Int, at arrival: Int64) -> Bool {
        sightings.note(
            Sighting(sender: sender, source: source), (), at: arrival, lifetime: HostSightings.lifetime,
            limit: Limits.hostSightingsPerAgent)
    }

    /// Everything that can be seen, in no particular order; of a sighting in both generations both.
    func forEach(at instant: Int64, _ body: (Sighting, _ arrival: Int64) -> Void) {
        sightings.forEach(at: instant, lifetime: HostSightings.lifetime) { body($0, $1.arrival) }
    }

    mutating func removeExpired(asOf instant: Int64) {
        sightings.removeExpired(asOf: instant, lifetime: HostSightings.lifetime)
    }
}
