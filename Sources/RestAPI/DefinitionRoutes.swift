// What users define: flows, thresholds, groups, maps, and the topology. One set of routes for the named kinds, and one
// for the topology, of which there is one.

package import Coordinator
internal import Definitions
internal import DataFiles
internal import FlowLanguage
internal import NIOCore
package import Routing
internal import Transport

package enum DefinitionRoutes {
    package struct Configuration: Sendable {
        /// Whether changes are refused.
        package var isReadOnly: Bool
        /// Spaces a level in JSON answers.
        package var indent: Int
        /// Of one request; by default as much as the transport takes. Unit: bytes.
        package var bodyBytesMax: Int

        package init(
            isReadOnly: Bool = false, indent: Int = 1, bodyBytesMax: Int = 4 << 20
        ) {
            self.isReadOnly = isReadOnly
            self.indent = indent
            self.bodyBytesMax = bodyBytesMax
        }
    }

    package static func routes(_ service: DefinitionService, _ configuration: Configuration) -> [Route] {
        DefinitionKind.allCases.flatMap { kind in
            let resource = DefinitionResource(kind: kind, service: service, configuration: configuration)
            return kind == .topology ? resource.onlyOne : [resource.list] + resource.named
        }
    }
}

/// The routes of one kind.
private struct DefinitionResource: Sendable {
    let kind: DefinitionKind
    let service: DefinitionService
    let configuration: DefinitionRoutes.Configuration

    // MARK: Routes

    var list: Route {
        Route(
            .get, "/\(kind.rawValue)/json", group: kind.group, summary: "All \(kind.plural)",
            details: "An object keyed by name.",
            answer: .json(schema: #"{"type":"object","additionalProperties":\#(kind.schema)}"#)
        ) { request in
            try request.allowOnly()
            return json(await service.current.json(of: kind))
        }
    }

    var named: [Route] { [get(named: true), put(.put, named: true), put(.post, named: true), delete(named: true)] }

    var onlyOne: [Route] { [get(named: false), put(.put, named: false), put(.post, named: false), delete(named: false)] }

    private func get(named: Bool) -> Route {
        route(.get, named: named, summary: "The \(kind.noun)", details: kind.details, answer: .json(schema: kind.schema)) {
            request in
            let name = request.parameter("name")
            guard let definition = await service.current.json(of: kind, name: name) else {
                throw HTTPProblem.notFound("there is no \(kind.noun) of that name: /\(kind.rawValue)/json lists what there is")
            }
            return json(definition)
        }
    }

    private func put(_ method: Route.Method, named: Bool) -> Route {
        route(
            method, named: named, summary: method == .put ? "Define a \(kind.noun)" : "The same as PUT",
            details: "In force when the answer comes. What is defined so already stays as it is. " + kind.details
                + " Names without quotes and texts in single quotes are understood; the content type does not matter.",
            requestSchema: kind.schema, answer: .nothing
        ) { request in
            try await change(.put(name: request.parameter("name"), try definition(in: request)))
        }
    }

    private func delete(named: Bool) -> Route {
        route(
            .delete, named: named, summary: "Remove the \(kind.noun)", details: "What is not there need not be removed.",
            answer: .nothing
        ) { request in
            try await change(.delete(kind, name: request.parameter("name")))
        }
    }

    private func route(
        _ method: Route.Method, named: Bool, summary: String, details: String, requestSchema: String? = nil,
        answer: Route.Answer, handler: @escaping Route.Handler
    ) -> Route {
        let problems: [Int: String] =
            method == .get
            ? (named ? [404: "there is none of that name"] : [:])
            : [
                400: "the name or the definition is not possible; the message says what is", 403: "changes are refused",
                413: "the definition is too large", 500: "it cannot be kept, and is not in force",
                507: "there is no room to keep it, and it is not in force",
            ]
        return Route(
            method, named ? "/\(kind.rawValue)/{name}/json" : "/\(kind.rawValue)/json", group: kind.group,
            summary: summary, details: details,
            pathParameters: named ? [Route.Parameter("name", "Name of the \(kind.noun).", example: kind.example)] : [],
            requestSchema: requestSchema, answer: answer, problems: problems
        ) { request in
            if method != .get, configuration.isReadOnly {
                throw HTTPProblem(403, "this server takes no changes (http.readonly=yes)")
            }
            try request.allowOnly()
            return try await handler(request)
        }
    }

    // MARK: Requests and answers

    private func definition(in request: RouteRequest) throws -> Definition {
        let body = request.http.body
        guard body.readableBytes <= configuration.bodyBytesMax else {
            throw HTTPProblem(413, "the request body exceeds \(configuration.bodyBytesMax) bytes")
        }
        do {
            let text = body.getBytes(at: body.readerIndex, length: body.readableBytes) ?? []
            return try Definition(kind, json: try RelaxedJSON.parse(text, sizeMax: configuration.bodyBytesMax))
        } catch let error as JSONSyntaxError {
            throw HTTPProblem.badRequest(error.description)
        } catch let error as DefinitionError {
            throw HTTPProblem.badRequest(error.description)
        }
    }

    private func change(_ change: DefinitionChange) async throws -> HTTPResponse {
        do {
            try await service.apply(change)
        } catch let error as DefinitionError {
            throw HTTPProblem.badRequest(error.description)
        } catch let error as FlowRefusal {
            throw HTTPProblem.badRequest(error.reason)
        } catch let error as StoreError {
            throw HTTPProblem(notKept: error)
        }
        return HTTPResponse(status: 204)
    }

    private func json(_ value: JSONValue) -> HTTPResponse {
        .json(indent: configuration.indent) { $0.raw(value.text(indent: configuration.indent)) }
    }
}

extension HTTPProblem {
    /// A change that is refused because it would be lost at the next start.
    init(notKept error: StoreError) {
        let isShortOfRoom = error.reason == .diskFull || error.reason == .tooLarge
        self.init(isShortOfRoom ? 507 : 500, "nothing was changed: \(error.message)")
    }
}
