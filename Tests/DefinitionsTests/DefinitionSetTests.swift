import Definitions
import FlowLanguage
import Testing

@Suite struct DefinitionSetTests {
    private let reserved: Set<String> = ["ifinoctets", "load_one"]

    private func put(_ kind: DefinitionKind, _ name: String, _ body: String) throws -> DefinitionChange {
        .put(name: name, try Definition(kind, json: json(body)))
    }

    private func set(_ changes: DefinitionChange...) throws -> DefinitionSet {
        try changes.reduce(.empty) { try $0.applying($1, reservedMetricNames: reserved) }
    }

    static let bodies: [(DefinitionKind, String, String)] = [
        (.flow, "{value:'bytes'}", "{value:'frames'}"), (.threshold, "{metric:'a',value:1}", "{metric:'a',value:2}"),
        (.group, "{a:'10.0.0.0/8'}", "{a:'10.0.0.0/9'}"), (.map, "{a:'1'}", "{a:'2'}"),
        (.topology, "{nodes:{a:{}}}", "{nodes:{b:{}}}"),
    ]

    @Test(arguments: bodies.indices)
    func changesCountAndRepetitionsDoNot(index: Int) throws {
        let (kind, first, second) = DefinitionSetTests.bodies[index]
        var set = try DefinitionSet.empty.applying(put(kind, "x", first), reservedMetricNames: reserved)
        let old = set
        #expect(set.version == 1 && set.count(of: kind) == 1)
        #expect(try put(kind, "x", first).kind == kind)
        set = try set.applying(put(kind, "x", first), reservedMetricNames: reserved)
        #expect(set.version == 1)
        set = try set.applying(put(kind, "x", second), reservedMetricNames: reserved)
        #expect(set.version == 2 && set != old && !set.isSame(as: old, in: kind))
        set = try set.applying(.delete(kind, name: "x"), reservedMetricNames: reserved)
        #expect(set.version == 3 && set.count(of: kind) == 0)
        set = try set.applying(.delete(kind, name: "x"), reservedMetricNames: reserved)
        #expect(set.version == 3 && set == .empty)
        // The old value is as it was.
        #expect(old.version == 1 && old.count(of: kind) == 1)
    }

    @Test func theServersOwnFlows() throws {
        let bytes = FlowDefinition(keys: ["ipsource"], value: "bytes"), frames = FlowDefinition(value: "frames")
        var set = try set(put(.flow, "user", "{value:'bytes'}"), .putTemporary(name: "own", bytes))
        #expect(set.version == 2 && set.names(of: .flow) == ["own", "user"] && set.temporaryFlows == ["own"])
        #expect(set.kept.names(of: .flow) == ["user"] && set.kept.temporaryFlows.isEmpty && set.kept.version == 2)
        #expect(try set.applying(.putTemporary(name: "own", bytes), reservedMetricNames: reserved).version == 2)
        set = try set.applying(.putTemporary(name: "own", frames), reservedMetricNames: reserved)
        #expect(set.version == 3 && set.flows["own"] == frames)
        for name in ["user", "ifinoctets", "no good"] {
            #expect(throws: DefinitionError.self, "\(name)") {
                try set.applying(.putTemporary(name: name, bytes), reservedMetricNames: reserved)
            }
        }
        #expect(try set.applying(.deleteTemporary(name: "user"), reservedMetricNames: reserved).version == 3)
        #expect(try set.applying(.deleteTemporary(name: "own"), reservedMetricNames: reserved).names(of: .flow) == ["user"])
        #expect(try set.applying(.delete(.flow, name: "own"), reservedMetricNames: reserved).temporaryFlows.isEmpty)
        // A user's PUT of the same makes it the user's.
        let taken = try set.applying(.put(name: "own", .flow(frames)), reservedMetricNames: reserved)
        #expect(taken.version == 4 && taken.temporaryFlows.isEmpty && taken.kept.names(of: .flow) == ["own", "user"])
    }

    @Test func theServersOwnFlowsTakeNoRoomFromUsers() throws {
        var set = DefinitionSet.empty
        let flow = FlowDefinition(value: "bytes")
        for number in 0..<DefinitionLimits.definitionsPerKind {
            set = try set.applying(.put(name: "user\(number)", .flow(flow)), reservedMetricNames: [])
        }
        for number in 0..<DefinitionLimits.temporaryFlows {
            set = try set.applying(.putTemporary(name: "own\(number)", flow), reservedMetricNames: [])
        }
        let error = #expect(throws: DefinitionError.self) {
            try set.applying(.putTemporary(name: "one-more", flow), reservedMetricNames: [])
        }
        #expect(error?.reason == .limitExceeded)
        #expect(throws: DefinitionError.self) {
            try set.applying(.put(name: "one-more", .flow(flow)), reservedMetricNames: [])
        }
        #expect(try set.applying(.put(name: "user0", .flow(FlowDefinition(value: "frames"))), reservedMetricNames: []) != set)
    }

    @Test func topologiesHaveVersionsOfTheirOwn() throws {
        var set = try set(put(.flow, "f", "{value:'bytes'}"), put(.topology, "", "{version:77,nodes:{a:{}}}"))
        #expect(set.topology.version == 1)
        set = try set.applying(put(.topology, "", "{version:5,nodes:{a:{}}}"), reservedMetricNames: [])
        #expect(set.topology.version == 1 && set.version == 2)
        set = try set.applying(put(.topology, "", "{}"), reservedMetricNames: [])
        #expect(set.topology.version == 2 && set.version == 3)
        #expect(set.json(of: .topology).text(indent: 0) == #"{"version":2}"#)
        #expect(DefinitionSet.empty.json(of: .topology).text(indent: 0) == "{}")
    }

    @Test func showsOneAndAll() throws {
        let set = try set(
            put(.flow, "b", "{value:'bytes'}"), put(.flow, "a", "{value:'frames'}"), put(.map, "m", "{x:1}"))
        #expect(set.names(of: .flow) == ["a", "b"])
        #expect(set.json(of: .flow).object?.members.map(\.name) == ["a", "b"])
        #expect(set.json(of: .flow, name: "a")?.object?["value"] == .string("frames"))
        #expect(set.json(of: .flow, name: "c") == nil)
        #expect(set.json(of: .map, name: "m")?.text(indent: 0) == #"{"x":["1"]}"#)
        #expect(set.json(of: .threshold).text(indent: 0) == "{}")
        #expect(set.flows["a"]?.value == "frames")
    }

    private func refusal(_ kind: DefinitionKind, _ name: String) throws -> String {
        do {
            _ = try DefinitionSet.empty.applying(
                put(kind, name, kind == .flow ? "{value:'bytes'}" : "{}"), reservedMetricNames: reserved)
            return ""
        } catch let error as DefinitionError {
            return error.description
        }
    }

    @Test func namesAreChecked() throws {
        for name in ["a", "A-1_b", "9", String(repeating: "x", count: 128)] {
            for kind in [DefinitionKind.flow, .group, .map] { #expect(try refusal(kind, name) == "") }
        }
        #expect(try refusal(.group, "a.b") == "")
        #expect(try refusal(.group, "ifinoctets") == "")
        let characters = "is not possible; use letters, digits, _ and -, without accents"
        #expect(try refusal(.flow, "a.b") == "the name \"a.b\" \(characters)")
        #expect(try refusal(.map, "a/b").hasSuffix("use letters, digits, _, - and ., without accents"))
        for name in ["a b", "ä", "a:b", "a,b", "a;b", "a\u{0}", "\n", "e\u{301}"] {
            #expect(try refusal(.flow, name).hasSuffix(characters))
        }
        #expect(try refusal(.flow, "") == "the name of a flow is empty")
        let long = String(repeating: "x", count: 129)
        #expect(try refusal(.flow, long) == "the name \"\(long.prefix(64))\"… is longer than 128 characters")
        #expect(try refusal(.flow, "load_one") == "there is a counter metric \"load_one\"; give the flow another name")
    }

    @Test func thereIsRoomForAThousand() throws {
        var set = DefinitionSet.empty
        let change = { (name: String) in try self.put(.flow, name, "{value:'bytes'}") }
        for index in 0..<1000 { set = try set.applying(change("f\(index)"), reservedMetricNames: []) }
        #expect(throws: DefinitionError(
            .limitExceeded, at: "", "at most 1000 flow definitions are possible; delete some that are no longer needed")
        ) {
            try set.applying(change("f1000"), reservedMetricNames: [])
        }
        #expect(set.count(of: .flow) == 1000)
        // Replacing one is still possible.
        set = try set.applying(put(.flow, "f0", "{value:'frames'}"), reservedMetricNames: [])
        #expect(set.version == 1001)
        #expect(try set.applying(put(.threshold, "t", "{metric:'a',value:1}"), reservedMetricNames: []).version == 1002)
    }

    @Test func patternsOfAllThresholdsCount() throws {
        let patterns = [String](repeating: "x", count: DefinitionLimits.thresholdPatterns / 2)
        let many = ThresholdDefinition(metric: "a", value: 1, filter: [.init(name: "b", patterns: patterns)])
        let set = try set(.put(name: "a", .threshold(many)), .put(name: "b", .threshold(many)))
        #expect(throws: DefinitionError.self) {
            try set.applying(put(.threshold, "c", "{metric:'a',value:1,filter:{x:1}}"), reservedMetricNames: [])
        }
        #expect(try set.applying(put(.threshold, "c", "{metric:'a',value:1}"), reservedMetricNames: []).version == 3)
    }

    @Test func valuesOfAllMapsCount() throws {
        var half = JSONObject()
        half.set("a", .array([JSONValue](repeating: .string("1"), count: DefinitionLimits.mapValues / 2)))
        let map = Definition.map(try ValueMapDefinition(json: .object(half)))
        var set = try DefinitionSet.empty.applying(.put(name: "a", map), reservedMetricNames: [])
        set = try set.applying(.put(name: "b", map), reservedMetricNames: [])
        #expect(throws: DefinitionError.self) {
            try set.applying(put(.map, "c", "{x:1}"), reservedMetricNames: [])
        }
    }
}

@Suite struct DefinitionDocumentTests {
    private let text = """
        { // all of it
          flows: {tcp: {keys: 'ipsource', value: 'bytes'}},
          thresholds: {big: {metric: 'tcp', value: 1000}},
          groups: {site: {private: ['10.0.0.0/8']}},
          maps: {ports: {web: ['80', '443']}},
          topology: {links: {l: {node1: 'a', port1: '1', node2: 'b', port2: '2'}}},
        }
        """

    private func apply(_ text: String, to set: DefinitionSet = .empty) throws -> DefinitionSet {
        try set.applying(
            DefinitionDocument(text: Array(text.utf8), sizeMax: 1 << 20), reservedMetricNames: ["load_one"])
    }

    private func refusal(_ text: String) throws -> String {
        do {
            _ = try apply(text)
            return ""
        } catch let error as DefinitionError {
            return error.description
        }
    }

    @Test func holdsEverything() throws {
        let set = try apply(text)
        #expect(set.version == 1)
        #expect(DefinitionKind.allCases.allSatisfy { set.count(of: $0) == 1 })
        #expect(set.topology.version == 1)
        #expect(try apply(text, to: set).version == 1)
        #expect(try apply("{flows:{udp:{value:'bytes'}}}", to: set).names(of: .flow) == ["tcp", "udp"])
    }

    @Test func comesBackFromItsOwnText() throws {
        let set = try apply("{flows:{udp:{value:'bytes'}}}", to: apply(text))
        let again = try apply(set.document().text(indent: 1))
        #expect(again == set)
        var restored = DefinitionSet.empty
        let document = try DefinitionDocument(json: set.document())
        #expect(restored.restore(document, reservedMetricNames: []).isEmpty)
        #expect(restored == set && restored.version == 2 && restored.topology.version == 1)
        #expect(document.kinds == DefinitionKind.allCases)
        #expect(set.document(kinds: [.map]).object?.members.map(\.name) == ["version", "maps"])
    }

    @Test func restoringSkipsWhatIsNoLongerPossible() throws {
        var set = DefinitionSet.empty
        let refused = set.restore(
            try DefinitionDocument(
                json: json(
                    "{version:12,flows:{load_one:{value:'bytes'},a:{},b:{value:'bytes'},'c d':{value:'bytes'}}}")),
            reservedMetricNames: ["load_one"])
        #expect(refused.map(\.description) == [
            "flow \"load_one\": there is a counter metric \"load_one\"; give the flow another name",
            "flow \"a\": value: missing; expected what to add up, such as \"bytes\" or \"frames\"",
            "flow \"c d\": the name \"c d\" is not possible; use letters, digits, _ and -, without accents",
        ])
        #expect(set.names(of: .flow) == ["b"] && set.version == 12)
        // Versions never go back.
        #expect(set.restore(try DefinitionDocument(json: json("{version:3}")), reservedMetricNames: []).isEmpty)
        #expect(set.version == 12)
    }

    @Test func saysWhatToChange() throws {
        #expect(try refusal("{flows:{tcp:{value:'bytes',t:'x'}}}") == "flow \"tcp\": t: expected a number, found \"x\"")
        #expect(try refusal("{topology:{links:{l:{}}}}")
            == "topology: links.l.node1: missing; expected the name of the node at the first end")
        #expect(try refusal("{topology:5}")
            == "topology: expected an object with \"links\" and perhaps \"nodes\", found a number")
        #expect(try refusal("{flow:{}}")
            == "flow: unknown; a definition document has flows, thresholds, groups, maps, topology")
        #expect(try refusal("{flows:[]}") == "flows: expected an object with a member for each name, found a list")
        #expect(try refusal("[]") == "expected an object with flows, thresholds, groups, maps, topology, found a list")
        #expect(try refusal("{flows:{},\n!}") == "line 2, column 1: expected a name or '}'")
        #expect(try refusal("{version:-1}") == "version: expected a whole number from 0 to 2^53; leave it out")
        #expect(try refusal("{version:1.5}") == "version: expected a whole number from 0 to 2^53; leave it out")
        #expect(try refusal("{version:'1'}") == "version: expected a whole number from 0 to 2^53; leave it out")
        #expect(try refusal("{flows:{load_one:{value:'bytes'}}}").hasPrefix("flow \"load_one\": there is a counter"))
        #expect(try refusal("{topology:{version:'three'},flows:null}") == "")
    }

    @Test func allOrNothing() throws {
        let set = try apply(text)
        #expect(throws: DefinitionError.self) { try apply("{flows:{x:{value:'bytes'},y:{}}}", to: set) }
        #expect(set.names(of: .flow) == ["tcp"])
    }
}
