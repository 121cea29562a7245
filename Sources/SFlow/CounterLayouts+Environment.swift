// Counter records of power, climate and switching chips.
// Sources: the register (energy, temperature, humidity, fans); Broadcom's BroadView and hardware table documents.

extension CounterLayouts {
    static let environment: [RecordLayout] = [
        RecordLayout(Tag(0, 3000), "energy", .register, [
            .u32("voltage", "current", "real_power", meaning: .valueOrAllOnes),
            .fields(Field("power_factor", .i32, .valueOrLowest)), .counter32("energy", "errors"),
        ]),
        RecordLayout(Tag(0, 3001), "temperature", .register, [.i32("minimum", "maximum"), .counter32("errors")]),
        RecordLayout(Tag(0, 3002), "humidity", .register, [.i32("relative")]),
        RecordLayout(Tag(0, 3003), "fans", .register, [.u32("total", "failed", "speed", meaning: .valueOrAllOnes)]),
    ]

    static let switchChips: [RecordLayout] = [
        RecordLayout(Tag(4413, 1), "bst_device_buffers", .vendor, [.percent("uc_pc", "mc_pc")]),
        RecordLayout(Tag(4413, 2), "bst_port_buffers", .vendor, [
            .percent("ingress_uc_pc", "ingress_mc_pc", "egress_uc_pc", "egress_mc_pc"),
            .list("egress_queue_uc_pc", limit: Limits.queues, of: .percent("")),
            .list("egress_queue_mc_pc", limit: Limits.queues, of: .percent("")),
        ]),
        // Gauges. A maximum of 0 says that the table does not exist.
        RecordLayout(Tag(4413, 3), "hw_tables", .vendor, [
            table("host_entries", "host_entries_max", "ipv4_entries", "ipv4_entries_max"),
            table("ipv6_entries", "ipv6_entries_max", "ipv4_ipv6_entries", "ipv4_ipv6_entries_max"),
            table("long_ipv6_entries", "long_ipv6_entries_max", "total_routes", "total_routes_max"),
            table("ecmp_nexthops", "ecmp_nexthops_max", "mac_entries", "mac_entries_max"),
            table("ipv4_neighbors", "ipv6_neighbors", "ipv4_routes", "ipv6_routes"),
            table("acl_ingress_entries", "acl_ingress_entries_max", "acl_ingress_counters", "acl_ingress_counters_max"),
            table("acl_ingress_meters", "acl_ingress_meters_max", "acl_ingress_slices", "acl_ingress_slices_max"),
            table("acl_egress_entries", "acl_egress_entries_max", "acl_egress_counters", "acl_egress_counters_max"),
            table("acl_egress_meters", "acl_egress_meters_max", "acl_egress_slices", "acl_egress_slices_max"),
        ]),
    ]

    private static func table(_ names: String...) -> [Field] {
        names.map { Field($0, .u32, .valueOrAllOnes) }
    }
}
