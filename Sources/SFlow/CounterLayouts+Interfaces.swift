// Counter records of interfaces and ports.
// Sources: sFlow version 5, section 5.3; sFlow 802.11, LAG, Optical Interface and Port Name Structures; the register
// for slow path, InfiniBand, priority flow control and queue length. Names are those of the MIB objects behind them.

extension CounterLayouts {
    static let interfaces: [RecordLayout] = [
        RecordLayout(Tag(0, 1), "if_counters", .published, [
            .u32("ifIndex", "ifType"), .u64("ifSpeed", meaning: .valueOrZero),
            .u32("ifDirection", meaning: .valueOrZero, enumeration: .interfaceDirection), .u32("ifStatus"),
            .counter64("ifInOctets"), .counter32("ifInUcastPkts", "ifInMulticastPkts", "ifInBroadcastPkts"),
            .counter32("ifInDiscards", "ifInErrors", "ifInUnknownProtos"),
            .counter64("ifOutOctets"), .counter32("ifOutUcastPkts", "ifOutMulticastPkts", "ifOutBroadcastPkts"),
            .counter32("ifOutDiscards", "ifOutErrors"),
            .u32("ifPromiscuousMode", meaning: .valueOrZero, enumeration: .truthValue),
        ]),
        RecordLayout(Tag(0, 2), "ethernet_counters", .published, [
            .counter32("dot3StatsAlignmentErrors", "dot3StatsFCSErrors", "dot3StatsSingleCollisionFrames"),
            .counter32("dot3StatsMultipleCollisionFrames", "dot3StatsSQETestErrors", "dot3StatsDeferredTransmissions"),
            .counter32("dot3StatsLateCollisions", "dot3StatsExcessiveCollisions", "dot3StatsInternalMacTransmitErrors"),
            .counter32("dot3StatsCarrierSenseErrors", "dot3StatsFrameTooLongs", "dot3StatsInternalMacReceiveErrors"),
            .counter32("dot3StatsSymbolErrors"),
        ]),
        RecordLayout(Tag(0, 3), "tokenring_counters", .published, [
            .counter32("dot5StatsLineErrors", "dot5StatsBurstErrors", "dot5StatsACErrors", "dot5StatsAbortTransErrors"),
            .counter32("dot5StatsInternalErrors", "dot5StatsLostFrameErrors", "dot5StatsReceiveCongestions"),
            .counter32("dot5StatsFrameCopiedErrors", "dot5StatsTokenErrors", "dot5StatsSoftErrors"),
            .counter32("dot5StatsHardErrors", "dot5StatsSignalLoss", "dot5StatsTransmitBeacons"),
            .counter32("dot5StatsRecoverys", "dot5StatsLobeWires"),
            .counter32("dot5StatsRemoves", "dot5StatsSingles", "dot5StatsFreqErrors"),
        ]),
        RecordLayout(Tag(0, 4), "vg_counters", .published, [
            .counter32("dot12InHighPriorityFrames"), .counter64("dot12InHighPriorityOctets"),
            .counter32("dot12InNormPriorityFrames"), .counter64("dot12InNormPriorityOctets"),
            .counter32("dot12InIPMErrors", "dot12InOversizeFrameErrors", "dot12InDataErrors"),
            .counter32("dot12InNullAddressedFrames", "dot12OutHighPriorityFrames"),
            .counter64("dot12OutHighPriorityOctets"), .counter32("dot12TransitionIntoTrainings"),
            .counter64("dot12HCInHighPriorityOctets", "dot12HCInNormPriorityOctets", "dot12HCOutHighPriorityOctets"),
        ]),
        RecordLayout(Tag(0, 5), "vlan_counters", .published, [
            .u32("vlan_id", range: 0...4095), .counter64("octets"),
            .counter32("ucastPkts", "multicastPkts", "broadcastPkts", "discards"),
        ]),
        RecordLayout(Tag(0, 6), "ieee80211_counters", .published, [
            .counter32("dot11TransmittedFragmentCount", "dot11MulticastTransmittedFrameCount", "dot11FailedCount"),
            .counter32("dot11RetryCount", "dot11MultipleRetryCount", "dot11FrameDuplicateCount"),
            .counter32("dot11RTSSuccessCount", "dot11RTSFailureCount", "dot11ACKFailureCount"),
            .counter32("dot11ReceivedFragmentCount", "dot11MulticastReceivedFrameCount", "dot11FCSErrorCount"),
            .counter32("dot11TransmittedFrameCount", "dot11WEPUndecryptableCount", "dot11QoSDiscardedFragmentCount"),
            .u32("dot11AssociatedStationCount", meaning: .valueOrAllOnes),
            .counter32("dot11QoSCFPollsReceivedCount", "dot11QoSCFPollsUnusedCount"),
            .counter32("dot11QoSCFPollsUnusableCount", "dot11QoSCFPollsLostCount"),
        ]),
    ]

    static let ports: [RecordLayout] = [
        RecordLayout(Tag(0, 7), "lag_port_stats", .published, [
            .mac("actorSystemID", "partnerOperSystemID"), .u32("attachedAggID"),
            // Actor admin, actor oper, partner admin, partner oper: four bytes, no integer.
            .fixedOpaque("portState", 4),
            .counter32("LACPDUsRx", "markerPDUsRx", "markerResponsePDUsRx", "unknownRx", "illegalRx"),
            .counter32("LACPDUsTx", "markerPDUsTx", "markerResponsePDUsTx"),
        ]),
        RecordLayout(Tag(0, 8), "slow_path_counts", .register, [
            .counter32("unknown", "other", "cam_miss", "cam_full", "no_hw_support", "cntrl")
        ]),
        RecordLayout(Tag(0, 9), "ib_counters", .register, [
            .counter64("PortXmitPkts", "PortRcvPkts"),
            .counter32("SymbolErrorCounter", "LinkErrorRecoveryCounter", "LinkDownedCounter", "PortRcvErrors"),
            .counter32("PortRcvRemotePhysicalErrors", "PortRcvSwitchRelayErrors", "PortXmitDiscards"),
            .counter32("PortXmitConstraintErrors", "PortRcvConstraintErrors", "LocalLinkIntegrityErrors"),
            .counter32("ExcessiveBufferOverrunErrors", "VL15Dropped"),
        ]),
        RecordLayout(Tag(0, 10), "sfp", .published, [
            .u32("module_id", "module_num_lanes", "module_supply_voltage"), .i32("module_temperature"),
            .list(
                "lanes", limit: Limits.lanes,
                of: .u32("index", meaning: .valueOrZero), .u32("tx_bias_current"),
                .u32("tx_power", "tx_power_min", "tx_power_max", "tx_wavelength"),
                .u32("rx_power", "rx_power_min", "rx_power_max", "rx_wavelength")),
        ]),
        RecordLayout(Tag(0, 11), "pfc_counters", .register, [
            .counter32("requests", "indications", "pause_duration", "storm_detected", "storm_restored")
        ]),
        RecordLayout(Tag(0, 1002), "radio_utilization", .published, [
            .counter32("elapsed_time", "on_channel_time", "on_channel_busy_time")
        ]),
        // One record per queue: the number repeats within a sample.
        RecordLayout(Tag(0, 1003), "queue_length", .register, [
            .u32("queueIndex", "segmentSize", "queueSegments"),
            .counter32("queueLength0", "queueLength1", "queueLength2", "queueLength4", "queueLength8", "queueLength32"),
            .counter32("queueLength128", "queueLength1024", "queueLengthMore", "dropped"),
        ]),
        RecordLayout(Tag(0, 1004), "of_port", .published, [.u64("datapath_id"), .u32("port_no")]),
        RecordLayout(Tag(0, 1005), "port_name", .published, [.string("name")]),
    ]
}
