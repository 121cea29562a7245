// What the API's description says about each kind of definition.

internal import Definitions

extension DefinitionKind {
    /// Group in the documentation.
    var group: String {
        switch self {
        case .flow: "Flows"
        case .threshold: "Thresholds and events"
        case .group, .map: "Groups and maps"
        case .topology: "Topology"
        }
    }

    var noun: String {
        switch self {
        case .flow: "flow definition"
        case .threshold: "threshold"
        case .group: "address group"
        case .map: "map"
        case .topology: "topology"
        }
    }

    var plural: String { noun + "s" }

    /// Of a name.
    var example: String {
        switch self {
        case .flow: "tcp"
        case .threshold: "busy"
        case .group: "site"
        case .map: "services"
        case .topology: ""
        }
    }

    var details: String {
        switch self {
        case .flow:
            "`keys` and `value` say what is counted, `filter` which samples; `n` flows a data source are shown, smoothed over "
                + "`t` seconds. The name is a metric, too. A key `dns:ipsource` is the name of the address by the "
                + "name servers of the property `dns.servers`, or the machine's; until it is known, packets do not count, and each "
                + "process asks by itself. A key `host:macsource:host_name` names the host with that MAC address (so do uuid, "
                + "machine_type, os_name and os_release, and of guests the same with `vir_` before them), by what the packet's own "
                + "agent reports of its machine and guests, and of an address only the agent's own: no agent sees what others "
                + "report, so that it does not matter which worker has which agent. With `log`, flows that end become records of `/flows/json`. With "
                + "`ipfixCollectors` (`HOST`, `HOST:PORT` or `[IPV6]:PORT`; port 4739 unless given; at most 16, and 64 in all) "
                + "they are sent there as IPFIX over UDP, logged or not; values are then `bytes` and `frames`, and keys "
                + "macsource, macdestination, ethernetprotocol, vlan, priority, ipprotocol, ipsource, ipdestination, ip6source, "
                + "ip6destination, ip6nexthdr, tcpsourceport, tcpdestinationport, udpsourceport, udpdestinationport, "
                + "inputifindex, outputifindex."
        case .threshold:
            "An event comes when `metric` is above `value` at a data source that `filter` selects; with `byFlow` at each "
                + "flow. After it, the metric must stay at or below `value` for `timeout` seconds before the next."
        case .group: "Labels with their address prefixes. `group:ipsource:NAME` gives the label of the longest one."
        case .map: "Labels with their values. `map:tcpdestinationport:NAME` gives the label of a value."
        case .topology:
            "`links` say which ports are wired to each other, `nodes` which agents and interfaces they are where that is not "
                + "learned from names. `version` grows with each change."
        }
    }

    /// An OpenAPI schema object.
    var schema: String {
        switch self {
        case .flow: DefinitionKind.flowSchema
        case .threshold: DefinitionKind.thresholdSchema
        case .group:
            #"{"type":"object","additionalProperties":{"type":"array","items":{"type":"string"}},"example":{"private":["10.0.0.0/8","fc00::/7"]}}"#
        case .map:
            #"{"type":"object","additionalProperties":{"type":"array","items":{"type":"string"}},"example":{"web":["80","443"]}}"#
        case .topology: DefinitionKind.topologySchema
        }
    }

    private static let flowSchema = """
        {"type":"object","required":["value"],"properties":{"keys":{"type":"string"},"value":{"type":"string"},\
        "values":{"type":"string"},"filter":{"type":"string"},"n":{"type":"integer"},"t":{"type":"number"},\
        "dropped":{"type":"boolean"},"fs":{"type":"string"},"log":{"type":"boolean"},"flowStart":{"type":"boolean"},\
        "activeTimeout":{"type":"number"},"ipfixCollectors":{"type":"array","items":{"type":"string"}},\
        "aggMode":{"type":"string"}},"example":{"keys":"ipsource,ipdestination","value":"bytes"}}
        """
    private static let thresholdSchema = """
        {"type":"object","required":["metric","value"],"properties":{"metric":{"type":"string"},\
        "value":{"type":"number"},"filter":{"type":"object","additionalProperties":{"type":"array",\
        "items":{"type":"string"}}},"byFlow":{"type":"boolean"},"timeout":{"type":"number"}},\
        "example":{"metric":"ifinutilization","value":80,"filter":{"ifspeed":["1000000000"]}}}
        """
    private static let topologySchema = """
        {"type":"object","properties":{"version":{"type":"integer"},"nodes":{"type":"object",\
        "additionalProperties":{"type":"object","properties":{"agent":{"type":"string"},"ports":{"type":"object",\
        "additionalProperties":{"type":"object","properties":{"ifindex":{"type":"string"}}}}}}},\
        "links":{"type":"object","additionalProperties":{"type":"object",\
        "required":["node1","port1","node2","port2"],"properties":{"node1":{"type":"string"},\
        "port1":{"type":"string"},"node2":{"type":"string"},"port2":{"type":"string"}}}}},\
        "example":{"links":{"link1":{"node1":"leaf1","port1":"swp1","node2":"spine1","port2":"swp1"}}}}
        """
}
