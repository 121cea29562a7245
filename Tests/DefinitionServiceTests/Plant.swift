// A server without sockets: executors, the service of definitions, and the routes, asked by path. Beside the executors,
// a record of what was put in force.

import Bytes
import Coordinator
import DatagramBuilding
import Datagrams
import DefinitionStore
import Definitions
import Ingest
import Logging
import NIOCore
import RestAPI
import Routing
import ShardEngine
import Synchronization
import Transport
import Worker

final class Plant: Sendable {
    static let start: Int64 = 1_700_000_000_000_000_000

    let pool: ExecutorPool
    let service: DefinitionService
    let record = ForceRecord()
    private let clock = StateClock(.capture)
    private let counters = IngestCounters()
    private let router: Router

    struct Answer: Equatable {
        let status: Int
        let text: String
    }

    /// - Parameters:
    ///   - directory: keeps the definitions.
    ///   - now: time goes on from here with what is sent. Unit: nanoseconds since the Unix epoch.
    init(
        directory: String? = nil, files: AddressFiles.Paths = .init(), isReadOnly: Bool = false,
        bodyBytesMax: Int = 1 << 20, now: Int64 = start
    ) async throws {
        let pool = ExecutorPool(executors: 2, shards: 3, expiry: .standard, catalogue: .standard)
        self.pool = pool
        let record = record
        service = DefinitionService(
            targets: DefinitionService.Targets(
                setTopology: { topology in
                    await pool.setTopology(topology)
                    record.add(.topology(topology.version))
                },
                setFlows: { flows in
                    await pool.setFlows(flows)
                    record.add(.flows(flows))
                },
                setThresholds: { record.add(.thresholds($0.keys.sorted())) }),
            store: try await Plant.openStore(directory), files: AddressFiles(files),
            reservedMetricNames: Set(Catalogue.standard.names)
        ) { record.report($0) }
        clock.advance(to: now)
        let context = APIContext(
            queries: QueryCoordinator(hosts: { [pool] in pool.hosts }, clock: clock, catalogue: .standard),
            events: EventLog(eventsMax: 10, flowsMax: 10), indent: 0, version: "0.0-0", started: 0, ingest: { [counters] in counters.snapshot }, http: { .none })
        let routes =
            RestAPI.routes(context) + TopologyRoutes.routes(context, service)
            + DefinitionRoutes.routes(
                service, DefinitionRoutes.Configuration(isReadOnly: isReadOnly, indent: 0, bodyBytesMax: bodyBytesMax))
        router = Router(
            routes + [OpenAPIDocument.route(describing: routes, version: "0.0-0")], logger: Logger(label: "plant"))
    }

    deinit { pool.stop() }

    func ask(_ method: String, _ path: String, _ body: String = "", type: String? = nil) async throws -> Answer {
        let parts = path.split(separator: "?", maxSplits: 1)
        let response = await router.respond(
            to: HTTPRequest(
                method: method, path: String(parts[0]), query: parts.count > 1 ? String(parts[1]) : nil,
                headers: type.map { ["content-type": $0] } ?? [:], body: ByteBuffer(string: body)))
        var text = ""
        switch response.body {
        case .empty: break
        case .bytes(let bytes): text = String(buffer: bytes)
        case .stream(let stream): while let piece = try await stream.next() { text += String(buffer: piece) }
        }
        return Answer(status: response.status, text: text.last == "\n" ? String(text.dropLast()) : text)
    }

    func get(_ path: String) async throws -> String { try await ask("GET", path).text }
    func put(_ path: String, _ body: String) async throws -> Int { try await ask("PUT", path, body).status }

    /// Takes datagrams in; time goes on to their arrival.
    func send(_ datagrams: [(bytes: [UInt8], source: IPAddress, arrival: Int64)]) async {
        var filler = BatchFiller(sink: pool, counters: counters)
        for datagram in datagrams {
            filler.add(datagram.bytes.span.bytes, udpSource: datagram.source, arrival: datagram.arrival)
            clock.advance(to: datagram.arrival)
        }
        filler.flush()
        await pool.drain()
    }

    /// Takes datagrams in, `seconds` after the start.
    func send(_ datagrams: [Datagram], at seconds: Int64 = 0) async {
        await send(datagrams.map { ($0.bytes, $0.agent, Plant.start + seconds * 1_000_000_000) })
    }
}

/// What was put in force, in order, and what the operator was told.
final class ForceRecord: Sendable {
    enum Entry: Sendable {
        case topology(UInt64)
        case flows([ActiveFlow])
        case thresholds([String])

        var text: String {
            switch self {
            case .topology(let version): "topology \(version)"
            case .flows(let flows): "flows \(flows.map(\.name).joined(separator: ","))"
            case .thresholds(let names): "thresholds \(names.joined(separator: ","))"
            }
        }
    }

    private let state = Mutex<(entries: [Entry], reports: [String])>(([], []))

    func add(_ entry: Entry) { state.withLock { $0.entries.append(entry) } }
    func report(_ line: String) { state.withLock { $0.reports.append(line) } }

    var reports: [String] { state.withLock { $0.reports } }
    var texts: [String] { state.withLock { $0.entries.map(\.text) } }

    /// The flows put in force last.
    var flows: [ActiveFlow] {
        state.withLock { state in
            state.entries.reversed().lazy.compactMap { if case .flows(let flows) = $0 { flows } else { nil } }.first ?? []
        }
    }

    /// What was added since the last call.
    func take() -> [String] {
        state.withLock { state in
            defer { state.entries = [] }
            return state.entries.map(\.text)
        }
    }
}

extension Plant {
    /// A plant of before lets go of the directory a moment after it has been forgotten: waits for that, not for ever.
    private static func openStore(_ directory: String?) async throws -> DefinitionStore? {
        guard let directory else { return nil }
        let deadline = ContinuousClock.now.advanced(by: .seconds(60))
        while ContinuousClock.now < deadline {
            if let store = try? DefinitionStore(directory: directory) { return store }
            try await Task.sleep(for: .milliseconds(1))
        }
        return try DefinitionStore(directory: directory)
    }
}
