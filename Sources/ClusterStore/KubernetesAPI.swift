// The requests to the Kubernetes API that the store needs: objects of a kind in one namespace, as JSON.
// (Kubernetes documentation, "Kubernetes API Concepts": resource versions, efficient detection of changes.)

internal import Definitions

struct KubernetesKind: Sendable {
    let apiVersion: String
    let kind: String
    /// Of all objects, `{}` being the namespace.
    let path: String

    static let configMap = KubernetesKind(
        apiVersion: "v1", kind: "ConfigMap", path: "/api/v1/namespaces/{}/configmaps")
    static let lease = KubernetesKind(
        apiVersion: "coordination.k8s.io/v1", kind: "Lease", path: "/apis/coordination.k8s.io/v1/namespaces/{}/leases")
}

/// An object as read: what was asked for, and its version.
struct KubernetesObject: Sendable {
    let reader: AnswerReader
    let resourceVersion: String

    init(_ reader: AnswerReader) throws(StoreFault) {
        self.reader = reader
        let metadata = try reader.required("metadata", reader.object("metadata"))
        resourceVersion = try metadata.required("resourceVersion", metadata.text("resourceVersion"))
    }
}

struct KubernetesAPI: Sendable {
    let web: WebClient
    let access: KubernetesAccess
    /// For each request.
    let deadline: Duration

    /// nil: there is none of that name. `position` is the state of the whole list, from which a watch can go on.
    ///
    /// A list of one, not a get: only a list has a position while there is no object.
    func find(
        _ kind: KubernetesKind, _ name: String
    ) async throws(StoreFault) -> (object: KubernetesObject?, position: String) {
        let list = try await send(.get, kind, "?fieldSelector=metadata.name%3D\(name)")
        let metadata = try list.required("metadata", list.object("metadata"))
        let position = try metadata.required("resourceVersion", metadata.text("resourceVersion"))
        guard let item = try list.objects("items").first else { return (nil, position) }
        return (try KubernetesObject(item), position)
    }

    /// Makes the object when `resourceVersion` is nil, and replaces exactly that version otherwise.
    func store(
        _ kind: KubernetesKind, _ name: String, at resourceVersion: String?,
        annotations: [String: String] = [:], _ content: (name: String, value: JSONValue)
    ) async throws(StoreFault) -> KubernetesObject {
        var metadata = JSONObject()
        metadata.set("name", .string(name))
        metadata.set("namespace", .string(access.namespace))
        metadata.set("labels", .object(["app.kubernetes.io/name": .string("weir")]))
        if let resourceVersion { metadata.set("resourceVersion", .string(resourceVersion)) }
        if !annotations.isEmpty {
            var object = JSONObject()
            for (name, text) in annotations.sorted(by: { $0.key < $1.key }) { object.set(name, .string(text)) }
            metadata.set("annotations", .object(object))
        }
        let body = JSONValue.object([
            "apiVersion": .string(kind.apiVersion), "kind": .string(kind.kind), "metadata": .object(metadata),
            content.name: content.value,
        ])
        let answer =
            resourceVersion == nil
            ? try await send(.post, kind, "", body.bytes(indent: 0))
            : try await send(.put, kind, "/" + name, body.bytes(indent: 0))
        return try KubernetesObject(answer)
    }

    /// Returns when the object may have changed after a position. Whatever a watch says is such a notice: an event, that
    /// the position is too old (410), or its end.
    func awaitChange(_ kind: KubernetesKind, _ name: String, after position: String) async throws(StoreFault) {
        let query = "?watch=1&fieldSelector=metadata.name%3D\(name)&resourceVersion=\(percentEncoded(position))"
        try await web.receive(request(.get, kind, query)) { !$0.isEmpty }
    }

    private func send(
        _ method: WebRequest.Method, _ kind: KubernetesKind, _ rest: String, _ body: [UInt8] = []
    ) async throws(StoreFault) -> AnswerReader {
        let answer = try await web.send(request(method, kind, rest, body), within: deadline)
        guard (200...299).contains(answer.status) else { throw fault(answer) }
        return try AnswerReader(answer.body, source: access.server)
    }

    private func request(
        _ method: WebRequest.Method, _ kind: KubernetesKind, _ rest: String, _ body: [UInt8] = []
    ) async throws(StoreFault) -> WebRequest {
        WebRequest(
            method: method, server: access.server,
            path: kind.path.split(separator: "{}").joined(separator: access.namespace) + rest,
            headers: [("authorization", "Bearer " + (try await access.token())), ("accept", "application/json")],
            body: body)
    }

    /// Errors come as an object `Status` whose message says what is wrong.
    private func fault(_ answer: WebAnswer) -> StoreFault {
        let text = (try? AnswerReader(answer.body, source: access.server).text("message")) ?? ""
        let message = "\(access.server) answered \(answer.status): \(shown(text))"
        switch answer.status {
        case 401, 403: return StoreFault(.notPermitted, message)
        case 409: return StoreFault(.conflict, message)
        case 413: return StoreFault(.tooLarge, message)
        case 429, 500...599: return StoreFault(.unreachable, message)
        default: return StoreFault(.rejected, message)
        }
    }
}

/// For a query (RFC 3986 section 2.1).
private func percentEncoded(_ text: String) -> String {
    text.utf8.map { byte -> String in
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            String(UnicodeScalar(byte))
        default: "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
        }
    }.joined()
}
