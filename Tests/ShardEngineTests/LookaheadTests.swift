// Announced datagrams: whatever is announced, and whenever, the state is the same as without.

import Bytes
import DatagramBuilding
import SeededRandom
import ShardEngine
import Testing
import Wire

@Suite struct Lookahead {
    @Test(arguments: 0..<8 as Range<UInt64>) func announcementsChangeNothing(seed: UInt64) throws {
        let note = Comment(rawValue: "seed \(seed)")
        var random = SeededGenerator(seed: seed), stream = MixedStream(seed: seed)
        let (plain, announced) = (try Shard.underTest(processSeed: 1), try Shard.underTest(processSeed: 1))
        var now: Int64 = 0
        for round in 1...40 {
            let before = now
            let arrivals = stream.arrivals(.random(in: 1...12, using: &random))
            now = max(now, arrivals.last?.time ?? 0)
            plain.ingest(arrivals)
            for arrival in arrivals where !random.chance(6) {
                // The datagrams to come, others in their place, and too many.
                let one = random.chance(6) ? arrivals[.random(in: 0..<arrivals.count, using: &random)] : arrival
                announced.expect(one.bytes.span.bytes, udpSource: IPAddress(v4: 0xC000_0201))
                if random.chance(8) { announced.fetchExpected() }
            }
            // Agents go between the announcement and the datagram.
            if random.chance(3) { announced.settle(advanced: before, swept: before) }
            announced.fetchExpected()
            announced.ingest(arrivals)
            guard round % 10 == 0 else { continue }
            try #require(difference(announced.contents(at: now), plain.contents(at: now)) == nil, note)
        }
        for shard in [plain, announced] { shard.settle(advanced: now, swept: now) }
        #expect(announced.stateHash == plain.stateHash, note)
    }
}
