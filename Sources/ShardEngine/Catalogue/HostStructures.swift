// Metrics of hosts (data source 2.1) and of the machines' MIB-II groups, GPUs and switch chips.

enum HostStructures {
    static let all = [description, cpu, memory, disk, network, ip, icmp, tcp, udp, gpu, processor, node, openVSwitch,
        deviceBuffers, portBuffers, unicastQueue, multicastQueue, hardwareTables, energy, temperature, humidity, fans]

    /// machine_type and os_name of host_descr (0:2000); 13 is the Java extension.
    static let machineTypes: [UInt32: String] = names([
        "unknown", "other", "x86", "x86_64", "ia64", "sparc", "alpha", "powerpc", "m68k", "mips", "arm", "hppa", "s390",
    ])
    static let osNames: [UInt32: String] = names([
        "unknown", "other", "linux", "windows", "darwin", "hpux", "aix", "dragonfly", "freebsd", "netbsd", "openbsd", "osf",
        "solaris", "java",
    ])

    static func names(_ list: [String]) -> [UInt32: String] {
        Dictionary(uniqueKeysWithValues: list.enumerated().map { (UInt32($0.offset), $0.element) })
    }

    /// 0:2000
    static let description = CounterStructure("host_descr", [
        .text("host_name", "hostname"), .text("uuid", "uuid"), .code("machine_type", "machine_type", machineTypes),
        .code("os_name", "os_name", osNames), .text("os_release", "os_release"),
    ])

    /// 0:2003. The shares are of the time spent in all states; guest times are part of user and nice already and stay
    /// out of the sum.
    static let cpu: CounterStructure = {
        let states = ["user", "nice", "system", "idle", "wio", "intr", "sintr", "steal"]
        let sum = states.map { "-cpu_\($0)" }
        return CounterStructure("host_cpu", [
            .gauge("load_one", "load_one"), .gauge("load_five", "load_five"), .gauge("load_fifteen", "load_fifteen"),
            .gauge("proc_run", "proc_run"), .gauge("proc_total", "proc_total"), .gauge("cpu_num", "cpu_num"),
            .gauge("cpu_speed", "cpu_speed"), .gauge("uptime", "uptime"),
        ]
        + (states + ["guest", "guest_nice"]).map { .rate("-cpu_\($0)", "cpu_\($0)") }
        + (states + ["guest", "guest_nice"]).map { .ratio("cpu_\($0)", ["-cpu_\($0)"], of: sum) }
        + [
            .rate("interrupts", "interrupts"), .rate("contexts", "contexts"),
            .complement("cpu_utilization", "cpu_idle"),
            .ratio("load_one_per_cpu", ["load_one"], of: ["cpu_num"], scale: 1),
        ])
    }()

    /// 0:2004: bytes; pages a second
    static let memory = CounterStructure("host_memory", [
        .gauge("mem_total", "mem_total"), .gauge("mem_free", "mem_free"), .gauge("mem_shared", "mem_shared"),
        .gauge("mem_buffers", "mem_buffers"), .gauge("mem_cached", "mem_cached"), .gauge("swap_total", "swap_total"),
        .gauge("swap_free", "swap_free"), .rate("page_in", "page_in"), .rate("page_out", "page_out"),
        .rate("swap_in", "swap_in"), .rate("swap_out", "swap_out"),
        .difference("mem_used", ["mem_total"], minus: ["mem_free", "mem_buffers", "mem_cached"]),
        .ratio("mem_utilization", ["mem_used"], of: ["mem_total"]),
        .ratio("swap_utilization", ["swap_total"], minus: ["swap_free"], of: ["swap_total"]),
    ])

    /// 0:2005: bytes, operations a second, milliseconds a second
    static let disk = CounterStructure("host_disk_io", [
        .gauge("disk_total", "disk_total"), .gauge("disk_free", "disk_free"), .gauge("part_max_used", "part_max_used"),
        .rate("reads", "reads"), .rate("bytes_read", "bytes_read"), .rate("read_time", "read_time"),
        .rate("writes", "writes"), .rate("bytes_written", "bytes_written"), .rate("write_time", "write_time"),
        .ratio("disk_utilization", ["disk_total"], minus: ["disk_free"], of: ["disk_total"]),
    ])

    /// 0:2006
    static let network = CounterStructure("host_net_io", [
        .rate("bytes_in", "bytes_in"), .rate("pkts_in", "pkts_in"), .rate("errs_in", "errs_in"),
        .rate("drops_in", "drops_in"), .rate("bytes_out", "bytes_out"), .rate("pkts_out", "packets_out"),
        .rate("errs_out", "errs_out"), .rate("drops_out", "drops_out"),
    ])

    /// 0:2007 to 0:2010
    static let ip = CounterStructure(
        "mib2_ip_group", prefix: "ip_", dropping: "ip")
    static let icmp = CounterStructure("mib2_icmp_group", prefix: "icmp_", dropping: "icmp")
    static let tcp = CounterStructure(
        "mib2_tcp_group", prefix: "tcp_", dropping: "tcp",
        renaming: ["tcp_incsumerrs": "tcp_incsumerrors"])
    static let udp = CounterStructure(
        "mib2_udp_group", prefix: "udp_", dropping: "udp",
        renaming: ["udp_incsumerrs": "udp_incsumerrors"])

    /// 5703:1. Times are milliseconds a second summed over the devices; energy a second is power in milliwatts.
    static let gpu = CounterStructure("nvidia_gpu", [
        .gauge("nvml_device_count", "device_count"), .gauge("nvml_processes", "processes"),
        .rate("nvml_gpu_time", "gpu_time"), .rate("nvml_mem_time", "mem_time"),
        .gauge("nvml_mem_total", "mem_total"), .gauge("nvml_mem_free", "mem_free"),
        .rate("nvml_ecc_errors", "ecc_errors"), .rate("nvml_energy", "energy"),
        .gauge("nvml_temperature", "temperature"), .gauge("nvml_fan_speed", "fan_speed"),
        .ratio("nvml_gpu_utilization", ["nvml_gpu_time"], of: ["nvml_device_count"], scale: 0.1),
        .ratio("nvml_mem_utilization", ["nvml_mem_time"], of: ["nvml_device_count"], scale: 0.1),
    ])

    /// 0:1001: hundredths of a percent on the wire, percent here
    static let processor = CounterStructure("processor", [
        .gauge("cpu_5sec", "cpu_5s"), .gauge("cpu_1min", "cpu_1m"), .gauge("cpu_5min", "cpu_5m"),
        .gauge("mem_total", "total_memory"), .gauge("mem_free", "free_memory"),
        .ratio("mem_utilization", ["mem_total"], minus: ["mem_free"], of: ["mem_total"]),
    ])

    /// 0:2100, the hypervisor
    static let node = CounterStructure("virt_node", [
        .gauge("vnode_mhz", "mhz"), .gauge("vnode_cpus", "cpus"), .gauge("vnode_memory", "memory"),
        .gauge("vnode_memory_free", "memory_free"), .gauge("vnode_num_domains", "num_domains"),
    ])

    /// 0:2207
    static let openVSwitch = CounterStructure("ovs_dp_stats", [
        .rate("ovs_dp_hits", "hits"), .rate("ovs_dp_misses", "misses"), .rate("ovs_dp_lost", "lost"),
        .rate("ovs_dp_mask_hits", "mask_hits"), .gauge("ovs_dp_flows", "flows"), .gauge("ovs_dp_masks", "masks"),
        .ratio("ovs_dp_missrate", ["ovs_dp_misses"], of: ["ovs_dp_hits", "ovs_dp_misses"]),
        .ratio("ovs_dp_hitrate", ["ovs_dp_hits"], of: ["ovs_dp_hits", "ovs_dp_misses"]),
    ])

    /// 4413:1, 4413:2 (`#` is the queue): percent of the buffer, peaks since the previous export
    static let deviceBuffers = CounterStructure("bst_device_buffers", [
        .gauge("bst_device_uc_pc", "uc_pc"), .gauge("bst_device_mc_pc", "mc_pc"),
    ])
    static let portBuffers = CounterStructure("bst_port_buffers", [
        .gauge("bst_port_ingress_uni_pc", "ingress_uc_pc"), .gauge("bst_port_ingress_multi_pc", "ingress_mc_pc"),
        .gauge("bst_port_egress_uni_pc", "egress_uc_pc"), .gauge("bst_port_egress_multi_pc", "egress_mc_pc"),
    ])
    static let unicastQueue = CounterStructure(
        "bst_port_buffers", instances: .elements(list: "egress_queue_uc_pc", numberField: nil),
        [.gauge("bst_port_egress_queue#_uni_pc", "")])
    static let multicastQueue = CounterStructure(
        "bst_port_buffers", instances: .elements(list: "egress_queue_mc_pc", numberField: nil),
        [.gauge("bst_port_egress_queue#_multi_pc", "")])

    /// 4413:3
    static let hardwareTables: CounterStructure = {
        let sized = ["host", "ipv4", "ipv6", "ipv4_ipv6", "long_ipv6", "mac"].map { ("\($0)_entries", $0) }
            + [("total_routes", "total_routes"), ("ecmp_nexthops", "ecmp_nexthops")]
            + ["ingress", "egress"].flatMap { side in
                [("acl_\(side)_entries", "acl_\(side)")]
                    + ["counters", "meters", "slices"].map { ("acl_\(side)_\($0)", "acl_\(side)_\($0)") }
            }
        return CounterStructure("hw_tables", sized.flatMap { field, name -> [ColumnRule] in
            [
                .gauge("bcm_\(field)", field), .gauge("bcm_\(field)_max", "\(field)_max"),
                .ratio("bcm_\(name)_utilization", ["bcm_\(field)"], of: ["bcm_\(field)_max"]),
            ]
        } + ["ipv4_neighbors", "ipv6_neighbors", "ipv4_routes", "ipv6_routes"].map { .gauge("bcm_\($0)", $0) })
    }()

    /// 0:3000 to 0:3003: volts, amperes, watts, joules a second; degrees Celsius; percent
    static let energy = CounterStructure("energy", [
        .gauge("energy_voltage", "voltage", scale: 0.001), .gauge("energy_current", "current", scale: 0.001),
        .gauge("energy_real_power", "real_power", scale: 0.001),
        .gauge("energy_power_factor", "power_factor", scale: 0.01), .rate("energy_energy", "energy", scale: 0.001),
        .rate("energy_errors", "errors"),
    ])
    static let temperature = CounterStructure("temperature", [
        .gauge("temperature_minimum", "minimum", scale: 0.1), .gauge("temperature_maximum", "maximum", scale: 0.1),
        .rate("temperature_errors", "errors"),
    ])
    static let humidity = CounterStructure("humidity", [.gauge("humidity_relative", "relative")])
    static let fans = CounterStructure("fans", [
        .gauge("fans_total", "total"), .gauge("fans_failed", "failed"), .gauge("fans_speed", "speed"),
    ])
}
