// The calls of etcd's JSON gateway that the store needs, one function each: what is sent, and what of the answer counts.
//
// The gateway is protocol buffers by their JSON mapping (etcd documentation, "gRPC gateway"): 64-bit numbers are texts,
// members with value zero are left out, bytes are Base64, and answers of streaming calls are wrapped in `result`.

internal import Definitions

struct EtcdEntry: Sendable {
    let value: StoredValue
    /// Revision of the whole store at which the key was made.
    let createRevision: Int64
    let modRevision: Int64
    /// 0: none.
    let lease: Int64
}

struct EtcdGateway: Sendable {
    let web: WebClient
    let endpoints: Endpoints
    /// For each request. A write during a change of etcd's own leader hangs for 7 s; another endpoint may do better.
    let deadline: Duration
    let repeated: Persistence

    /// A key, and the revision of the whole store at which it was read.
    func range(_ key: String) async throws(StoreFault) -> (entry: EtcdEntry?, revision: Int64) {
        let answer = try await repeated { _ throws(StoreFault) in
            try await call("/v3/kv/range", .object(["key": EtcdGateway.bytes(key)]))
        }
        guard let revision = try answer.object("header")?.number("revision"), revision > 0 else {
            throw StoreFault(.damaged, "etcd answered a read without a revision")
        }
        return (try EtcdGateway.entry(answer), revision)
    }

    /// Writes if the key was last modified at `expected` (0: does not exist); returns the new revision.
    func put(
        _ key: String, _ value: [UInt8], lease: Int64 = 0, expecting expected: Int64
    ) async throws(StoreFault) -> Int64 {
        let request = JSONValue.object([
            "compare": .array([
                .object([
                    "key": EtcdGateway.bytes(key), "target": .string("MOD"), "result": .string("EQUAL"),
                    "mod_revision": .number64(expected),
                ])
            ]),
            "success": .array([
                .object([
                    "request_put": .object([
                        "key": EtcdGateway.bytes(key), "value": .string(Base64.text(value)), "lease": .number64(lease),
                    ])
                ])
            ]),
            "failure": .array([.object(["request_range": .object(["key": EtcdGateway.bytes(key)])])]),
        ])
        return try await repeated { attempt throws(StoreFault) in
            let answer = try await call("/v3/kv/txn", request)
            if try answer.flag("succeeded") {
                guard let revision = try answer.object("header")?.number("revision"), revision > expected else {
                    throw StoreFault(.damaged, "etcd answered a write without a later revision")
                }
                return revision
            }
            // The attempt before this one may have been it.
            if attempt > 0, let entry = try EtcdGateway.entry(answer.objects("responses").first?.object("response_range")),
                entry.value.bytes == value, entry.lease == lease, entry.modRevision > expected
            {
                return entry.modRevision
            }
            throw .conflict(key)
        }
    }

    /// - Parameter time: in seconds. Returns the lease's number.
    func grant(time: Int) async throws(StoreFault) -> Int64 {
        let answer = try await call("/v3/lease/grant", .object(["TTL": .number64(Int64(time))]))
        guard let lease = try answer.number("ID"), lease != 0, try answer.number("TTL") ?? 0 >= time else {
            throw StoreFault(.damaged, "etcd granted no lease of \(time) s")
        }
        return lease
    }

    /// Whether the lease lives on for its whole time from now.
    func keepAlive(_ lease: Int64) async throws(StoreFault) -> Bool {
        let answer = try await repeated { _ throws(StoreFault) in
            try await call("/v3/lease/keepalive", .object(["ID": .number64(lease)]))
        }
        if let error = try answer.object("error") {
            throw StoreFault(.unreachable, "etcd renewed no lease: \(shown(try error.text("message") ?? ""))")
        }
        return try (answer.required("result", answer.object("result")).number("TTL") ?? 0) > 0
    }

    func revoke(_ lease: Int64) async throws(StoreFault) {
        _ = try await repeated { _ throws(StoreFault) in
            try await call("/v3/lease/revoke", .object(["ID": .number64(lease)]))
        }
    }

    /// Returns when the key may have changed after a revision. The first line says that the watch stands, or that it
    /// cannot (that history is compacted); whatever comes after it is a change.
    func awaitChange(_ key: String, after revision: Int64) async throws(StoreFault) {
        let server = endpoints.current
        let request = JSONValue.object([
            "create_request": .object([
                "key": EtcdGateway.bytes(key), "start_revision": .number64(revision == .max ? revision : revision + 1),
            ])
        ])
        let watch = WebRequest(method: .post, server: server, path: "/v3/watch", body: request.bytes(indent: 0))
        try await web.receive(watch) { received in
            guard let end = received.firstIndex(of: UInt8(ascii: "\n")) else { return false }
            if end + 1 < received.count { return true }
            let answer = try? AnswerReader(Array(received[..<end]), source: server).object("result")
            return (try? answer?.flag("canceled")) ?? true
        }
    }

    private func call(_ path: String, _ body: JSONValue) async throws(StoreFault) -> AnswerReader {
        let server = endpoints.current
        do throws(StoreFault) {
            let request = WebRequest(method: .post, server: server, path: path, body: body.bytes(indent: 0))
            let answer = try await web.send(request, within: deadline)
            guard answer.status == 200 else { throw EtcdGateway.fault(answer, of: server) }
            return try AnswerReader(answer.body, source: server)
        } catch {
            if error.isWorthAnotherTry { endpoints.leave(server) }
            throw error
        }
    }

    /// By the number of the gRPC status (grpc documentation, "Status codes and their use in gRPC").
    private static func fault(_ answer: WebAnswer, of server: String) -> StoreFault {
        guard let reader = try? AnswerReader(answer.body, source: server), let code = try? reader.number("code") else {
            return StoreFault(.damaged, "\(server) answered \(answer.status), not as etcd does")
        }
        let text = ((try? reader.text("message")) ?? (try? reader.text("error"))) ?? ""
        let message = "\(server) refused: \(shown(text))"
        switch code {
        case 4: return StoreFault(.timeout, message)
        case 7, 16: return StoreFault(.notPermitted, message)
        // Out of range and invalid argument: the latter is also how too large a request is told.
        case 3 where text.contains("too large"): return StoreFault(.tooLarge, message)
        case 1, 2, 10, 13, 14: return StoreFault(.unreachable, message)
        default: return StoreFault(.rejected, message)
        }
    }

    private static func bytes(_ key: String) -> JSONValue { .string(Base64.text(Array(key.utf8))) }

    private static func entry(_ range: AnswerReader?) throws(StoreFault) -> EtcdEntry? {
        guard let pair = try range?.objects("kvs").first else { return nil }
        guard let createRevision = try pair.number("create_revision"), createRevision > 0,
            let modRevision = try pair.number("mod_revision"), modRevision >= createRevision
        else { throw StoreFault(.damaged, "etcd answered with a key that has no revision") }
        return EtcdEntry(
            value: StoredValue(bytes: try pair.bytes("value") ?? [], revision: Revision(String(modRevision))),
            createRevision: createRevision, modRevision: modRevision, lease: try pair.number("lease") ?? 0)
    }
}
