// Maps, sets and messages come back as they were sent; nothing else is believed.

import Cluster
import Testing
import Wire

@Suite struct MessageTests {
    private static func map(shards: Int = 100) -> ShardMap {
        var map = ShardMap(
            epoch: 7, shardCount: shards, replicas: 2,
            workers: [
                .init(name: "a", incarnation: .max, address: "10.0.0.1:7000"),
                .init(name: "b", incarnation: 0, address: "[2001:db8::1]:7000"),
            ])
        for shard in map.owners.indices {
            map.owners[shard].primary = shard % 3 == 2 ? nil : shard % 3
            map.owners[shard].replica = shard % 3 == 0 ? 1 : nil
            map.owners[shard].incoming = shard % 6 == 0 ? 0 : nil
            map.owners[shard].incomingSince = shard % 6 == 0 ? 7 : 0
            map.owners[shard].lostIn = UInt64(shard)
        }
        return map
    }

    @Test func aMapComesBack() throws {
        let map = Self.map()
        #expect(try ShardMap(wireBytes: map.wireBytes) == map)
    }

    @Test func aMapThatNamesWorkersItDoesNotHaveIsRefused() {
        var map = Self.map()
        map.workers.removeLast()
        #expect(throws: WireError.self) { try ShardMap(wireBytes: map.wireBytes) }
    }

    @Test func groupsOfAMap() {
        let map = Self.map(shards: 6)
        #expect(map.primaries.map { $0.shards.shards } == [[0, 3], [1, 4]])
        #expect(map.orphans.shards == [2, 5])
        #expect(map.replicas(of: ShardSet([0, 1, 3])).map { $0.shards.shards } == [[0, 3]])
        let own = map.shards(of: map.workers[0])
        #expect(own.incoming.shards == [0])
    }

    @Test func setsComeBackInOneForm() throws {
        let set = ShardSet([0, 63, 64, 1023])
        #expect(try ShardSet(wireBytes: set.wireBytes) == set)
        #expect(set.shards == [0, 63, 64, 1023])
        #expect(set.count == 4)
        #expect(throws: WireError.self) { try ShardSet(wireBytes: [UInt64(1), 0].wireBytes) }
    }

    @Test func everyPrefixOfAMessageIsRefused() throws {
        let join = Join(role: .ingest, name: "ingest-1", incarnation: 5, port: 0, epoch: 3, version: "0.1-1")
        var heartbeat = Heartbeat()
        heartbeat.sourceTime = SourceTime(isCapture: true, watermark: 1_700_000_000_000_000_000)
        heartbeat.error = "no route"
        heartbeat.short.lacking = [3: ShardSet([1, 70]), .max: ShardSet([2])]
        heartbeat.short.lately = ShardSet([70])
        let reports: [MemberReport] = [.join(join), .heartbeat(heartbeat), .outbox(number: 9, bytes: [1, 2])]
        let terms = ClusterTerms(shardCount: 1024, replicas: 2, expiryMinimum: 1, expiryMaximum: 2)
        let orders: [MemberOrder] = [
            .welcome(terms), .map(Self.map()), .definitions(version: 3, document: [123, 125]), .taken(number: 8), .released, .heard(number: 7), .refused("a worker of that name is here"),
        ]
        for bytes in reports.map(\.wireBytes) {
            #expect(try MemberReport(wireBytes: bytes).wireBytes == bytes)
            for count in bytes.indices { #expect(throws: WireError.self) { try MemberReport(wireBytes: Array(bytes[..<count])) } }
        }
        for bytes in orders.map(\.wireBytes) {
            #expect(try MemberOrder(wireBytes: bytes).wireBytes == bytes)
            for count in bytes.indices { #expect(throws: WireError.self) { try MemberOrder(wireBytes: Array(bytes[..<count])) } }
        }
    }

    @Test func randomBytesNeverTrap() {
        var random = SystemRandomNumberGenerator()
        for _ in 0..<20_000 {
            let bytes = (0..<Int.random(in: 0..<40, using: &random)).map { _ in UInt8.random(in: 0...20, using: &random) }
            _ = try? MemberReport(wireBytes: bytes)
            _ = try? MemberOrder(wireBytes: bytes)
            _ = try? ShardMap(wireBytes: bytes)
        }
    }

    /// Rendezvous spreads evenly and moves only what it must.
    @Test func placementIsEvenAndStable() {
        let names = (1...9).map { "worker-\($0)" }
        func first(of names: [String]) -> [String] {
            var placement = Placement()
            placement.arrange(names, shardCount: 1024, copies: 2)
            return (0..<1024).map { placement.names(for: $0)[0] }
        }
        let before = first(of: Array(names.dropLast())), after = first(of: names)
        let counts = Dictionary(grouping: before, by: { $0 }).mapValues(\.count)
        #expect(counts.count == 8)
        #expect(counts.values.allSatisfy { (90...170).contains($0) }, "\(counts)")
        let moved = zip(before, after).filter { $0 != $1 }
        #expect(moved.allSatisfy { $0.1 == "worker-9" })
        #expect((80...150).contains(moved.count), "\(moved.count)")
    }
}
