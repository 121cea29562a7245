// A real etcd, paused, killed, cut off and compacted.

@testable import ClusterStore
import Foundation
import Testing

@Suite(.serialized, .enabled(if: StoreKind.hasEtcd, "etcd not found (Debian package etcd-server): skipped"))
struct EtcdStoreTests {
    @Test func aPausedStoreEndsTheTenureInTime() async throws {
        let plant = try await EtcdPlant(memberCount: 1)
        let contest = Contest()
        let stores = try (0..<2).map { _ in try plant.store(time: .real) }
        let tasks = [contest.join("ada", stores[0]), contest.join("bob", stores[1])]
        let seen = Collected<StoreUpdate>()
        let watch = Task { for await update in stores[0].watch("map") { seen.append(update) } }
        let (leader, _) = try await contest.agreement("the first")
        try await eventually("the watch starts") { seen.all == [.value(nil)] }

        plant.members[0].signal(SIGSTOP)
        let paused = ContinuousClock.now
        try await eventually("the leader gives up", seconds: 3.4) {
            if case .unknown? = contest.latest(leader) { true } else { false }
        }
        // The lease lasts 3 s from the last renewal, so at most 3 s from here.
        #expect(ContinuousClock.now - paused < .milliseconds(2900))
        try await eventually("the watch says so", seconds: 15) { seen.all.count == 2 }
        plant.members[0].signal(SIGCONT)
        _ = try await contest.agreement("the store is back")
        try await eventually("the watch goes on") { seen.all.count >= 3 }
        guard case .unavailable = seen.all[1] else { throw Late(what: "\(seen.all)") }
        #expect(seen.all[2] == .value(nil))
        contest.check()
        watch.cancel()
        for task in tasks { task.cancel() }
        for task in tasks { await task.value }
        for store in stores { await store.close() }
    }

    @Test func theDeathOfEtcdsLeaderLosesNoWrite() async throws {
        let plant = try await EtcdPlant(memberCount: 3)
        let store = try plant.store(time: .real)
        let contest = Contest()
        let candidates = try ["ada", "bob"].map { name in contest.join(name, try plant.store(time: .real)) }
        _ = try await contest.agreement("the first")
        let statuses = try await plant.endpoints.asyncMap { try await plant.call("/v3/maintenance/status", "{}", endpoint: $0) }
        let chief = try #require(statuses.firstIndex { status in
            (status["header"] as? [String: Any])?["member_id"] as? String == status["leader"] as? String
        })
        var revision: Revision?
        for number in 1...60 {
            if number == 20 { plant.members[chief].signal(SIGKILL) }
            let started = ContinuousClock.now
            revision = try await store.write("count", Array("\(number)".utf8), expecting: revision)
            #expect(ContinuousClock.now - started < .seconds(6))
        }
        #expect(try await store.read("count")?.bytes == Array("60".utf8))
        // Each number once: nothing was written twice.
        let answer = try await plant.call(
            "/v3/kv/range", #"{"key":"\#(Base64.text(Array("/weir/test/count".utf8)))"}"#,
            endpoint: plant.endpoints[(chief + 1) % 3])
        #expect(((answer["kvs"] as? [[String: Any]])?.first)?["version"] as? String == "60")
        _ = try await contest.agreement("after etcd has another leader")
        contest.check()
        for task in candidates { task.cancel() }
        for task in candidates { await task.value }
        await store.close()
    }

    @Test func aLeaderThatIsCutOffStopsBeforeAnotherStarts() async throws {
        let plant = try await EtcdPlant(memberCount: 3)
        let contest = Contest()
        let lonely = try plant.store(time: .real, endpoints: [plant.endpoints[0]])
        let ada = contest.join("ada", lonely)
        _ = try await contest.agreement("ada alone")
        let bob = contest.join("bob", try plant.store(time: .real, endpoints: Array(plant.endpoints[1...])))
        _ = try await contest.agreement("ada with bob")
        plant.members[0].signal(SIGSTOP)
        let cut = ContinuousClock.now
        try await eventually("bob leads", seconds: 10) { if case .leading? = contest.latest("bob") { true } else { false } }
        // etcd itself may have lost its leader: it then starts leases anew, which can take longer than ours.
        #expect(ContinuousClock.now - cut < .seconds(9))
        if case .unknown? = contest.latest("ada") {} else { Issue.record("ada says \(contest.said("ada"))") }
        plant.members[0].signal(SIGCONT)
        #expect(try await contest.agreement("both again").leader == "bob")
        contest.check()
        for task in [ada, bob] {
            task.cancel()
            await task.value
        }
    }

    @Test func aWatchSurvivesCompaction() async throws {
        let plant = try await EtcdPlant(memberCount: 1)
        let store = try plant.store(time: .real)
        var revision: Revision?
        for number in 0..<20 { revision = try await store.write("map", [UInt8(number)], expecting: revision) }
        let last = try #require(revision)
        _ = try await plant.call("/v3/kv/compaction", #"{"revision":"\#(last)","physical":true}"#)
        // A watch from a revision that is gone says "look again" at once, and does not wait for a change.
        let web = try WebClient(authoritiesFile: nil, time: .real)
        let gateway = EtcdGateway(
            web: web, endpoints: Endpoints(plant.endpoints), deadline: .seconds(1),
            repeated: Persistence(patience: .zero, pause: .zero, time: .real))
        try await StoreTime.real.limit("the notice", to: .seconds(3)) { () throws(StoreFault) in
            try await gateway.awaitChange("/weir/test/map", after: 2)
        }
        await web.close()
        await store.close()
    }

    @Test func withoutQuorumNothingIsSaidToBeWritten() async throws {
        let plant = try await EtcdPlant(memberCount: 3)
        let store = try plant.store(time: .real)
        let revision = try await store.write("map", [1], expecting: nil)
        for member in plant.members.prefix(2) { member.signal(SIGSTOP) }
        do throws(StoreFault) {
            _ = try await store.write("map", [2], expecting: revision)
            Issue.record("written by a minority")
        } catch {
            #expect([.timeout, .unreachable].contains(error.reason), "\(error)")
        }
        for member in plant.members.prefix(2) { member.signal(SIGCONT) }
        try await eventually("the store is back", seconds: 20) { (try? await store.read("map")) != nil }
        await store.close()
    }

    @Test func certificatesAreChecked() async throws {
        let plant = try await EtcdPlant(memberCount: 1, isSecure: true)
        let store = try plant.store(time: .real)
        let revision = try await store.write("map", [1], expecting: nil)
        #expect(try await store.read("map")?.revision == revision)
        await store.close()
        let careless = try EtcdStore(endpoints: plant.endpoints, prefix: "/weir/test/", time: ProcessTime(haste: 4).time)
        await expectFault(.unreachable) { () throws(StoreFault) in try await careless.read("map") }
        await careless.close()
        let scratch = try Scratch()
        try scratch.write("empty.pem", "no certificate")
        #expect(throws: StoreFault.self) {
            try EtcdStore(endpoints: plant.endpoints, prefix: "/", authoritiesFile: scratch.path + "/empty.pem")
        }
    }

    @Test func tooLargeIsTold() async throws {
        let plant = try await EtcdPlant(memberCount: 1)
        let store = try plant.store(time: .real)
        let mostBytes = [UInt8](repeating: 7, count: 1 << 20)
        _ = try await store.write("map", mostBytes, expecting: nil)
        #expect(try await store.read("map")?.bytes == mostBytes)
        await expectFault(.tooLarge) { () throws(StoreFault) in try await store.write("map", mostBytes + [7], expecting: nil) }
        await store.close()
    }
}

extension Sequence {
    fileprivate func asyncMap<Value>(_ transform: (Element) async throws -> Value) async rethrows -> [Value] {
        var values: [Value] = []
        for element in self { values.append(try await transform(element)) }
        return values
    }
}
