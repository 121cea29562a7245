// Every route of the definitions, and every way to be refused.

import Definitions
import DataFiles
import DefinitionStore
import Routing
import Testing

@testable import RestAPI

@Suite struct DefinitionRouteTests {
    private static let bodies: [(kind: String, body: String, wrong: String)] = [
        ("flow", #"{"keys":"ipsource","value":"bytes"}"#, #"{"keys":"ipsource"}"#),
        ("threshold", #"{"metric":"load_one","value":4}"#, #"{"metric":"load_one"}"#),
        ("group", #"{"x":["10.0.0.0/8"]}"#, #"{"x":["10.0.0.0/33"]}"#),
        ("map", #"{"web":["80"]}"#, #"["80"]"#),
    ]

    @Test(arguments: bodies.indices) func namedKinds(place: Int) async throws {
        let (kind, body, wrong) = DefinitionRouteTests.bodies[place]
        let plant = try await Plant()
        let path = "/\(kind)/one/json"
        #expect(try await plant.ask("GET", "/\(kind)/json") == Plant.Answer(status: 200, text: "{}"))
        #expect(try await plant.ask("GET", path).status == 404)
        #expect(try await plant.ask("DELETE", path) == Plant.Answer(status: 204, text: ""))
        #expect(try await plant.ask("PUT", path, body) == Plant.Answer(status: 204, text: ""))
        let shown = try await plant.ask("GET", path)
        #expect(shown.status == 200)
        #expect(try await plant.get("/\(kind)/json") == #"{"one":\#(shown.text)}"#)
        #expect(try await plant.ask("POST", "/\(kind)/two/json", body).status == 204)
        // What curl and requests send.
        #expect(try await plant.ask("PUT", path, body, type: "application/x-www-form-urlencoded").status == 204)
        // What GET shows can be put again.
        #expect(try await plant.put("/\(kind)/three/json", shown.text) == 204)

        for refused in [wrong, "", "{", "nonsense", "\u{0}", "[[[["] {
            let answer = try await plant.ask("PUT", path, refused)
            #expect(answer.status == 400, "\(refused)")
            #expect(answer.text.contains("expected") || answer.text.contains("missing"), "\(answer.text)")
        }
        #expect(try await plant.put("/\(kind)/no%20good/json", body) == 400)
        #expect(try await plant.get(path) == shown.text)
        #expect(try await plant.ask("GET", path + "?x=1").status == 400)
        #expect(try await plant.ask("PATCH", path).status == 405)
        #expect(try await plant.ask("PUT", "/\(kind)/json", body).status == 405)
        #expect(try await plant.ask("DELETE", path).status == 204)
        #expect(try await plant.ask("GET", path).status == 404)
    }

    @Test func theTopology() async throws {
        let plant = try await Plant()
        #expect(try await plant.ask("GET", "/topology/json") == Plant.Answer(status: 200, text: "{}"))
        let body = #"{"links":{"l":{"node1":"a","port1":"1","node2":"b","port2":"2"}}}"#
        #expect(try await plant.ask("PUT", "/topology/json", body) == Plant.Answer(status: 204, text: ""))
        #expect(
            try await plant.get("/topology/json")
                == #"{"version":1,"links":{"l":{"node1":"a","port1":"1","node2":"b","port2":"2"}}}"#)
        #expect(try await plant.ask("POST", "/topology/json", body).status == 204)
        #expect(try await plant.ask("PUT", "/topology/json", #"{"links":{"l":{"node1":"a"}}}"#).status == 400)
        #expect(try await plant.ask("PUT", "/topology/json", "[]").status == 400)
        #expect(try await plant.ask("DELETE", "/topology/json").status == 204)
        #expect(try await plant.get("/topology/json") == #"{"version":2}"#)
    }

    @Test func messagesSayWhereAFaultIs() async throws {
        let plant = try await Plant()
        let syntax = try await plant.ask("PUT", "/flow/f/json", #"{"value":"bytes" "n":3}"#)
        #expect(syntax.text.contains("line 1, column 18: expected"))
        let filter = try await plant.ask("PUT", "/flow/f/json", #"{"value":"bytes","filter":"ipprotocol="}"#)
        #expect(filter.status == 400)
        #expect(filter.text.contains("filter, character 11: expected"))
        let keys = try await plant.ask("PUT", "/flow/f/json", #"{"keys":"mask:ipsource","value":"bytes"}"#)
        #expect(keys.status == 400)
        #expect(keys.text.contains("keys, character"))
        let taken = try await plant.ask("PUT", "/flow/ifinoctets/json", #"{"value":"bytes"}"#)
        #expect(taken.status == 400)
        #expect(taken.text.contains("counter metric"))
    }

    @Test func aServerWithoutChanges() async throws {
        let plant = try await Plant(isReadOnly: true)
        for kind in ["flow", "threshold", "group", "map"] {
            for method in ["PUT", "POST", "DELETE"] {
                #expect(try await plant.ask(method, "/\(kind)/x/json", "{}").status == 403)
            }
            #expect(try await plant.ask("GET", "/\(kind)/json").status == 200)
        }
        for method in ["PUT", "POST", "DELETE"] {
            #expect(try await plant.ask(method, "/topology/json", "{}").status == 403)
        }
        #expect(try await plant.ask("GET", "/topology/json").status == 200)
    }

    @Test func tooLarge() async throws {
        let plant = try await Plant(bodyBytesMax: 100)
        let body = #"{"value":"bytes"}"#
        #expect(try await plant.put("/flow/f/json", body + String(repeating: " ", count: 100 - body.utf8.count)) == 204)
        #expect(try await plant.put("/flow/f/json", body + String(repeating: " ", count: 101 - body.utf8.count)) == 413)
    }

    @Test func aFullDisk() {
        #expect(HTTPProblem(notKept: StoreError(.diskFull, "no room")).status == 507)
        #expect(HTTPProblem(notKept: StoreError(.tooLarge, "too much")).status == 507)
        #expect(HTTPProblem(notKept: StoreError(.notPermitted, "no")).status == 500)
    }

    @Test func theDescriptionHasThem() async throws {
        let plant = try await Plant()
        let text = try await plant.get("/api-docs")
        for kind in ["flow", "threshold", "group", "map"] {
            #expect(text.contains("\"/\(kind)/json\""))
            #expect(text.contains("\"/\(kind)/{name}/json\""))
        }
        #expect(text.contains("\"/topology/json\""))
        #expect(text.contains("\"requestBody\""))
        // Well-formed, whatever is in the schemas.
        #expect(throws: Never.self) { try RelaxedJSON.parse(Array(text.utf8), sizeMax: 10 << 20) }
    }
}
