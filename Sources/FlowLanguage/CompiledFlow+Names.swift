// Definitions that ask for names of the topology. What is known of those differs from shard to shard, unlike everything
// else in the environment, so each shard binds these definitions to its own.

extension CompiledFlow {
    /// Whether a key, a value or the filter has `link:`, `ifname:` or `node:`.
    package var asksTopology: Bool {
        program.ops.contains { $0.code == .link || $0.code == .interfaceName || $0.code == .node }
    }

    /// The same definition with other names and the rest of its environment.
    package func bound(to names: any TopologyNames) -> CompiledFlow {
        var environment = environment
        environment.topology = names
        return bound(to: environment)
    }
}
