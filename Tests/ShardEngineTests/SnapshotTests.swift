// A shard that was moved goes on exactly as one that was not; and nothing that is sent as a snapshot can do harm.

import Bytes
import Capture
import DatagramBuilding
import FlowLanguage
import SeededRandom
import SFlow
import ShardEngine
import Testing
import Wire

@Suite struct Snapshots {
    /// Against the shard that the snapshot is of, and one that nothing was ever taken from.
    @Test(arguments: 0..<8 as Range<UInt64>) func movedShardsGoOn(seed: UInt64) throws {
        let note = Comment(rawValue: "seed \(seed)")
        var random = SeededGenerator(seed: seed), stream = MixedStream(seed: seed)
        let (left, undisturbed) = (try Shard.underTest(processSeed: 1), try Shard.underTest(processSeed: 2))
        let moved = try Shard.underTest(processSeed: 1_000 + seed)
        let before = stream.arrivals(.random(in: 0...800, using: &random))
        for shard in [left, undisturbed] { shard.ingest(before) }
        var now = before.last?.time ?? 0
        if random.chance(2) { left.settle(advanced: now, swept: now) }
        var reports = left.takeOutbox().lines
        let pieces = ShardSnapshot(of: left).pieces
        try moved.restore(pieces)
        #expect(ShardSnapshot(of: moved).pieces == pieces, note)
        #expect(difference(moved.contents(at: now), left.contents(at: now)) == nil, note)
        for _ in 0..<3 {
            let arrivals = stream.arrivals(.random(in: 1...200, using: &random))
            now = arrivals.last?.time ?? now
            for shard in [left, undisturbed, moved] { shard.ingest(arrivals) }
            for instant in [now, now + 3 * second] {
                let expected = undisturbed.contents(at: instant)
                try #require(difference(moved.contents(at: instant), expected) == nil, note)
                try #require(difference(left.contents(at: instant), expected) == nil, note)
            }
            guard random.chance(2) else { continue }
            for shard in [left, moved] { shard.settle(advanced: now, swept: now) }
            try #require(moved.stateHash == left.stateHash, note)
        }
        // When a shard is settled does not matter.
        for shard in [left, undisturbed, moved] { shard.settle(advanced: now, swept: now) }
        let ends = [moved, left, undisturbed].map { ShardSnapshot(of: $0) }
        #expect(ends[0].hash == ends[1].hash && ends[0].hash == ends[2].hash, note)
        for address in ends[0].agents { #expect(ends[0].hash(of: address) == ends[2].hash(of: address), note) }
        // What several agents report at one time has no order.
        let later = moved.takeOutbox().lines
        #expect(difference(later.sorted(), left.takeOutbox().lines.sorted()) == nil, note)
        reports += later
        #expect(difference(reports.sorted(), undisturbed.takeOutbox().lines.sorted()) == nil, note)
    }

    /// Every part of the state is in what the other tests try.
    @Test func theStreamReachesEverything() throws {
        let shard = try Shard.underTest(processSeed: 1)
        var stream = MixedStream(seed: 4), events: Set<String> = [], lines: [String] = [], records: Set<String> = []
        for _ in 0..<10 {
            let arrivals = stream.arrivals(200)
            shard.ingest(arrivals)
            lines += shard.contents(at: arrivals.last?.time ?? 0)
            let outbox = shard.takeOutbox()
            events.formUnion(outbox.events.map(\.threshold))
            records.formUnion(outbox.flows.map(\.name))
        }
        #expect(events == ["octets", "level", "pairs", "top", "scan", "mean"])
        #expect(records == ["logged", "begun"])
        for name in shard.flows.map(\.name) { #expect(lines.contains { $0.hasPrefix("\(name) ") }, "\(name)") }
        for part in ["HostReading", "hits", "load_one", "ifname text(\"p1\")"] { #expect(lines.contains { $0.contains(part) }, "\(part)") }
    }

    /// Whole captures, cut in the middle.
    @Test(
        .enabled(if: Shared.exists(Shared.capture("fabric.pcap")), Comment(rawValue: Shared.skipped)),
        arguments: ["fabric", "ecmp", "hsflowd", "ndpi", "overflowd"])
    func sharedCaptures(name: String) throws {
        var count = 0, newest: Int64 = 0
        try replay("\(name).pcap", into: Shard()) { _ in count += 1 }
        let left = try Shard.underTest(processSeed: 1), moved = try Shard.underTest(processSeed: 2)
        var taken = 0
        try replay("\(name).pcap", into: left) { arrival in
            (taken, newest) = (taken + 1, max(newest, arrival))
            guard taken == count / 2 else { return }
            do { try moved.restore(ShardSnapshot(of: left).pieces) } catch { Issue.record("\(name): \(error)") }
        }
        var skipped = 0
        var reader = try DatagramReader(path: Shared.capture("\(name).pcap"))
        while let datagram = try reader.next() {
            skipped += 1
            guard skipped > count / 2 else { continue }
            reader.withPayload(of: datagram) { moved.ingest($0, udpSource: datagram.source, arrival: datagram.arrivalNanoseconds) }
        }
        #expect(difference(moved.contents(at: newest), left.contents(at: newest)) == nil)
        #expect(moved.stateHash == left.stateHash)
        let pieces = ShardSnapshot(of: left).pieces, bytes = pieces.map(\.count)
        print("\(name): \(pieces.count - 1) agents, header \(bytes[0]) bytes, largest agent \(bytes.dropFirst().max() ?? 0), all \(bytes.reduce(0, +))")
    }

    // MARK: Hostile pieces

    private func subject(_ count: Int) throws -> (pieces: [[UInt8]], stream: MixedStream) {
        let shard = try Shard.underTest(processSeed: 1)
        var stream = MixedStream(seed: 7)
        shard.ingest(stream.arrivals(count))
        return (ShardSnapshot(of: shard).pieces, stream)
    }

    @Test func beginningsOfPieces() throws {
        let pieces = try subject(5).pieces
        let shard = try Shard.underTest(processSeed: 2)
        for (place, piece) in pieces.enumerated() {
            for end in 0...piece.count {
                var restoration = ShardRestoration(into: shard)
                for earlier in pieces[..<place] { try restoration.take(earlier) }
                let (part, reason) = end < piece.count
                    ? (Array(piece[..<end]), [.truncated, .countExceedsBytes]) : (piece + [0], [WireError.Reason.trailingBytes])
                let error = #expect(throws: WireError.self) { try restoration.take(part) }
                #expect(error.map { reason.contains($0.reason) } ?? false, "piece \(place), \(end) bytes: \(error?.description ?? "")")
                #expect(shard.agents.isEmpty && shard.counters.datagrams == 0)
            }
        }
    }

    /// What is taken in although it was changed is a state that can be used, and written again.
    @Test(arguments: 0..<3 as Range<UInt64>) func changedPieces(seed: UInt64) throws {
        var (pieces, stream) = try subject(30)
        let rest = stream.arrivals(60)
        var random = SeededGenerator(seed: seed), accepted = 0
        for _ in 0..<60 {
            let place = Int.random(in: 0..<pieces.count, using: &random)
            var changed = pieces
            for _ in 0...Int.random(in: 0...2, using: &random) {
                let byte = Int.random(in: 0..<changed[place].count, using: &random)
                changed[place][byte] = random.chance(3) ? [0, 0x7F, 0x80, 0xFF].randomElement(using: &random) ?? 0 : .random(in: 0...255, using: &random)
            }
            let shard = try Shard.underTest(processSeed: seed)
            do {
                try shard.restore(changed)
            } catch {
                #expect(shard.agents.isEmpty)
                continue
            }
            accepted += 1
            let again = ShardSnapshot(of: shard).pieces
            let twin = try Shard.underTest(processSeed: seed + 1)
            try twin.restore(again)
            #expect(ShardSnapshot(of: twin).pieces == again, "seed \(seed)")
            shard.ingest(rest)
            for instant in [rest.last?.time ?? 0, .max, 0] { _ = shard.contents(at: instant) }
            shard.settle(advanced: .max, swept: .max)
        }
        #expect(accepted > 5, "seed \(seed)")
    }

    @Test func piecesOutOfPlace() throws {
        let pieces = try subject(30).pieces
        let shard = try Shard.underTest(processSeed: 2)
        let wrong: [[[UInt8]]] = [
            [pieces[1]], [pieces[0], pieces[0]], [pieces[0], pieces[1], pieces[1]], [pieces[0], pieces[2], pieces[1]],
            pieces + [pieces[pieces.count - 1]], [[]], [[2]],
        ]
        for pieces in wrong {
            #expect(throws: WireError.self) { try shard.restore(pieces) }
            #expect(shard.agents.isEmpty && shard.counters.datagrams == 0)
        }
        var restoration = ShardRestoration(into: shard)
        for piece in pieces {
            #expect(!restoration.isComplete)
            try restoration.take(piece)
        }
        #expect(restoration.isComplete)
    }

    /// A shard with other definitions refuses at the header.
    @Test func otherDefinitions() throws {
        let header = try #require(try subject(3).pieces.first)
        let changes: [(Shard) throws -> Void] = [
            { $0.setFlows(Array($0.flows.dropLast())) },
            { $0.setThresholds([]) },
            { shard in
                let other = FlowDefinition(keys: ["ipsource", "ipdestination"], value: "bytes", n: 6)
                shard.setFlows(shard.flows.filter { $0.name != "pair" } + [try .named("pair", other)])
            },
        ]
        for change in changes {
            let shard = try Shard.underTest(processSeed: 2)
            try change(shard)
            #expect(throws: WireError.self) { try shard.restore([header]) }
        }
    }
}
