// Definitions that ask for names of the topology or of hosts. What is known of those differs from shard to shard, unlike everything
// else in the environment, so each shard binds these definitions to its own.

extension CompiledFlow {
    /// Whether a key, a value or the filter has `link:`, `ifname:`, `node:` or `host:`.
    package var asksNames: Bool {
        program.ops.contains { $0.code == .link || $0.code == .interfaceName || $0.code == .node || $0.code == .host }
    }

    /// The same definition with other names and the rest of its environment.
    package func bound(to names: any TopologyNames & HostDirectory) -> CompiledFlow {
        var environment = environment
        environment.topology = names
        environment.hosts = names
        return bound(to: environment)
    }
}
