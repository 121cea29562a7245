// Counter records of machines, virtual machines and containers.
// Sources: sFlow version 5, section 5.3 (processor); sFlow Host Structures and its erratum on the uuid; sFlow Host
// TCP/IP Counters; the register for Open vSwitch; NVIDIA's document for GPUs.

extension CounterLayouts {
    static let machines: [RecordLayout] = [
        RecordLayout(Tag(0, 1001), "processor", .published, [
            .percent("cpu_5s", "cpu_1m", "cpu_5m"), .u64("total_memory", "free_memory"),
        ]),
        RecordLayout(
            Tag(0, 2000), "host_descr", .published, hostDescription(uuid: .fixedOpaque("uuid", 16)),
            // As first published, before the erratum: with a length word.
            alternatives: [hostDescription(uuid: .opaque("uuid"))]),
        RecordLayout(Tag(0, 2001), "host_adapters", .published, [
            .list(
                "adapters", limit: Limits.adapters,
                of: .u32("ifIndex"), .list("macs", limit: Limits.adapters, of: .mac("")))
        ]),
        RecordLayout(Tag(0, 2002), "host_parent", .published, [
            .u32("container_type", enumeration: .dataSourceClass), .u32("container_index"),
        ]),
        // The last three came later: 68 bytes without them.
        RecordLayout(
            Tag(0, 2003), "host_cpu", .published,
            [
                .f32("load_one", "load_five", "load_fifteen"),
                .u32("proc_run", "proc_total", "cpu_num", "cpu_speed", "uptime", meaning: .valueOrAllOnes),
                .counter32("cpu_user", "cpu_nice", "cpu_system", "cpu_idle", "cpu_wio", "cpu_intr", "cpu_sintr"),
                .counter32("interrupts", "contexts", "cpu_steal", "cpu_guest", "cpu_guest_nice"),
            ], olderFormBytes: 68),
        RecordLayout(Tag(0, 2004), "host_memory", .published, [
            .u64("mem_total", "mem_free", "mem_shared", "mem_buffers", "mem_cached", meaning: .valueOrAllOnes),
            .u64("swap_total", "swap_free", meaning: .valueOrAllOnes),
            .counter32("page_in", "page_out", "swap_in", "swap_out"),
        ]),
        RecordLayout(Tag(0, 2005), "host_disk_io", .published, [
            .u64("disk_total", "disk_free", meaning: .valueOrAllOnes), .percent("part_max_used"), .counter32("reads"),
            .counter64("bytes_read"), .counter32("read_time", "writes"), .counter64("bytes_written"),
            .counter32("write_time"),
        ]),
        RecordLayout(Tag(0, 2006), "host_net_io", .published, [
            .counter64("bytes_in"), .counter32("pkts_in", "errs_in", "drops_in"),
            .counter64("bytes_out"), .counter32("packets_out", "errs_out", "drops_out"),
        ]),
        RecordLayout(Tag(5703, 1), "nvidia_gpu", .vendor, [
            .u32("device_count", "processes", meaning: .valueOrAllOnes), .counter32("gpu_time", "mem_time"),
            .u64("mem_total", "mem_free", meaning: .valueOrAllOnes), .counter32("ecc_errors", "energy"),
            .u32("temperature", "fan_speed", meaning: .valueOrAllOnes),
        ]),
    ]

    private static func hostDescription(uuid: [Field]) -> [[Field]] {
        [
            .string("hostname", limit: 64), uuid,
            .u32("machine_type", meaning: .valueOrZero, enumeration: .machineType),
            .u32("os_name", meaning: .valueOrZero, enumeration: .osName), .string("os_release", limit: 32),
        ]
    }

    static let mib2: [RecordLayout] = [
        RecordLayout(Tag(0, 2007), "mib2_ip_group", .published, [
            .u32("ipForwarding", "ipDefaultTTL"),
            .counter32("ipInReceives", "ipInHdrErrors", "ipInAddrErrors", "ipForwDatagrams", "ipInUnknownProtos"),
            .counter32("ipInDiscards", "ipInDelivers", "ipOutRequests", "ipOutDiscards", "ipOutNoRoutes"),
            .u32("ipReasmTimeout"), .counter32("ipReasmReqds", "ipReasmOKs", "ipReasmFails"),
            .counter32("ipFragOKs", "ipFragFails", "ipFragCreates"),
        ]),
        // 25 words: there is no icmpInTimestampReps.
        RecordLayout(Tag(0, 2008), "mib2_icmp_group", .published, [
            .counter32("icmpInMsgs", "icmpInErrors", "icmpInDestUnreachs", "icmpInTimeExcds", "icmpInParamProbs"),
            .counter32("icmpInSrcQuenchs", "icmpInRedirects", "icmpInEchos", "icmpInEchoReps", "icmpInTimestamps"),
            .counter32("icmpInAddrMasks", "icmpInAddrMaskReps"),
            .counter32("icmpOutMsgs", "icmpOutErrors", "icmpOutDestUnreachs", "icmpOutTimeExcds", "icmpOutParamProbs"),
            .counter32("icmpOutSrcQuenchs", "icmpOutRedirects", "icmpOutEchos", "icmpOutEchoReps", "icmpOutTimestamps"),
            .counter32("icmpOutTimestampReps", "icmpOutAddrMasks", "icmpOutAddrMaskReps"),
        ]),
        RecordLayout(Tag(0, 2009), "mib2_tcp_group", .published, [
            .u32("tcpRtoAlgorithm", "tcpRtoMin", "tcpRtoMax"),
            // All ones: no limit.
            .u32("tcpMaxConn", meaning: .valueOrAllOnes),
            .counter32("tcpActiveOpens", "tcpPassiveOpens", "tcpAttemptFails", "tcpEstabResets"),
            .u32("tcpCurrEstab", meaning: .valueOrAllOnes),
            .counter32("tcpInSegs", "tcpOutSegs", "tcpRetransSegs", "tcpInErrs", "tcpOutRsts", "tcpInCsumErrs"),
        ]),
        RecordLayout(Tag(0, 2010), "mib2_udp_group", .published, [
            .counter32("udpInDatagrams", "udpNoPorts", "udpInErrors", "udpOutDatagrams"),
            .counter32("udpRcvbufErrors", "udpSndbufErrors", "udpInCsumErrors"),
        ]),
    ]

    static let virtualMachines: [RecordLayout] = [
        RecordLayout(Tag(0, 2100), "virt_node", .published, [
            .u32("mhz", "cpus"), .u64("memory", "memory_free"), .u32("num_domains"),
        ]),
        RecordLayout(Tag(0, 2101), "virt_cpu", .published, [
            .u32("state", enumeration: .virtualState), .counter32("cpuTime"), .u32("nrVirtCpu"),
        ]),
        RecordLayout(Tag(0, 2102), "virt_memory", .published, [
            .u64("memory", "maxMemory", meaning: .valueOrAllOnes)
        ]),
        // The third field was "available" in the document; the erratum made it the size of the backing store.
        RecordLayout(Tag(0, 2103), "virt_disk_io", .published, [
            .u64("capacity", "allocation", "physical", meaning: .valueOrAllOnes), .counter32("rd_req"),
            .counter64("rd_bytes"), .counter32("wr_req"), .counter64("wr_bytes"), .counter32("errs"),
        ]),
        RecordLayout(Tag(0, 2104), "virt_net_io", .published, [
            .counter64("rx_bytes"), .counter32("rx_packets", "rx_errs", "rx_drop"),
            .counter64("tx_bytes"), .counter32("tx_packets", "tx_errs", "tx_drop"),
        ]),
        RecordLayout(Tag(0, 2207), "ovs_dp_stats", .register, [
            .counter32("hits", "misses", "lost", "mask_hits"), .u32("flows", "masks", meaning: .valueOrAllOnes),
        ]),
    ]
}
