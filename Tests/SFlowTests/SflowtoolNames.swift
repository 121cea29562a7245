// How sflowtool names and prints the fields of the records in the captures, in terms of this module's layouts.

import Bytes
import SFlow

/// One record's translation.
struct SflowtoolRecord {
    /// Field path to sflowtool's key; a field that is not named here has the same name there.
    var keys: [String: String] = [:]
    /// In front of every key that `keys` does not give.
    var prefix = ""
    /// Keys whose values are not fields of the record, each group with its reason.
    var ignoredKeys: Set<String> = []
    /// Fields that sflowtool does not always print.
    var optionalFields: Set<String> = []
    /// Keys made of several fields, or derived: from the walked fields and the body.
    var derived: (@Sendable (FieldCollector, [UInt8]) -> [String: String]) = { _, _ in [:] }
    /// Fields that only `derived` uses.
    var consumed: Set<String> = []
}

enum SflowtoolNames {
    /// Records that sflowtool does not decode: it prints their tags and nothing else.
    static let unknownFlowRecords: Set<Tag> = [Tag(0, 1037)]

    /// What sflowtool reads out of the packet header. That is not this module's business.
    static let dissected: Set<String> = [
        "dstMAC", "srcMAC", "ethernet_type", "IPSize", "ip.tot_len", "srcIP", "dstIP", "srcIP6", "dstIP6", "IPProtocol",
        "IPTOS", "IPTTL", "IPID", "TCPSrcPort", "TCPDstPort", "TCPFlags", "UDPSrcPort", "UDPDstPort", "UDPBytes",
        "decodedVLAN", "decodedPriority", "decodedVLAN.1", "decodedPriority.1", "IP6_label", "IPV6_payloadLen",
        "ICMPType", "ICMPCode", "IPFragmentOffset", "IP6HeaderExtension",
    ]
    /// Names of the record types, in words.
    static let titles: Set<String> = ["flowSampleType", "extendedType"]

    static func flow(_ tag: Tag) -> SflowtoolRecord { flowRecords[tag] ?? SflowtoolRecord() }
    static func counter(_ tag: Tag) -> SflowtoolRecord { counterRecords[tag] ?? SflowtoolRecord() }

    private static let flowRecords: [Tag: SflowtoolRecord] = [
        Tag(0, 1): SflowtoolRecord(
            keys: ["protocol": "headerProtocol", "frame_length": "sampledPacketSize", "stripped": "strippedBytes"],
            ignoredKeys: dissected,
            derived: { fields, body in
                guard case .bytes(let range)? = fields["header"] else { return [:] }
                let hex = body[range].map { ($0 < 16 ? "0" : "") + String($0, radix: 16, uppercase: true) }
                return ["headerLen": "\(range.count)", "headerBytes": hex.joined(separator: "-")]
            }, consumed: ["header"]),
        Tag(0, 2): SflowtoolRecord(keys: [
            "length": "ethernet_len", "src_mac": "ethernet_src", "dst_mac": "ethernet_dst", "eth_type": "ethernet_type",
        ]),
        Tag(0, 1001): SflowtoolRecord(keys: [
            "src_vlan": "in_vlan", "src_priority": "in_priority", "dst_vlan": "out_vlan", "dst_priority": "out_priority",
        ]),
        Tag(0, 1002): SflowtoolRecord(keys: [
            "next_hop": "nextHop", "src_mask_len": "srcSubnetMask", "dst_mask_len": "dstSubnetMask",
        ]),
        Tag(0, 1003): SflowtoolRecord(
            keys: ["next_hop": "bgp_nexthop", "as": "my_as", "localpref": "BGP_localpref"], derived: gateway,
            consumed: ["dst_as_path", "communities"]),
        Tag(0, 1004): SflowtoolRecord(keys: ["src_charset": "src_user_charset", "dst_charset": "dst_user_charset"]),
        Tag(0, 1005): SflowtoolRecord(keys: ["direction": "url_direction"]),
        Tag(0, 1023): tunnel("tunnel_ipv4_out_"),
        Tag(0, 1024): tunnel("tunnel_ipv4_in_"),
        Tag(0, 1036): SflowtoolRecord(keys: ["queue": "egress_queue_id"]),
        Tag(0, 1043): SflowtoolRecord(keys: ["nanoseconds": "timestamp_nS"]),
        Tag(0, 2209): SflowtoolRecord(
            keys: [
                "snd_mss": "tcpinfo_send_mss", "rcv_mss": "tcpinfo_receive_mss", "unacked": "tcpinfo_unacked_pkts",
                "lost": "tcpinfo_lost_pkts", "retrans": "tcpinfo_retrans_pkts", "pmtu": "tcpinfo_path_mtu",
                "rtt": "tcpinfo_rtt_uS", "rttvar": "tcpinfo_rtt_uS_var", "snd_cwnd": "tcpinfo_send_congestion_win",
                "reordering": "tcpinfo_reordering", "min_rtt": "tcpinfo_rtt_uS_min",
            ],
            derived: { fields, _ in
                guard case .unsigned(let value)? = fields["dir"] else { return [:] }
                return ["tcpinfo_direction": Enumeration.packetDirection.name(UInt32(value)) ?? "?"]
            }, consumed: ["dir"]),
    ]

    /// Ports and flags are printed only where the protocol has them.
    private static func tunnel(_ prefix: String) -> SflowtoolRecord {
        SflowtoolRecord(
            keys: [
                "length": prefix + "sampledPacketSize", "protocol": prefix + "IPProtocol", "src_ip": prefix + "srcIP",
                "dst_ip": prefix + "dstIP", "tos": prefix + "IPTOS", "src_port": prefix + "srcPort",
                "dst_port": prefix + "dstPort", "tcp_flags": prefix + "TCPFlags",
            ], optionalFields: ["src_port", "dst_port", "tcp_flags"],
            derived: { fields, _ in
                guard case .unsigned(let value)? = fields["length"] else { return [:] }
                return [prefix + "IPSize": "\(value)"]
            })
    }

    /// Sequences as "1-2-3", sets in parentheses; the destination and its peer taken from the path's ends.
    @Sendable private static func gateway(_ fields: FieldCollector, _ body: [UInt8]) -> [String: String] {
        func number(_ path: String) -> UInt64? { if case .unsigned(let value)? = fields[path] { value } else { nil } }
        func numbers(_ path: String) -> [UInt64] {
            var found: [UInt64] = []
            while let value = number("\(path)[\(found.count)]") { found.append(value) }
            return found
        }
        var text = ""
        var members: [UInt64] = []
        var segment = 0
        while let type = number("dst_as_path[\(segment)].type") {
            let these = numbers("dst_as_path[\(segment)].members")
            let joined = these.map { "\($0)" }.joined(separator: "-")
            text += type == 1 ? "(\(joined))" : joined
            members += these
            segment += 1
        }
        var keys = ["dst_as": "\(members.last ?? 0)", "dst_peer_as": "\(members.first ?? 0)"]
        if !members.isEmpty { keys["dst_as_path"] = text }
        let communities = numbers("communities")
        if !communities.isEmpty { keys["BGP_communities"] = communities.map { "\($0)" }.joined(separator: "-") }
        return keys
    }
}

extension SflowtoolNames {
    fileprivate static let counterRecords: [Tag: SflowtoolRecord] = [
        Tag(0, 1): SflowtoolRecord(keys: ["ifType": "networkType"]),
        Tag(0, 5): SflowtoolRecord(keys: ["vlan_id": "in_vlan"]),
        Tag(0, 1001): SflowtoolRecord(keys: [
            "cpu_5s": "5s_cpu", "cpu_1m": "1m_cpu", "cpu_5m": "5m_cpu", "total_memory": "total_memory_bytes",
            "free_memory": "free_memory_bytes",
        ]),
        Tag(0, 1004): SflowtoolRecord(
            keys: ["port_no": "openflow_port"],
            derived: { fields, _ in
                guard case .unsigned(let value)? = fields["datapath_id"] else { return [:] }
                let hex = String(value, radix: 16)
                return ["openflow_datapath_id": String(repeating: "0", count: 16 - hex.count) + hex]
            }, consumed: ["datapath_id"]),
        Tag(0, 1005): SflowtoolRecord(keys: ["name": "ifName"]),
        Tag(0, 2000): SflowtoolRecord(keys: ["uuid": "UUID"]),
        // Lists inside JSON: compared apart.
        Tag(0, 2001): SflowtoolRecord(ignoredKeys: ["adaptor_list"], consumed: ["adapters"]),
        Tag(0, 2002): SflowtoolRecord(keys: ["container_type": "parent_dsClass", "container_index": "parent_dsIndex"]),
        Tag(0, 2003): SflowtoolRecord(keys: [
            "load_one": "cpu_load_one", "load_five": "cpu_load_five", "load_fifteen": "cpu_load_fifteen",
            "proc_run": "cpu_proc_run", "proc_total": "cpu_proc_total", "uptime": "cpu_uptime", "cpu_intr": "cpuintr",
            "interrupts": "cpuinterrupts", "contexts": "cpu_contexts",
        ]),
        Tag(0, 2005): SflowtoolRecord(keys: [
            "part_max_used": "disk_partition_max_used", "reads": "disk_reads", "bytes_read": "disk_bytes_read",
            "read_time": "disk_read_time", "writes": "disk_writes", "bytes_written": "disk_bytes_written",
            "write_time": "disk_write_time",
        ]),
        Tag(0, 2006): SflowtoolRecord(keys: ["packets_out": "nio_pkts_out"], prefix: "nio_"),
        Tag(0, 2009): SflowtoolRecord(keys: ["tcpInCsumErrs": "tcpInCsumErrors"]),
        Tag(0, 2100): SflowtoolRecord(prefix: "vnode_"),
        Tag(0, 2101): SflowtoolRecord(keys: ["state": "vcpu_state", "cpuTime": "vcpu_cpu_mS", "nrVirtCpu": "vcpu_cpuCount"]),
        Tag(0, 2102): SflowtoolRecord(prefix: "vmem_"),
        Tag(0, 2103): SflowtoolRecord(keys: ["physical": "vdsk_available"], prefix: "vdsk_"),
        Tag(0, 2104): SflowtoolRecord(keys: [
            "rx_bytes": "vnio_bytes_in", "rx_packets": "vnio_pkts_in", "rx_errs": "vnio_errs_in", "rx_drop": "vnio_drops_in",
            "tx_bytes": "vnio_bytes_out", "tx_packets": "vnio_pkts_out", "tx_errs": "vnio_errs_out",
            "tx_drop": "vnio_drops_out",
        ]),
        Tag(0, 2201): SflowtoolRecord(keys: ["method_connect_count": "http_methd_connect_count"], prefix: "http_"),
        Tag(0, 2203): SflowtoolRecord(keys: [
            "mem_used": "memory_used", "mem_max": "memory_max", "fd_open": "files_open", "fd_max": "files_max",
            "conn_open": "connections_open", "conn_max": "connections_max",
        ]),
        Tag(0, 2207): SflowtoolRecord(prefix: "OVS_dp_"),
        Tag(4413, 3): SflowtoolRecord(keys: ["host_entries": "bcm_asic_host_entries"], prefix: "bcm_"),
    ]
}
