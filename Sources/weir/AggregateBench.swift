// `weir bench aggregate`: datagrams into the tables of one shard, on one thread.

internal import Bytes
internal import ShardEngine

struct AggregateBench {
    private let load: BenchLoad

    init(_ load: BenchLoad) { self.load = load }

    /// Each round is played into the shard as if it followed the one before.
    func run(seconds: Double) -> BenchResult {
        let shard = Shard()
        let times = load.datagrams.map(\.arrival)
        let span = (times.max() ?? 0) - (times.min() ?? 0) + 1_000_000_000
        var shift: Int64 = 0
        return BenchResult.measure(seconds: seconds, datagramsPerRound: load.datagrams.count) {
            let before = shard.counters.flowSamples
            load.forEach { bytes, source, arrival in
                shard.ingest(bytes, udpSource: source, arrival: arrival &+ shift)
            }
            shift &+= span
            return shard.counters.flowSamples &- before
        }
    }
}
