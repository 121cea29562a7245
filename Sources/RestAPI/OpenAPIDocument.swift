// /api-docs: the description of the API (OpenAPI 3.1), made from the very routes that answer.

package import Routing
internal import NIOCore

package enum OpenAPIDocument {
    /// The route that describes `routes` and itself.
    package static func route(describing routes: [Route], version: String) -> Route {
        let route = { (handler: @escaping Route.Handler) in
            Route(
                .get, "/api-docs", group: "Server", summary: "This description", details: "OpenAPI 3.1.",
                answer: .json(schema: #"{"type":"object"}"#), handler: handler)
        }
        let unanswered = route { _ in throw HTTPProblem(500, "BUG: the description describes itself") }
        let document = StaticDocument(
            contentType: "application/json", ByteBuffer(string: text(routes + [unanswered], version: version)))
        return route { request in
            try request.allowOnly()
            return document.response(to: request.http)
        }
    }

    static func text(_ routes: [Route], version: String) -> String {
        var json = JSONWriter(indent: 1)
        json.object { json in
            json.member("openapi", "3.1.0")
            json.member("info") { json in
                json.object { json in
                    json.member("title", "Weir")
                    json.member("version", version)
                    json.member("description", "Live metrics of a data centre from sFlow.")
                }
            }
            // Relative, so that it holds behind a proxy under any prefix.
            json.member("servers") { $0.array { $0.element { $0.object { $0.member("url", ".") } } } }
            json.member("paths") { json in
                json.object { json in
                    let paths = Dictionary(grouping: routes, by: \.path)
                    for (path, operations) in paths.sorted(by: { $0.key < $1.key }) {
                        json.member(path) { json in
                            json.object { json in
                                for route in operations {
                                    json.member(route.method.rawValue.lowercased()) { write(route, &$0) }
                                }
                            }
                        }
                    }
                }
            }
            json.member("components") { writeComponents(&$0) }
        }
        json.finish()
        return String(buffer: json.take())
    }

    private static func write(_ route: Route, _ json: inout JSONWriter) {
        json.object { json in
            json.member("tags") { $0.array { $0.element { $0.string(route.group) } } }
            json.member("summary", route.summary)
            if !route.details.isEmpty { json.member("description", route.details) }
            if !(route.pathParameters.isEmpty && route.queryParameters.isEmpty && !route.takesFilters) {
                json.member("parameters") { json in
                    json.array { json in
                        for parameter in route.pathParameters { json.element { write(parameter, in: "path", &$0) } }
                        for parameter in route.queryParameters { json.element { write(parameter, in: "query", &$0) } }
                        if route.takesFilters {
                            json.element { $0.object { $0.member("$ref", "#/components/parameters/filter") } }
                        }
                    }
                }
            }
            if let schema = route.requestSchema {
                json.member("requestBody") { json in
                    json.object { json in
                        json.member("required", true)
                        json.member("content") { content("application/json", schema: schema, &$0) }
                    }
                }
            }
            json.member("responses") { json in
                json.object { json in
                    writeAnswer(route.answer, &json)
                    for (status, meaning) in route.problems.sorted(by: { $0.key < $1.key }) {
                        json.member(String(status)) { json in
                            json.object { json in
                                json.member("description", meaning)
                                json.member("content") { content("application/json", schema: problemReference, &$0) }
                            }
                        }
                    }
                }
            }
        }
    }

    private static func write(_ parameter: Route.Parameter, in place: String, _ json: inout JSONWriter) {
        json.object { json in
            json.member("name", parameter.name)
            json.member("in", place)
            json.member("required", place == "path" || parameter.isRequired)
            json.member("description", parameter.help)
            json.member("schema") { $0.object { $0.member("type", "string") } }
            if let example = parameter.example { json.member("example", example) }
        }
    }

    private static func writeAnswer(_ answer: Route.Answer, _ json: inout JSONWriter) {
        let (status, type, schema): (String, String?, String) =
            switch answer {
            case .json(let schema): ("200", "application/json", schema)
            case .text: ("200", "text/plain", #"{"type":"string"}"#)
            case .html: ("200", "text/html", #"{"type":"string"}"#)
            case .redirect: ("302", nil, "")
            case .nothing: ("204", nil, "")
            }
        json.member(status) { json in
            json.object { json in
                json.member("description", answer.meaning)
                if let type { json.member("content") { content(type, schema: schema, &$0) } }
            }
        }
    }

    private static func content(_ type: String, schema: String, _ json: inout JSONWriter) {
        json.object { json in
            json.member(type) { json in json.object { json in json.member("schema") { $0.raw(schema) } } }
        }
    }

    private static let problemReference = ##"{"$ref":"#/components/schemas/Problem"}"##

    private static func writeComponents(_ json: inout JSONWriter) {
        json.object { json in
            json.member("parameters") { json in
                json.object { json in
                    json.member("filter") { json in
                        json.raw("""
                            {"name":"filter","in":"query","required":false,"style":"form","explode":true,\
                            "description":"Conditions on metrics of the same row, as metric=pattern: * stands for any \
                            characters, one metric repeated means or, several metrics mean and.",\
                            "schema":{"type":"object","additionalProperties":{"type":"string"}},\
                            "example":{"iftype":"ethernetCsmacd"}}
                            """)
                    }
                }
            }
            json.member("schemas") { json in
                json.object { json in
                    json.member("Problem") { json in
                        json.raw("""
                            {"type":"object","properties":{"error":{"type":"object","properties":{\
                            "status":{"type":"integer"},"message":{"type":"string"}}}}}
                            """)
                    }
                }
            }
        }
    }
}

extension Route.Answer {
    fileprivate var meaning: String {
        switch self {
        case .json, .text, .html: "the answer"
        case .redirect: "elsewhere"
        case .nothing: "done"
        }
    }
}
