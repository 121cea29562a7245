// What only Kubernetes has: service accounts, versions that are gone, answers that are lost, limits of its objects.

@testable import ClusterStore
import Foundation
import Testing

@Suite(.serialized) struct KubernetesStoreTests {
    @Test func theTokenIsReadAgain() async throws {
        let plant = try FakeKubernetes()
        let store = try plant.store(time: .real, token: "account")
        _ = try await store.write("map", [1], expecting: nil)
        try plant.control(#"{"tokens":["fresh"]}"#)
        await expectFault(.notPermitted) { () throws(StoreFault) in try await store.read("map") }
        try plant.scratch.write("account", "fresh")
        #expect(try await store.read("map")?.bytes == [1])
        for text in ["", "two words", "b\u{e4}d"] {
            try plant.scratch.write("account", text)
            await expectFault(.damaged) { () throws(StoreFault) in try await store.read("map") }
        }
        await store.close()
    }

    @Test func aWriteWhoseAnswerIsLostHappensOnce() async throws {
        let plant = try FakeKubernetes()
        let store = try plant.store(time: .real)
        try plant.control(#"{"lost":1}"#)
        let first = try await store.write("map", [1], expecting: nil)
        #expect(try await store.read("map") == StoredValue(bytes: [1], revision: first))
        try plant.control(#"{"lost":1}"#)
        let second = try await store.write("map", [2], expecting: first)
        #expect(try await store.read("map") == StoredValue(bytes: [2], revision: second))
        await store.close()
    }

    @Test func aWatchSurvivesVersionsThatAreGone() async throws {
        let plant = try FakeKubernetes()
        let store = try plant.store(time: .real)
        let seen = Collected<StoreUpdate>()
        let watch = Task { for await update in store.watch("map") { seen.append(update) } }
        try await eventually("the watch starts") { seen.all == [.value(nil)] }
        var revision: Revision?
        for number in 1...5 {
            // Other objects make versions that this watch never hears of; then its own is gone.
            _ = try await store.write("other-\(number)", [], expecting: nil)
            try plant.control(#"{"compact":true}"#)
            let written = try await store.write("map", [UInt8(number)], expecting: revision)
            revision = written
            try await eventually("value \(number)", seconds: 3) {
                seen.all.last == .value(StoredValue(bytes: [UInt8(number)], revision: written))
            }
        }
        watch.cancel()
        await watch.value
        await store.close()
    }

    @Test func aLeaderThatIsCutOffStopsBeforeAnotherStarts() async throws {
        let plant = try FakeKubernetes()
        let contest = Contest()
        let time = ProcessTime(haste: plant.haste).time
        let stores = try ["ada", "bob"].map { try plant.store(time: time, token: $0) }
        let tasks = zip(["ada", "bob"], stores).map { contest.join($0, $1) }
        let (leader, term) = try await contest.agreement("the first")
        let other = leader == "ada" ? "bob" : "ada"
        try plant.control(#"{"hanging":["\#(leader)"]}"#)
        try await eventually("\(other) leads") { contest.latest(other) == .leading(term: term + 1) }
        if case .unknown? = contest.latest(leader) {} else { Issue.record("\(leader) says \(contest.said(leader))") }
        try plant.control(#"{"hanging":[]}"#)
        #expect(try await contest.agreement("both again") == (other, term + 1))
        contest.check()
        for task in tasks { task.cancel() }
        for task in tasks { await task.value }
    }

    @Test func anEarlierLeaseOfTheSameNameIsNotTakenForItsOwn() async throws {
        let plant = try FakeKubernetes()
        let time = ProcessTime(haste: plant.haste)
        let contest = Contest()
        let first = contest.join("ada", try plant.store(time: time.time))
        let (_, term) = try await contest.agreement("alone")
        time.kill()
        contest.leave("ada")
        let again = contest.join("ada", try plant.store(time: ProcessTime(haste: plant.haste).time))
        try await eventually("the next term") { contest.latest("ada") == .leading(term: term + 1) }
        #expect(contest.said("ada").contains(.following(leader: Candidate(name: "ada", address: "ada:7343"), term: term)))
        for task in [first, again] {
            task.cancel()
            await task.value
        }
    }

    @Test func tooLargeIsToldWithAWayOut() async throws {
        let plant = try FakeKubernetes()
        let store = try plant.store(time: .real)
        _ = try await store.write("map", [UInt8](repeating: 7, count: 5 << 20), expecting: nil)
        #expect(try await store.read("map")?.bytes.count == 5 << 20)
        var random = SystemRandomNumberGenerator()
        let dense = (0..<1 << 18).flatMap { _ in withUnsafeBytes(of: random.next(), Array.init) }
        do throws(StoreFault) {
            _ = try await store.write("dense", dense, expecting: nil)
            Issue.record("2 MiB were written")
        } catch {
            #expect(error.reason == .tooLarge)
            #expect(error.message.contains("etcd"))
        }
        await store.close()
    }

    @Test func theServiceAccountIsFoundAsInAPod() async throws {
        let plant = try FakeKubernetes(isSecure: true)
        let account = plant.scratch.path
        let environment = ["KUBERNETES_SERVICE_HOST": "127.0.0.1", "KUBERNETES_SERVICE_PORT": plant.server.firstLine]
        #expect(throws: StoreFault.self) { try KubernetesAccess(environment: [:], accountDirectory: account) }
        #expect(throws: StoreFault.self) { try KubernetesAccess(environment: environment, accountDirectory: account) }
        try plant.scratch.write("namespace", "measuring\n")
        try plant.scratch.write("token", "secret")
        try FileManager.default.copyItem(atPath: account + "/certificate.pem", toPath: account + "/ca.crt")
        let access = try KubernetesAccess(environment: environment, accountDirectory: account)
        let store = try KubernetesStore(access: access, prefix: "weir-test-")
        let revision = try await store.write("map", [1], expecting: nil)
        #expect(try await store.read("map")?.revision == revision)
        await store.close()
    }

    @Test func timesAreWrittenAsTheAPIWantsThem() {
        #expect(microTime(microsecondsSinceEpoch: 0) == "1970-01-01T00:00:00.000000Z")
        #expect(microTime(microsecondsSinceEpoch: 951_827_696_000_007) == "2000-02-29T12:34:56.000007Z")
        let formatter = ISO8601DateFormatter()
        for day in stride(from: Int64(0), to: 60_000, by: 1) {
            let second = day * 86_400 + day
            #expect(
                microTime(microsecondsSinceEpoch: second * 1_000_000).replacing(".000000", with: "")
                    == formatter.string(from: Date(timeIntervalSince1970: Double(second))))
        }
    }
}
