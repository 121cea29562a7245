import ClusterStore
import Foundation
import Testing

@Suite(.serialized) struct FileStoreTests {
    /// Leads in a directory until it ends, by the kernel's lock alone.
    private static let leader = """
        import fcntl, sys
        lock = open(sys.argv[1] + "/leader.lock", "w")
        fcntl.flock(lock, fcntl.LOCK_EX)
        open(sys.argv[1] + "/leader.json", "w").write('{"name": "snake", "address": "snake:1", "term": "41"}')
        print("leading", flush=True)
        sys.stdin.read()
        """

    @Test func aKilledProcessIsFollowed() async throws {
        let plant = try FilePlant()
        let process = try Child("python3", ["-c", FileStoreTests.leader, plant.scratch.path], readsLine: true)
        #expect(process.firstLine == "leading")
        let contest = Contest()
        let task = contest.join("ada", try plant.store(time: .real))
        let snake = Candidate(name: "snake", address: "snake:1")
        try await eventually("ada follows") { contest.latest("ada") == .following(leader: snake, term: 41) }
        process.end()
        try await eventually("ada leads") { contest.latest("ada") == .leading(term: 42) }
        task.cancel()
        await task.value
    }

    @Test func aLeaderWhoseLockIsRemovedSeesWhoLeads() async throws {
        let plant = try FilePlant()
        let contest = Contest()
        let tasks = try ["ada", "bob"].map { contest.join($0, try plant.store(time: ProcessTime(haste: 4).time)) }
        let first = try await contest.agreement("the first")
        try FileManager.default.removeItem(atPath: plant.scratch.path + "/leader.lock")
        try await eventually("another term") { contest.agreed.map { $0.term > first.term } ?? false }
        for task in tasks { task.cancel() }
        for task in tasks { await task.value }
    }

    @Test func damageIsToldAndNeverOverwritten() async throws {
        let plant = try FilePlant()
        let store = try plant.store(time: .real)
        for text in [
            "", "weir-store 1 7 5\nfour", "weir-store 2 7 4\nfour", "weir-store 1 -1 4\nfour", "\u{0}\n\n", "weir-store 1 9223372036854775807 0\n",
            "weir-store 1 7 -1", "weir-store 1 7 -1\n", "weir-store 1 7 4four",
        ] {
            try plant.scratch.write("map.value", text)
            await expectFault(.damaged) { () throws(StoreFault) in try await store.read("map") }
            await expectFault(.damaged) { () throws(StoreFault) in try await store.write("map", [], expecting: nil) }
        }
        try plant.scratch.write("map.value", "weir-store 1 7 4\nfour")
        let value = try #require(try await store.read("map"))
        #expect(value.bytes == Array("four".utf8))
        #expect(try await store.write("map", [], expecting: value.revision).description == "8")

        let longName = String(repeating: "n", count: 600)
        for text in [
            "", "[]", #"{"term":"x"}"#, #"{"term":0,"name":"a","address":"b"}"#,
            #"{"term":"9223372036854775807","name":"a","address":"b"}"#, #"{"term":1,"name":"\#(longName)","address":"b"}"#,
        ] {
            try plant.scratch.write("leader.json", text)
            let contest = Contest()
            let task = contest.join("ada", store)
            try await eventually("a fault is told") {
                if case .unknown(let fault)? = contest.latest("ada") { fault.reason == .damaged } else { false }
            }
            task.cancel()
            await task.value
        }
    }

    @Test func tooLargeAndBusyAreTold() async throws {
        let plant = try FilePlant()
        let store = try plant.store(time: ProcessTime(haste: 20).time)
        await expectFault(.tooLarge) { () throws(StoreFault) in
            try await store.write("map", [UInt8](repeating: 0, count: 16 << 20 | 1), expecting: nil)
        }
        let busy = """
            import fcntl, sys
            lock = open(sys.argv[1] + "/writer.lock", "w")
            fcntl.flock(lock, fcntl.LOCK_EX)
            print("writing", flush=True)
            sys.stdin.read()
            """
        let process = try Child("python3", ["-c", busy, plant.scratch.path], readsLine: true)
        await expectFault(.timeout) { () throws(StoreFault) in try await store.write("map", [], expecting: nil) }
        process.end()
        _ = try await store.write("map", [], expecting: nil)
    }

    @Test func aDirectoryThatCannotBeUsedIsTold() throws {
        let scratch = try Scratch()
        try scratch.write("file", "")
        do {
            _ = try FileStore(directory: scratch.path + "/file/below")
            Issue.record("made a directory below a file")
        } catch {
            #expect(error.reason == .rejected)
            #expect(error.message.contains("Not a directory"))
        }
    }
}
