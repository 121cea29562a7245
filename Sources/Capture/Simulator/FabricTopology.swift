// The fabric's switches and links as plain values, for whoever tells the server which ports face each other.

package import Bytes

/// Leaf and spine switches with the links between them. Hosts are not part of it: a topology tells inner links from the
/// edge.
package struct FabricTopology: Hashable, Sendable {
    package struct Port: Hashable, Sendable {
        package let name: String
        package let ifIndex: UInt32
    }

    package struct Node: Hashable, Sendable {
        package let name: String
        package let agent: IPAddress
        package let ports: [Port]
    }

    package struct Link: Hashable, Sendable {
        package let name: String
        package let node1: String
        package let port1: String
        package let node2: String
        package let port2: String
    }

    package let nodes: [Node]
    package let links: [Link]

    init(_ layout: FabricLayout, _ ports: [FabricPort]) {
        nodes = (0..<(layout.spines + layout.leaves)).map { node in
            Node(
                name: layout.name(ofNode: node),
                agent: layout.ipv4(ofNode: node),
                ports: ports[layout.ports(ofNode: node)].map { Port(name: $0.name, ifIndex: $0.ifIndex) })
        }
        links = (0..<(layout.leaves * layout.spines)).map { number in
            let (leaf, spine) = number.quotientAndRemainder(dividingBy: layout.spines)
            return Link(
                name: "L\(number + 1)",
                node1: layout.name(ofNode: layout.leafNode(leaf)),
                port1: ports[layout.leafPort(leaf, toSpine: spine)].name,
                node2: layout.name(ofNode: spine),
                port2: ports[layout.spinePort(spine, toLeaf: leaf)].name)
        }
    }
}
