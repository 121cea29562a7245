// What a topology looks like in a request and in an answer, and what makes one unusable: a link without one of its four
// ends, an agent that is no address, an ifindex that is no number. Everything else is kept and shown again.

import Bytes

extension Topology {
    /// Reads a request body; `version` in it means nothing. An empty object is the empty topology.
    package init(json: JSONValue) throws(DefinitionError) {
        let top = try MemberReader(json, at: "", what: "an object with \"links\" and perhaps \"nodes\"")
        var portCount = 0
        var nodes: [Node] = []
        for (name, value) in try Topology.members(top, "nodes") {
            nodes.append(try Topology.readNode(name, value, at: memberPlace("nodes", name), portCount: &portCount))
        }
        var links: [Link] = []
        for (name, value) in try Topology.members(top, "links") {
            links.append(try Topology.readLink(name, value, at: memberPlace("links", name)))
        }
        self.init(document: json.object?.without("version") ?? JSONObject(), nodes: nodes, links: links)
    }

    /// As `GET /topology/json` shows it: what was put, and `version`. Before the first change: an empty object.
    package var json: JSONValue {
        guard version > 0 else { return .object(document) }
        var object = JSONObject()
        object.set("version", .number(Double(version)))
        for member in document.members { object.set(member.name, member.value) }
        return .object(object)
    }

    private static func members(
        _ outer: MemberReader, _ name: String
    ) throws(DefinitionError) -> [(name: String, value: JSONValue)] {
        guard let value = outer.value(name) else { return [] }
        guard let object = value.object else {
            throw .wrongType(at: outer.place(of: name), expected: "an object with a member for each name", found: value)
        }
        guard object.count <= DefinitionLimits.topologyItems else {
            throw DefinitionError(
                .limitExceeded, at: outer.place(of: name), "at most \(DefinitionLimits.topologyItems) are possible")
        }
        return object.members.map { ($0.name, $0.value) }
    }

    private static func readNode(
        _ name: String, _ value: JSONValue, at place: String, portCount: inout Int
    ) throws(DefinitionError) -> Node {
        let members = try MemberReader(value, at: place, what: "an object, which may be empty")
        var agent: IPAddress?
        if let text = try members.text("agent")?.trimmed, !text.isEmpty {
            guard let address = IPAddress(text) else {
                throw DefinitionError(
                    .badValue, at: members.place(of: "agent"),
                    "expected the IP address of the sFlow agent, found \(shown(text)); "
                        + "leave it out to have the agent found by its host name")
            }
            agent = address.unmapped
        }
        var ports: [Port] = []
        for (name, value) in try Topology.members(members, "ports") {
            ports.append(try readPort(name, value, at: memberPlace(members.place(of: "ports"), name)))
        }
        portCount += ports.count
        guard portCount <= DefinitionLimits.topologyPorts else {
            throw DefinitionError(
                .limitExceeded, at: "nodes", "at most \(DefinitionLimits.topologyPorts) ports are possible")
        }
        return Node(name: name, agent: agent, ports: ports, tags: members.value("tags")?.object ?? JSONObject())
    }

    private static func readPort(_ name: String, _ value: JSONValue, at place: String) throws(DefinitionError) -> Port {
        let members = try MemberReader(value, at: place, what: "an object, which may be empty")
        var ifIndex: UInt32?
        if let text = try members.text("ifindex")?.trimmed, !text.isEmpty {
            guard let number = UInt32(text), text.utf8.first != UInt8(ascii: "+") else {
                throw DefinitionError(
                    .badValue, at: members.place(of: "ifindex"),
                    "expected a whole number from 0 to \(UInt32.max), found \(shown(text)); "
                        + "leave it out to have the port found by its name")
            }
            ifIndex = number
        }
        return Port(name: name, ifIndex: ifIndex, tags: members.value("tags")?.object ?? JSONObject())
    }

    private static func readLink(_ name: String, _ value: JSONValue, at place: String) throws(DefinitionError) -> Link {
        let members = try MemberReader(value, at: place, what: "an object with node1, port1, node2 and port2")
        return Link(
            name: name,
            end1: LinkEnd(
                node: try members.requiredText("node1", meaning: "the name of the node at the first end"),
                port: try members.requiredText("port1", meaning: "the name of the port at the first end")),
            end2: LinkEnd(
                node: try members.requiredText("node2", meaning: "the name of the node at the second end"),
                port: try members.requiredText("port2", meaning: "the name of the port at the second end")),
            tags: members.value("tags")?.object ?? JSONObject())
    }
}
