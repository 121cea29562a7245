// From what users have configured to what a shard tests.

package import Definitions

extension ActiveThreshold {
    /// - Parameter catalogue: says which names of metrics mean the same.
    package init(name: String, _ definition: ThresholdDefinition, in catalogue: Catalogue) {
        let pairs = definition.filter.flatMap { term in term.patterns.map { (name: term.name, pattern: $0) } }
        self.init(
            name: name, metric: definition.metric, level: definition.value,
            filter: RowFilter(grouping: pairs, in: catalogue), byFlow: definition.byFlow,
            timeoutSeconds: definition.timeout ?? 0, in: catalogue)
    }
}
