// What the simulated fabric's operators would put: how its switches are wired.

internal import Capture
internal import Definitions

extension Definition {
    /// Names of nodes and ports are what the agents themselves tell, so that links are all that must be said.
    static func topology(of fabric: FabricTopology) throws(DefinitionError) -> Definition {
        var links = JSONObject()
        for link in fabric.links {
            var ends = JSONObject()
            ends.set("node1", .string(link.node1))
            ends.set("port1", .string(link.port1))
            ends.set("node2", .string(link.node2))
            ends.set("port2", .string(link.port2))
            links.set(link.name, .object(ends))
        }
        var document = JSONObject()
        document.set("links", .object(links))
        return try Definition(.topology, json: .object(document))
    }
}
