// Changes: one after the other, whole or not at all, kept before they are acknowledged.

import Coordinator
import DataFiles
import DefinitionStore
import Definitions
import FlowLanguage
import ShardEngine
import Synchronization
import Testing

@Suite struct Changes {
    @Test func aChangePutsInForceWhatItConcerns() async throws {
        let plant = try await Plant()
        try await plant.service.start()
        #expect(plant.record.take() == ["topology 0", "flows ", "thresholds "])
        #expect(try await plant.put("/flow/b/json", #"{"keys":"ipsource","value":"bytes"}"#) == 204)
        #expect(try await plant.put("/flow/a/json", #"{"keys":"ipsource","value":"frames"}"#) == 204)
        #expect(try await plant.put("/threshold/t/json", #"{"metric":"b","value":1}"#) == 204)
        #expect(try await plant.put("/topology/json", "{}") == 204)
        #expect(try await plant.put("/topology/json", #"{"nodes":{"n":{}}}"#) == 204)
        #expect(plant.record.take() == ["flows b", "flows a,b", "thresholds t", "topology 1"])
        let version = await plant.service.current.version
        #expect(version == 4)
    }

    /// What a definition cannot export is said when it is put, with what to change.
    @Test(arguments: [
        ("{keys:'ipsource,stack',value:'bytes',ipfixCollectors:'10.0.0.1'}", #"key "stack" cannot be sent to ipfixCollectors"#),
        ("{keys:'mask:ipsource:24',value:'bytes',ipfixCollectors:'10.0.0.1'}", #"key "mask:ipsource:24" cannot be sent"#),
        ("{keys:'ipsource',value:'avg:bytes',ipfixCollectors:'10.0.0.1'}", "cannot be sent to ipfixCollectors: allowed are bytes, frames"),
        ("{keys:'ipsource',value:'bytes',values:'requests',ipfixCollectors:'10.0.0.1'}", #"value "requests" cannot be sent"#),
        ("{keys:'ipsource,ipsource',value:'bytes',ipfixCollectors:'10.0.0.1'}", "listed twice"),
        ("{keys:'ipsource',value:'bytes',ipfixCollectors:'10.0.0.1:0'}", #"collector "10.0.0.1:0" is not understood"#),
        ("{keys:'ipsource',value:'bytes',ipfixCollectors:'http://h/'}", "is not understood: expected HOST"),
        ("{value:'bytes',ipfixCollectors:'1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17'}", "16"),
    ])
    func exportsThatCannotBe(body: String, message: String) async throws {
        let plant = try await Plant()
        let answer = try await plant.ask("PUT", "/flow/f/json", body)
        #expect(answer.status == 400 && answer.text.replacing("\\\"", with: "\"").contains(message), "\(answer.text)")
        #expect(await plant.service.current.flows.isEmpty)
    }

    @Test func collectorsOfAllTogetherAreLimited() async throws {
        let plant = try await Plant()
        func body(_ number: Int) -> String {
            let collectors = (0..<16).map { "10.0.\(number).\($0)" }.joined(separator: ",")
            return "{value:'bytes',ipfixCollectors:'\(collectors)'}"
        }
        for number in 0..<4 { #expect(try await plant.put("/flow/f\(number)/json", body(number)) == 204) }
        #expect(try await plant.put("/flow/same/json", body(0)) == 204)
        let answer = try await plant.ask("PUT", "/flow/more/json", body(4))
        #expect(answer.status == 400 && answer.text.contains("at most 64 collectors in all flow definitions together"))
    }

    /// Scripts define everything again whenever they start: rates must go on.
    @Test func theSameDefinitionAgainChangesNothing() async throws {
        let plant = try await Plant()
        #expect(try await plant.put("/flow/a/json", #"{"keys":"ipsource","value":"bytes"}"#) == 204)
        let flows = plant.record.flows
        let version = await plant.service.current.version
        _ = plant.record.take()
        #expect(try await plant.put("/flow/a/json", "{keys:'ipsource', value:'bytes', n:5}") == 204)
        #expect(plant.record.take() == [])
        #expect(await plant.service.current.version == version)
        // Another definition leaves this one's program as it is.
        #expect(try await plant.put("/flow/b/json", #"{"value":"bytes"}"#) == 204)
        #expect(plant.record.flows.first === flows.first)
    }

    @Test func groupsBindProgramsAnew() async throws {
        let plant = try await Plant()
        #expect(try await plant.put("/flow/a/json", #"{"keys":"group:ipsource:site","value":"bytes"}"#) == 204)
        let before = try #require(plant.record.flows.first)
        #expect(try await plant.put("/group/site/json", #"{"north":["10.0.0.0/8"]}"#) == 204)
        let after = try #require(plant.record.flows.first)
        #expect(before !== after)
        #expect(after.compiled.definition == before.compiled.definition)
        #expect(try await plant.put("/map/m/json", #"{"web":["80"]}"#) == 204)
        #expect(plant.record.flows.first !== after)
    }

    /// Many at once: each is in force alone before the next begins, and nothing gets lost.
    @Test func changesAtTheSameTimeTakeTurns() async throws {
        let active = Atomic<Int>(0), overlaps = Atomic<Int>(0)
        let sizes = Mutex<[Int]>([])
        let service = DefinitionService(
            targets: DefinitionService.Targets(
                setTopology: { _ in },
                setFlows: { flows in
                    if active.add(1, ordering: .relaxed).oldValue != 0 { overlaps.add(1, ordering: .relaxed) }
                    for _ in 0..<10 { await Task.yield() }
                    sizes.withLock { $0.append(flows.count) }
                    active.subtract(1, ordering: .relaxed)
                }), reservedMetricNames: []
        ) { _ in }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<40 {
                group.addTask {
                    try await service.apply(.put(name: "f\(number)", .flow(FlowDefinition(keys: [], value: "bytes"))))
                }
            }
            try await group.waitForAll()
        }
        #expect(overlaps.load(ordering: .relaxed) == 0)
        #expect(sizes.withLock { $0 } == Array(1...40))
        #expect(await service.current.version == 40)
    }

    @Test func whatCannotBeCompiledChangesNothing() async throws {
        let plant = try await Plant()
        #expect(try await plant.put("/flow/a/json", #"{"value":"bytes"}"#) == 204)
        _ = plant.record.take()
        #expect(try await plant.put("/flow/a/json", #"{"value":"bytes","filter":"ipprotocol="}"#) == 400)
        #expect(plant.record.take() == [])
        #expect(try await plant.get("/flow/a/json").contains("filter") == false)
    }
}

@Suite struct Keeping {
    @Test func definitionsSurviveARestart() async throws {
        try await withDirectory { directory in
            let bodies = [
                ("/flow/f/json", #"{"keys":"group:ipsource:g","value":"bytes","n":7}"#), ("/threshold/t/json", #"{"metric":"f","value":1}"#),
                ("/group/g/json", #"{"x":["10.0.0.0/8"]}"#), ("/map/m/json", #"{"web":["80"]}"#),
                ("/topology/json", #"{"nodes":{"n":{"agent":"10.0.0.1"}}}"#),
            ]
            var shown: [String] = []
            var version: UInt64 = 0
            do {
                let plant = try await Plant(directory: directory)
                try await plant.service.start()
                for (path, body) in bodies { #expect(try await plant.put(path, body) == 204) }
                for (path, _) in bodies { shown.append(try await plant.get(path)) }
                version = await plant.service.current.version
            }
            let plant = try await Plant(directory: directory)
            try await plant.service.start()
            #expect(plant.record.reports == [])
            #expect(plant.record.texts == ["topology 1", "flows f", "thresholds t"])
            for (place, (path, _)) in bodies.enumerated() { #expect(try await plant.get(path) == shown[place]) }
            #expect(await plant.service.current.version == version)
        }
    }

    /// What the server has defined for itself is gone after a restart, and its number is not given to something else.
    @Test func theServersOwnFlowsDoNot() async throws {
        try await withDirectory { directory in
            do {
                let plant = try await Plant(directory: directory)
                try await plant.service.start()
                try await plant.service.apply(.putTemporary(name: "own", FlowDefinition(value: "bytes")))
                #expect(try await plant.put("/flow/user/json", #"{"value":"bytes"}"#) == 204)
                try await plant.service.apply(.putTemporary(name: "other", FlowDefinition(value: "bytes")))
                #expect(plant.record.flows.map(\.name) == ["other", "own", "user"])
                #expect(try await plant.ask("GET", "/flow/own/json").status == 200)
            }
            let plant = try await Plant(directory: directory)
            try await plant.service.start()
            #expect(plant.record.reports == [])
            #expect(plant.record.flows.map(\.name) == ["user"])
            #expect(await plant.service.current.version == 3)
        }
    }

    /// The old definition stays in force, in memory as on the disk.
    @Test func whatCannotBeKeptIsRefused() async throws {
        try await withDirectory { directory in
            let kept = directory + "/kept"
            let plant = try await Plant(directory: kept)
            try await plant.service.start()
            #expect(try await plant.put("/flow/f/json", #"{"value":"bytes"}"#) == 204)
            removeDirectory(kept)
            _ = plant.record.take()
            let answer = try await plant.ask("PUT", "/flow/f/json", #"{"value":"frames"}"#)
            #expect(answer.status == 500)
            #expect(answer.text.contains("nothing was changed: cannot write"))
            #expect(plant.record.take() == [])
            #expect(try await plant.get("/flow/f/json").contains("bytes"))
            #expect(await plant.service.current.version == 1)
        }
    }

    @Test func aDefineFileComesOnTopOfTheStore() async throws {
        try await withDirectory { directory in
            let (kept, file) = (directory + "/kept", directory + "/define.json")
            defer { removeDirectory(kept) }
            do {
                let plant = try await Plant(directory: kept)
                try await plant.service.start()
                #expect(try await plant.put("/flow/a/json", #"{"value":"bytes"}"#) == 204)
                #expect(try await plant.put("/flow/b/json", #"{"value":"bytes"}"#) == 204)
            }
            try write(#"{"flows":{"b":{"value":"frames"},"c":{"value":"bytes"}},"groups":{"g":{"x":["::/0"]}}}"#, to: file)
            for _ in 0..<2 {
                let plant = try await Plant(directory: kept)
                try await plant.service.start(defineFile: file)
                #expect(plant.record.flows.map(\.name) == ["a", "b", "c"])
                #expect(try await plant.get("/flow/b/json").contains("frames"))
                // The second start finds it kept already.
                #expect(await plant.service.current.version == 3)
            }
        }
    }

    @Test func aWrongDefineFileEndsTheStart() async throws {
        try await withDirectory { directory in
            let file = directory + "/define.json"
            try write(#"{"flows":{"b":{"value":"bytes","filter":"ipprotocol="}}}"#, to: file)
            let plant = try await Plant()
            await #expect(throws: StoreError.self) { try await plant.service.start(defineFile: file) }
            await #expect(throws: StoreError.self) { try await plant.service.start(defineFile: directory + "/none") }
        }
    }

    /// Kept by a version that understood it: left out, told of, and no obstacle to others.
    @Test func damageInTheStoreIsToldOf() async throws {
        try await withDirectory { directory in
            try write(
                #"{"flows":{"bad":{"value":"bytes","filter":"ipprotocol="},"good":{"value":"bytes"}}}"#,
                to: directory + "/flows.json")
            try write("{", to: directory + "/groups.json")
            let plant = try await Plant(directory: directory)
            try await plant.service.start()
            #expect(plant.record.flows.map(\.name) == ["good"])
            #expect(plant.record.reports.contains { $0.contains("flow \"bad\": filter, character 11") })
            #expect(plant.record.reports.contains { $0.contains("groups.json: is damaged") })
            #expect(try await plant.put("/flow/more/json", #"{"value":"bytes"}"#) == 204)
            #expect(plant.record.flows.map(\.name) == ["good", "more"])
        }
    }
}

@Suite struct Files {
    /// Missing at first, then there, then replaced.
    @Test func vendorsAreReadWhenTheyCome() async throws {
        try await withDirectory { directory in
            let path = directory + "/oui.txt"
            let plant = try await Plant(files: AddressFiles.Paths(vendors: path))
            try await plant.service.start()
            #expect(plant.record.reports.count == 1)
            #expect(try await plant.put("/flow/a/json", #"{"keys":"oui:macsource:name","value":"frames"}"#) == 204)
            #expect(plant.record.reports.count == 1)
            try write("00-00-0C   (hex)\t\tCisco Systems, Inc\n", to: path)
            let looks = Atomic<Int>(0)
            await plant.service.watchFiles {
                if looks.add(1, ordering: .relaxed).newValue > 2 { throw CancellationError() }
            }
            #expect(plant.record.texts.suffix(2) == ["flows a", "flows a"])
            let vendors = try #require(plant.record.flows.first).compiled.environment.vendors
            #expect(vendors.name(ofVendor: 0x00000C) == "Cisco Systems, Inc")
        }
    }
}
