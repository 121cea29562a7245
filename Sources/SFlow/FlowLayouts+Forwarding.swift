// Records on how the device forwarded the packet, and on what befell it in queues and filters.
// Sources: sFlow version 5, section 5.3; sFlow NAT Port, VLAN, Fibre Channel (RFC 4625), Queue Length, Drop and Transit
// Delay structures; the register for the tag stacks; Host sFlow for the Linux texts and the timestamp.

extension FlowLayouts {
    /// Full 32-bit entries, outermost first.
    private static func stack(_ name: String) -> [Field] {
        .list(name, limit: Limits.stackEntries, of: .u32(""))
    }

    /// 0 is "none or not known", all ones "not known".
    private static func vlan(_ name: String) -> [Field] { .u32(name, meaning: .valueOrZero, range: 0...4095) }

    static let forwarding: [RecordLayout] = [
        RecordLayout(Tag(0, 1001), "extended_switch", .published, [
            vlan("src_vlan"), .u32("src_priority", meaning: .valueOrAllOnes),
            vlan("dst_vlan"), .u32("dst_priority", meaning: .valueOrAllOnes),
        ]),
        RecordLayout(
            Tag(0, 1002), "extended_router", .published,
            [.address("next_hop"), .prefixLength("src_mask_len", "dst_mask_len")],
            alternatives: [
                [.fields(Field("next_hop", .paddedNullAddress)), .prefixLength("src_mask_len", "dst_mask_len")]
            ]),
        RecordLayout(Tag(0, 1003), "extended_gateway", .published, [
            .address("next_hop"), .u32("as", "src_as", "src_peer_as"),
            .list(
                "dst_as_path", limit: Limits.pathSegments,
                of: .fields(Field("type", .u32, range: 1...2, isStrict: true, enumeration: .pathSegment)),
                .list("members", limit: Limits.pathMembers, of: .u32(""))),
            .list("communities", limit: Limits.communities, of: .u32("")), .u32("localpref"),
        ]),
        RecordLayout(Tag(0, 1004), "extended_user", .published, [
            .u32("src_charset"), .string("src_user"), .u32("dst_charset"), .string("dst_user"),
        ]),
        RecordLayout(Tag(0, 1005), "extended_url", .deprecated, [
            .u32("direction", enumeration: .urlDirection), .string("url", "host"),
        ]),
        RecordLayout(Tag(0, 1006), "extended_mpls", .published, [
            .address("next_hop"), stack("in_stack"), stack("out_stack"),
        ]),
        RecordLayout(
            Tag(0, 1007), "extended_nat", .published, [.address("src_address", "dst_address")],
            alternatives: [
                [.fields(Field("src_address", .paddedNullAddress), Field("dst_address", .paddedNullAddress))]
            ]),
        RecordLayout(Tag(0, 1008), "extended_mpls_tunnel", .published, [
            .string("tunnel_lsp_name"), .u32("tunnel_id", "tunnel_cos"),
        ]),
        RecordLayout(Tag(0, 1009), "extended_mpls_vc", .published, [
            .string("vc_instance_name"), .u32("vll_vc_id", "vc_label_cos"),
        ]),
        RecordLayout(Tag(0, 1010), "extended_mpls_ftn", .published, [.string("mplsFTNDescr"), .u32("mplsFTNMask")]),
        RecordLayout(Tag(0, 1011), "extended_mpls_ldp_fec", .published, [
            .u32("mplsFecAddrPrefixLength", range: 0...128)
        ]),
        RecordLayout(Tag(0, 1012), "extended_vlantunnel", .published, [stack("stack")]),
        RecordLayout(Tag(0, 1018), "extended_fc", .register, [
            .u32("src_mask_len", "dst_mask_len", range: 0...24), .u32("next_hop", "metric"),
        ]),
        RecordLayout(Tag(0, 1020), "extended_nat_port", .published, [.port("src_port", "dst_port")]),
        RecordLayout(Tag(0, 1034), "extended_vlanin", .register, [stack("stack")]),
        RecordLayout(Tag(0, 1035), "extended_vlanout", .register, [stack("stack")]),
        RecordLayout(Tag(0, 1043), "extended_timestamp", .implementation, [.u64("nanoseconds")]),
    ]

    static let queuesAndDrops: [RecordLayout] = [
        RecordLayout(Tag(0, 1019), "extended_queue_length", .register, [.u32("queueIndex", "queueLength")]),
        RecordLayout(Tag(0, 1036), "extended_egress_queue", .published, [.u32("queue")]),
        RecordLayout(Tag(0, 1037), "extended_acl", .published, [
            .u32("number"), .string("name"), .u32("direction", enumeration: .aclDirection),
        ]),
        RecordLayout(Tag(0, 1038), "extended_function", .published, [.string("symbol", limit: 64)]),
        // All ones is "at least 4.29 s", not unknown.
        RecordLayout(Tag(0, 1039), "extended_transit", .published, [.u32("delay")]),
        RecordLayout(Tag(0, 1040), "extended_queue", .published, [.u32("depth")]),
        RecordLayout(Tag(0, 1041), "extended_hw_trap", .implementation, [.string("group", "trap", limit: 64)]),
        RecordLayout(Tag(0, 1042), "extended_linux_drop_reason", .implementation, [.string("reason", limit: 64)]),
    ]

    static let vendor: [RecordLayout] = [
        // Broadcom BroadView.
        RecordLayout(Tag(4413, 1), "extended_bst_egress_queue", .vendor, [.u32("queue")]),
        // pmacct.
        RecordLayout(Tag(43874, 1), "pmacct_class_name", .implementation, [.string("class")]),
        RecordLayout(Tag(43874, 2), "pmacct_tag", .implementation, [.u64("tag", "tag2")]),
        RecordLayout(Tag(43874, 3), "pmacct_class", .implementation, [.fixedOpaque("class", 8)]),
    ]
}
