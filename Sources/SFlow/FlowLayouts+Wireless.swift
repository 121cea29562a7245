// Records of wireless networks and of other fabrics than Ethernet.
// Sources: sFlow 802.11 Structures; the register for InfiniBand and OpenFlow.

extension FlowLayouts {
    static let wireless: [RecordLayout] = [
        RecordLayout(
            Tag(0, 1013), "extended_80211_payload", .published, [.u32("cipher_suite"), .opaque("data")],
            // The reference tool has a whole sampled header behind the cipher suite.
            alternatives: [[.u32("cipher_suite")] + sampledHeaderFields]),
        RecordLayout(Tag(0, 1014), "extended_80211_rx", .published, [
            .opaque("ssid"), .mac("bssid"), .u32("version", enumeration: .wirelessVersion), .u32("channel"),
            .u64("speed"), .u32("rsni", "rcpi", "packet_duration_us"),
        ]),
        RecordLayout(Tag(0, 1015), "extended_80211_tx", .published, [
            .opaque("ssid"), .mac("bssid"), .u32("version", enumeration: .wirelessVersion),
            .u32("transmissions", meaning: .valueOrZero), .u32("packet_duration_us", "retrans_duration_us", "channel"),
            .u64("speed"), .u32("power_mw"),
        ]),
        RecordLayout(Tag(0, 1016), "extended_80211_aggregation", .published, [
            .list("pdus", limit: Limits.recordsPerSample, of: .fields(Field("records", .flowRecords)))
        ]),
    ]

    static let fabrics: [RecordLayout] = [
        RecordLayout(Tag(0, 1017), "extended_openflow_v1", .deprecated, [
            .u64("flow_cookie"), .u32("flow_match", "flow_actions"),
        ]),
        RecordLayout(Tag(0, 1031), "extended_ib_lrh", .register, [
            .u32("src_vl", "src_sl", "src_dlid", "src_slid", "src_lnh"),
            .u32("dst_vl", "dst_sl", "dst_dlid", "dst_slid", "dst_lnh"),
        ]),
        RecordLayout(Tag(0, 1032), "extended_ib_grh", .register, [
            .u32("flow_label", "tc"), .fixedOpaque("s_gid", 16), .fixedOpaque("d_gid", 16),
            .u32("next_header", "length"),
        ]),
        RecordLayout(Tag(0, 1033), "extended_ib_bth", .register, [.u32("pkey", "dst_qp", "opcode")]),
    ]
}
