// The description of the API describes exactly what exists.

import Foundation
import Routing
import Testing

@Suite(.timeLimit(.minutes(2))) struct OpenAPITests {
    private func document(_ api: TestAPI) async throws -> [String: Any] { try await api.ask(.call, "/api-docs").object }

    @Test(arguments: Way.available) func servedAsJSON(way: Way) async throws {
        try await withAPI([way]) { api in
            let answer = try await api.ask(way, "/api-docs")
            #expect(answer.status == 200 && answer.headers["content-type"] == "application/json")
            let document = try answer.object
            #expect((document["openapi"] as? String)?.hasPrefix("3.1") == true)
            #expect((document["info"] as? [String: Any])?["version"] as? String == "0.1-1")
            // Relative, so that it holds behind a proxy under any prefix.
            #expect((document["servers"] as? [[String: String]])?.first?["url"] == ".")
        }
    }

    @Test func everyRouteIsDescribed() async throws {
        try await withAPI { api in
            let paths = try #require(try await document(api)["paths"] as? [String: [String: Any]])
            let described = Set(paths.flatMap { path, operations in operations.keys.map { "\($0.uppercased()) \(path)" } })
            #expect(described == Set(api.routes.map { "\($0.method.rawValue) \($0.path)" }))
        }
    }

    @Test func everythingDescribedAnswersAsDescribed() async throws {
        try await withAPI { api in
            let document = try await document(api)
            let paths = try #require(document["paths"] as? [String: [String: [String: Any]]])
            for (path, operations) in paths {
                let operation = try #require(operations["get"])
                var target = path
                var query: [String] = []
                var named: [String] = []
                for parameter in operation["parameters"] as? [[String: Any]] ?? [] {
                    if parameter["in"] as? String == "query", parameter["required"] as? Bool == true {
                        let name = try #require(parameter["name"] as? String)
                        query.append("\(name)=\(try #require(parameter["example"] as? String, "\(path): \(name) has no example"))")
                    }
                    guard parameter["in"] as? String == "path", let name = parameter["name"] as? String else { continue }
                    named.append("{\(name)}")
                    let example = try #require(parameter["example"] as? String, "\(path): \(name) has no example")
                    target = target.replacing("{\(name)}", with: example)
                }
                #expect(path.matches(of: /\{\w+\}/).map { String($0.output) }.sorted() == named.sorted(), "\(path)")
                if !query.isEmpty { target += "?" + query.joined(separator: "&") }
                let answer = try await api.ask(.call, target)
                let responses = try #require(operation["responses"] as? [String: [String: Any]])
                let response = try #require(responses[String(answer.status)], "\(target): \(answer.status)")
                // The example of a flow is none that there is, and neither is that of a node or link.
                let isAboutOne = path.hasPrefix("/flow") || path.hasPrefix("/topology")
                #expect(answer.status < 400 || answer.status == 404 && isAboutOne)
                if let content = response["content"] as? [String: Any] {
                    let type = answer.headers["content-type"].map { String($0.prefix { $0 != ";" }) }
                    #expect(content.keys.first == type, "\(path)")
                }
                for (_, response) in responses { #expect((response["description"] as? String)?.isEmpty == false, "\(path)") }
                #expect((operation["summary"] as? String)?.isEmpty == false)
            }
        }
    }

    @Test func referencesLeadSomewhere() async throws {
        try await withAPI { api in
            let text = try await api.ask(.call, "/api-docs").text
            let document = try await document(api)
            let references = Set(text.matches(of: /"\$ref": ?"#\/([^"]*)"/).map { String($0.output.1) })
            #expect(references.count == 2)
            for reference in references {
                var place: Any? = document
                for step in reference.split(separator: "/") { place = (place as? [String: Any])?[String(step)] }
                #expect(place != nil, "\(reference)")
            }
        }
    }
}
