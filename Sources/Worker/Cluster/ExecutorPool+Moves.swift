// Shards that come and go, over all executors of a process. What was handed over before is done before.

package import Cluster

extension ExecutorPool {
    package func executor(of shard: Int) -> ShardExecutor { executors[shard % executors.count] }

    package func expect(_ shards: [Int: UInt64], keeping kept: ShardSet = ShardSet()) async {
        for executor in executors where !shards.isEmpty { await executor.expect(shards, keeping: kept) }
    }

    package func stopExpecting(_ shards: ShardSet) async {
        for executor in executors where !shards.isEmpty { await executor.stopExpecting(shards) }
    }

    package func drop(_ shards: ShardSet) async {
        for executor in executors where !shards.isEmpty { await executor.drop(shards) }
    }

    package func forget(_ shards: ShardSet) async {
        for executor in executors where !shards.isEmpty { await executor.forget(shards) }
    }

    package func give(_ shards: [Int: UInt64]) async {
        for executor in executors { await executor.give(shards) }
    }
}
