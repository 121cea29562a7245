// Putting definitions in force in all shards of the process. What was handed over before is still counted by the old
// ones; when the call returns, whatever comes is counted by the new ones.

package import Definitions
package import ShardEngine

extension ExecutorPool {
    package func setFlows(_ flows: [ActiveFlow]) async {
        for executor in executors {
            await executor.run { shards in
                for shard in shards { shard.setFlows(flows) }
            }
        }
    }

    package func setTopology(_ topology: Topology) async {
        for executor in executors {
            await executor.run { shards in
                for shard in shards { shard.setTopology(topology) }
            }
        }
    }

    /// Puts thresholds in force; all shards have them when it returns.
    package func setThresholds(_ thresholds: [ActiveThreshold]) async {
        for executor in executors {
            await executor.run { shards in for shard in shards { shard.setThresholds(thresholds) } }
        }
    }
}
