// Metrics of interface counter structures. Source of each field: sFlow version 5 and the structure documents on
// sflow.org, by the number of the structure.

enum InterfaceStructures {
    static let all = [generic, ethernet, tokenRing, vg, vlan, ieee80211, lag, slowPath, infiniband, module, lane,
        priorityFlowControl, radio, queue, openFlowPort, portName]

    /// 0:1. Octets include framing; packet counters are 32 bits wide.
    static let generic = CounterStructure("if_counters", [
        .gauge("ifindex", "ifIndex"),
        .code("iftype", "ifType", ifTypes),
        .gauge("ifspeed", "ifSpeed"),
        .code("ifdirection", "ifDirection", [0: "unknown", 1: "full-duplex", 2: "half-duplex", 3: "in", 4: "out"]),
        .bit("ifadminstatus", "ifStatus", 0, clear: "down", set: "up"),
        .bit("ifoperstatus", "ifStatus", 1, clear: "down", set: "up"),
        .rate("ifinoctets", "ifInOctets", .octets),
        .rate("ifinucastpkts", "ifInUcastPkts", .packets),
        .rate("ifinmulticastpkts", "ifInMulticastPkts", .packets),
        .rate("ifinbroadcastpkts", "ifInBroadcastPkts", .packets),
        .rate("ifindiscards", "ifInDiscards", .packets),
        .rate("ifinerrors", "ifInErrors", .packets),
        .rate("ifinunknownprotos", "ifInUnknownProtos", .packets),
        .rate("ifoutoctets", "ifOutOctets", .octets),
        .rate("ifoutucastpkts", "ifOutUcastPkts", .packets),
        .rate("ifoutmulticastpkts", "ifOutMulticastPkts", .packets),
        .rate("ifoutbroadcastpkts", "ifOutBroadcastPkts", .packets),
        .rate("ifoutdiscards", "ifOutDiscards", .packets),
        .rate("ifouterrors", "ifOutErrors", .packets),
        .gauge("ifpromiscuousmode", "ifPromiscuousMode"),
        .sum("ifinpkts", ["ifinucastpkts", "ifinmulticastpkts", "ifinbroadcastpkts"]),
        .sum("ifoutpkts", ["ifoutucastpkts", "ifoutmulticastpkts", "ifoutbroadcastpkts"]),
        // 8 bits an octet × 100 percent; absent when ifspeed is 0
        .ratio("ifinutilization", ["ifinoctets"], of: ["ifspeed"], scale: 800),
        .ratio("ifoututilization", ["ifoutoctets"], of: ["ifspeed"], scale: 800),
    ])

    /// 0:2. The singular of `eth_latecollision` is how the REST API has always spelled it.
    static let ethernet = CounterStructure("ethernet_counters", [
        .rate("eth_alignmenterrors", "dot3StatsAlignmentErrors"),
        .rate("eth_fcserrors", "dot3StatsFCSErrors"),
        .rate("eth_singlecollisions", "dot3StatsSingleCollisionFrames"),
        .rate("eth_multiplecollisions", "dot3StatsMultipleCollisionFrames"),
        .rate("eth_sqetesterrors", "dot3StatsSQETestErrors"),
        .rate("eth_deferredtx", "dot3StatsDeferredTransmissions"),
        .rate("eth_latecollision", "dot3StatsLateCollisions"),
        .rate("eth_excessivecollisions", "dot3StatsExcessiveCollisions"),
        .rate("eth_internalmactxerrors", "dot3StatsInternalMacTransmitErrors"),
        .rate("eth_carriersenseerrors", "dot3StatsCarrierSenseErrors"),
        .rate("eth_frametoolongs", "dot3StatsFrameTooLongs"),
        .rate("eth_internalmacrxerrors", "dot3StatsInternalMacReceiveErrors"),
        .rate("eth_symbolerrors", "dot3StatsSymbolErrors"),
    ])

    /// 0:3, 0:4, 0:5, 0:6, 0:8, 0:9
    static let tokenRing = CounterStructure("tokenring_counters", prefix: "tr_", dropping: "dot5Stats")
    static let vg = CounterStructure("vg_counters", prefix: "vg_", dropping: "dot12")
    static let vlan = CounterStructure("vlan_counters", [
        .gauge("vlan_id", "vlan_id"), .rate("vlan_octets", "octets"), .rate("vlan_ucastpkts", "ucastPkts"),
        .rate("vlan_multicastpkts", "multicastPkts"), .rate("vlan_broadcastpkts", "broadcastPkts"),
        .rate("vlan_discards", "discards"),
    ])
    static let ieee80211 = CounterStructure(
        "ieee80211_counters", prefix: "dot11_", dropping: "dot11")
    static let slowPath = CounterStructure("slow_path_counts", prefix: "slowpath_")
    static let infiniband = CounterStructure("ib_counters", prefix: "ib_")

    /// 0:7. `agg_attachedaggid` is the ifIndex of the aggregate that the port belongs to.
    static let lag = CounterStructure("lag_port_stats", [
        .mac("agg_actorsystemid", "actorSystemID"),
        .mac("agg_partneropersystemid", "partnerOperSystemID"),
        .gauge("agg_attachedaggid", "attachedAggID"),
        .byte("agg_portactoradmin", "portState", 0), .byte("agg_portactoroper", "portState", 1),
        .byte("agg_portpartneradmin", "portState", 2), .byte("agg_portpartneroper", "portState", 3),
        .rate("agg_lacpdusrx", "LACPDUsRx"), .rate("agg_markerpdusrx", "markerPDUsRx"),
        .rate("agg_markerresponsepdusrx", "markerResponsePDUsRx"), .rate("agg_unknownrx", "unknownRx"),
        .rate("agg_illegalrx", "illegalRx"), .rate("agg_lacpdustx", "LACPDUsTx"),
        .rate("agg_markerpdustx", "markerPDUsTx"), .rate("agg_markerresponsepdustx", "markerResponsePDUsTx"),
    ])

    /// 0:10, the module: millivolts; thousandths of a degree on the wire, degrees Celsius here.
    static let module = CounterStructure("sfp", [
        .gauge("opt_module_id", "module_id"), .gauge("opt_module_lanes", "module_num_lanes"),
        .gauge("opt_module_voltage", "module_supply_voltage"),
        .gauge("opt_module_temperature", "module_temperature", scale: 0.001),
    ])

    /// 0:10, one lane (`#` is its number): microamps, microwatts, nanometres.
    static let lane = CounterStructure("sfp", instances: .elements(list: "lanes", numberField: "index"), [
        .gauge("opt_lane#_txbias", "tx_bias_current"), .gauge("opt_lane#_txpower", "tx_power"),
        .gauge("opt_lane#_txpowermin", "tx_power_min"), .gauge("opt_lane#_txpowermax", "tx_power_max"),
        .gauge("opt_lane#_txwavelength", "tx_wavelength"), .gauge("opt_lane#_rxpower", "rx_power"),
        .gauge("opt_lane#_rxpowermin", "rx_power_min"), .gauge("opt_lane#_rxpowermax", "rx_power_max"),
        .gauge("opt_lane#_rxwavelength", "rx_wavelength"),
    ])

    /// 0:11. The record that is on the wire has no class of service, so neither have the names.
    static let priorityFlowControl = CounterStructure("pfc_counters", prefix: "pfc_")

    /// 0:1002: milliseconds a second; the share of time on the channel during which it was busy.
    static let radio = CounterStructure("radio_utilization", [
        .rate("radio_elapsed_time", "elapsed_time"), .rate("radio_onchannel_time", "on_channel_time"),
        .rate("radio_onchannel_busy_time", "on_channel_busy_time"),
        .ratio("radio_onchannel_utilization", ["radio_onchannel_busy_time"], of: ["radio_onchannel_time"]),
    ])

    /// 0:1003, one record a queue (`#` is its index): frames a second by queue length at enqueue time.
    static let queue = CounterStructure("queue_length", instances: .records(numberField: "queueIndex"), [
        .gauge("queue#_segmentsize", "segmentSize"), .gauge("queue#_segments", "queueSegments"),
        .rate("queue#_length0", "queueLength0"), .rate("queue#_length1", "queueLength1"),
        .rate("queue#_length2", "queueLength2"), .rate("queue#_length4", "queueLength4"),
        .rate("queue#_length8", "queueLength8"), .rate("queue#_length32", "queueLength32"),
        .rate("queue#_length128", "queueLength128"), .rate("queue#_length1024", "queueLength1024"),
        .rate("queue#_lengthmore", "queueLengthMore"), .rate("queue#_dropped", "dropped"),
    ])

    /// 0:1004, 0:1005
    static let openFlowPort = CounterStructure("of_port", [
        .text("of_dpid", "datapath_id"), .gauge("of_port", "port_no"),
    ])
    static let portName = CounterStructure("port_name", [.text("ifname", "name")])

    /// IANA ifType numbers that interfaces of switches, routers and hosts have.
    private static let ifTypes: [UInt32: String] = [
        1: "other", 6: "ethernetCsmacd", 7: "iso88023Csmacd", 9: "iso88025TokenRing", 15: "fddi", 22: "propPointToPointSerial",
        23: "ppp", 24: "softwareLoopback", 26: "ethernet3Mbit", 37: "atm", 39: "sonet", 49: "aal5", 53: "propVirtual",
        62: "fastEther", 69: "fastEtherFX", 71: "ieee80211", 94: "adsl", 96: "sdsl", 97: "vdsl", 117: "gigabitEthernet",
        131: "tunnel", 135: "l2vlan", 136: "l3ipvlan", 142: "ipForward", 150: "mplsTunnel", 161: "ieee8023adLag",
        166: "mpls", 171: "pos", 199: "infiniband", 209: "bridge", 244: "wwanPP2",
    ]
}
