// `weir bench aggregate`: datagrams into the tables of one shard, on one thread.

internal import Bytes
internal import DefinitionStore
internal import Definitions
internal import FlowLanguage
internal import ShardEngine

struct AggregateBench {
    private let load: BenchLoad
    private let topology: Topology
    private let flows: [ActiveFlow]

    /// - Parameter define: a file with flow definitions and perhaps a topology.
    init(_ load: BenchLoad, define: String?) throws {
        self.load = load
        let set = try define.map { try loadDefineFile($0, reservedMetricNames: Set(Catalogue.standard.names)) } ?? .empty
        topology = set.topology
        var environment = FlowEnvironment(seed: .random(in: .min ... .max))
        environment.replace(.empty, by: set)
        flows = try set.flows.sorted { $0.key < $1.key }.map { name, definition in
            ActiveFlow(name: name, compiled: try CompiledFlow(definition, environment: environment))
        }
    }

    /// Each round is played into the shard as if it followed the one before.
    func run(seconds: Double) -> BenchResult {
        let shard = Shard()
        shard.setTopology(topology)
        shard.setFlows(flows)
        let times = load.datagrams.map(\.arrival)
        let span = (times.max() ?? 0) - (times.min() ?? 0) + 1_000_000_000
        var shift: Int64 = 0
        return BenchResult.measure(seconds: seconds, datagramsPerRound: load.datagrams.count) {
            let before = shard.counters.flowSamples
            for first in stride(from: 0, to: load.datagrams.count, by: Shard.datagramsAhead) {
                let few = first..<min(first + Shard.datagramsAhead, load.datagrams.count)
                load.forEach(few) { bytes, source, _ in shard.expect(bytes, udpSource: source) }
                shard.fetchExpected()
                load.forEach(few) { shard.ingest($0, udpSource: $1, arrival: $2 &+ shift) }
            }
            shift &+= span
            return shard.counters.flowSamples &- before
        }
    }
}
