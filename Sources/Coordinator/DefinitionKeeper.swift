// Where definitions outlive the process: files of this machine, or the store of a cluster.

package import DefinitionStore
package import Definitions
package import DataFiles

package protocol DefinitionKeeper: Sendable {
    /// What was kept, as far as it is still possible.
    func loadKept(reservedMetricNames: Set<String>) async throws(StoreError) -> DefinitionStore.Loaded
    /// Keeps all definitions of some kinds; the others are as they were kept before.
    func keep(_ set: DefinitionSet, kinds: [DefinitionKind]) async throws(StoreError)
}

extension DefinitionStore: DefinitionKeeper {
    package func loadKept(reservedMetricNames: Set<String>) async throws(StoreError) -> Loaded {
        try await onFileThread { () throws(StoreError) in try self.load(reservedMetricNames: reservedMetricNames) }
    }

    package func keep(_ set: DefinitionSet, kinds: [DefinitionKind]) async throws(StoreError) {
        try await onFileThread { () throws(StoreError) in try self.save(set, kinds: kinds) }
    }
}
