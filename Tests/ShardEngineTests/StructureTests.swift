// Particular structures: derived values, texts, instances, guests, custom metrics, limits, unknown formats.

import Bytes
import DatagramBuilding
import SFlow
import ShardEngine
import Testing

@Suite struct Structures {
    let sender = Sender()

    @Test func shareOfCPUTime() {
        let states = ["cpu_user", "cpu_nice", "cpu_system", "cpu_idle", "cpu_wio", "cpu_intr", "cpu_sintr", "cpu_steal"]
        for round: UInt64 in 0...1 {
            sender.counters(
                of: .machine,
                .record(
                    "host_cpu",
                    [
                        "cpu_num": 4, "cpu_user": round * 3_000, "cpu_nice": round * 1_000, "cpu_system": round * 500,
                        "cpu_idle": round * 5_000, "cpu_steal": round * 500, "cpu_guest": round * 2_000,
                        "load_one": UInt64(Float(2).bitPattern), "load_five": UInt64(Float(-1).bitPattern),
                        "interrupts": round * 200,
                    ]))
        }
        #expect(sender.number("cpu_user", at: .machine) == 30)
        #expect(sender.number("cpu_guest", at: .machine) == 20, "part of user already: not in the sum")
        #expect(sender.number("cpu_utilization", at: .machine) == 50)
        #expect(states.compactMap { sender.number($0, at: .machine) }.reduce(0, +) == 100)
        #expect(sender.number("load_one_per_cpu", at: .machine) == 0.5)
        #expect(sender.number("load_five", at: .machine) == nil)
        #expect(sender.number("interrupts", at: .machine) == 10)
        #expect(sender.number("-cpu_user", at: .machine) == nil, "operands are never shown")
    }

    @Test func shortFormOfHostCPU() {
        for round: UInt64 in 0...1 {
            var cpu = Framed.record("host_cpu", ["cpu_user": round * 100, "cpu_idle": round * 300, "cpu_steal": 77])
            cpu.body.removeLast(12)
            sender.counters(of: .machine, cpu)
        }
        #expect(sender.number("cpu_user", at: .machine) == 25)
        #expect(sender.number("cpu_steal", at: .machine) == nil)
    }

    @Test func memoryAndDiskUtilization() {
        sender.counters(
            of: .machine,
            .record("host_memory", [
                "mem_total": 1000, "mem_free": 100, "mem_buffers": 200, "mem_cached": 300, "swap_total": 50, "swap_free": 40]),
            .record("host_disk_io", ["disk_total": 200, "disk_free": 150, "part_max_used": 4_250]))
        #expect(sender.number("mem_used", at: .machine) == 400)
        #expect(sender.number("mem_utilization", at: .machine) == 40)
        #expect(sender.number("swap_utilization", at: .machine) == 20)
        #expect(sender.number("disk_utilization", at: .machine) == 25)
        #expect(sender.number("part_max_used", at: .machine) == 42.5)
        sender.counters(of: .machine, .record("host_disk_io", ["part_max_used": 0xFFFF_FFFF]))
        #expect(sender.number("part_max_used", at: .machine) == nil)
        #expect(sender.number("disk_utilization", at: .machine) == nil, "no disk")
    }

    /// mem_total comes from 0:1001 and from 0:2004; either is enough, and it is never listed twice.
    @Test func oneMetricFromTwoStructures() {
        sender.counters(of: .machine, .record("host_memory", ["mem_total": 1000, "mem_free": 100]))
        #expect(sender.number("mem_total", at: .machine) == 1000)
        sender.counters(of: .port(7), .record("processor", ["cpu_5s": 1_250, "total_memory": 8, "free_memory": 6]))
        #expect(sender.number("mem_total", at: .port(7)) == 8)
        #expect(sender.number("mem_utilization", at: .port(7)) == 25)
        #expect(sender.number("cpu_5sec", at: .port(7)) == 12.5)
        sender.counters(of: .machine, .record("processor", ["total_memory": 500, "free_memory": 1]))
        var names: [String] = [], values: [Double] = []
        if let view = sender.view(), let source = view.agent.source(named: .numbered(.machine)) {
            view.forEachMetric(source: source) { name, _ in names.append(name) }
            view.forEachReading(of: MetricName("mem_total")) { _, reading in
                if case .number(let number) = reading.value { values.append(number) }
            }
        }
        #expect(Set(names).count == names.count)
        #expect(names.filter { $0 == "mem_total" }.count == 1)
        #expect(values.sorted() == [8, sender.number("mem_total", at: .machine)])
    }

    @Test func hostDescription() {
        let uuid: [UInt8] = [0xDE, 0xAD, 0xBE, 0xEF, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 0xAB]
        sender.counters(of: .machine, .hostDescription("leaf1", uuid: uuid, machine: 99, os: 13))
        #expect(sender.text("host_name", at: .machine) == "leaf1")
        #expect(sender.text("uuid", at: .machine) == "deadbeef-0001-0203-0405-060708090aab")
        #expect(sender.text("machine_type", at: .machine) == "99")
        #expect(sender.text("os_name", at: .machine) == "java")
        #expect(sender.text("os_release", at: .machine) == "6.1")
        #expect(sender.view()?.hostName == "leaf1")
        // As first published: the uuid with a length word.
        let older = Framed(2000) { record in
            record.string("leaf2")
            record.u32(16)
            record.fixed(uuid)
            record.u32(3)
            record.u32(2)
            record.string("5.0")
        }
        sender.counters(of: .machine, older)
        #expect(sender.text("host_name", at: .machine) == "leaf2")
        #expect(sender.text("uuid", at: .machine) == "deadbeef-0001-0203-0405-060708090aab")
        #expect(sender.text("machine_type", at: .machine) == "x86_64")
        sender.counters(of: .machine, .hostDescription("leaf1"))
        #expect(sender.text("uuid", at: .machine) == nil, "all zeros")
    }

    @Test func hostNameIsTheMachinesOwn() {
        sender.counters(of: DataSource(classNumber: 2, index: 5), .hostDescription("module5"))
        sender.counters(of: DataSource(classNumber: 2, index: 3), .hostDescription("module3"))
        #expect(sender.view()?.hostName == "module3")
        sender.counters(of: .machine, .hostDescription("chassis"))
        #expect(sender.view()?.hostName == "chassis")
    }

    @Test(arguments: [
        ("k8s_nginx_web-7d9_shop_12ab_0", "web-7d9", "shop", nil, nil, nil),
        ("k8s_POD_web-7d9_shop_12ab_0", nil, nil, nil, nil, nil),
        ("k8s_short", nil, nil, nil, nil, nil),
        ("web.1.abcdefghijklmnopqrstuvwxy", nil, nil, "web", nil, nil),
        ("a.b.abcdefghijklmnopqrstuvwxy.abcdefghijklmnopqrstuvwxy", nil, nil, "a.b", nil, nil),
        ("ssh.service", nil, nil, nil, "ssh.service", nil), ("redis", nil, nil, nil, nil, "redis"),
        ("db.1.short", nil, nil, nil, nil, "db.1.short"),
    ] as [(String, String?, String?, String?, String?, String?)])
    func guestNames(_ name: String, pod: String?, namespace: String?, swarm: String?, unit: String?, container: String?) {
        let guest = DataSource.guest(70_000)
        sender.counters(of: guest, .hostDescription(name, os: 1))
        #expect(sender.text("vir_host_name", at: guest) == name)
        #expect(sender.text("host_name", at: guest) == nil)
        #expect(sender.view()?.hostName == nil)
        #expect(sender.text("vir_os_name", at: guest) == "other")
        #expect(sender.text("k8s_name", at: guest) == pod)
        #expect(sender.text("k8s_namespace", at: guest) == namespace)
        #expect(sender.text("swarm_name", at: guest) == swarm)
        #expect(sender.text("systemd_service", at: guest) == unit)
        #expect(sender.text("docker_name", at: guest) == container)
    }

    @Test func guestsOfClassThreeHaveTheirOwnGPUMetric() {
        for total: UInt64 in [0, 2_000] {
            sender.counters(after: 10, of: .guest(1), .record("nvidia_gpu", ["gpu_time": total]))
            sender.counters(after: 10, of: .machine, .record("nvidia_gpu", ["device_count": 2, "gpu_time": total]))
            sender.counters(after: 0, of: .guest(1), .record("virt_cpu", ["state": 1, "cpuTime": total, "nrVirtCpu": 2]))
        }
        #expect(sender.number("vir_nvml_gputime", at: .guest(1)) == 100)
        #expect(sender.number("nvml_gpu_time", at: .guest(1)) == nil)
        #expect(sender.number("nvml_gpu_utilization", at: .machine) == 5)
        #expect(sender.number("vir_cpu_utilization", at: .guest(1)) == 10)
        #expect(sender.text("vir_cpu_state", at: .guest(1)) == "running")
    }

    @Test func lanesAndQueuesAreInstances() {
        let module = Framed(10) { record in
            for word: UInt32 in [4, 2, 3_300] { record.u32(word) }
            record.u32(UInt32(bitPattern: -1_500))
            record.u32(2)
            for lane: UInt32 in [1, 4] {
                for word: UInt32 in [lane, 10 * lane, 20, 21, 22, 850, 30, 31, 32, 851] { record.u32(word) }
            }
        }
        func queue(_ index: UInt64, _ dropped: UInt64) -> Framed {
            .record("queue_length", ["queueIndex": index, "segmentSize": 64, "dropped": dropped])
        }
        let buffers = Framed(enterprise: 4413, 2) { record in
            for word: UInt32 in [100, 200, 300, 10_001] { record.u32(word) }
            record.u32(2)
            for word: UInt32 in [1_000, 2_000] { record.u32(word) }
            record.u32(1)
            record.u32(3_000)
        }
        sender.counters(module, queue(0, 0), queue(7, 100), buffers)
        sender.counters(module, queue(0, 20), queue(7, 300), buffers)
        #expect(sender.number("opt_module_temperature") == -1.5)
        #expect(sender.number("opt_lane1_txbias") == 10)
        #expect(sender.number("opt_lane4_txbias") == 40)
        #expect(sender.number("opt_lane4_txpower") == 20)
        #expect(sender.number("opt_lane4_txpowermin") == 21)
        #expect(sender.number("opt_lane2_txbias") == nil)
        #expect(sender.number("opt_lane01_txbias") == nil)
        #expect(sender.number("queue0_dropped") == 1)
        #expect(sender.number("queue7_dropped") == 10)
        #expect(sender.number("bst_port_ingress_uni_pc") == 1)
        #expect(sender.number("bst_port_egress_multi_pc") == nil, "above 100 %")
        #expect(sender.number("bst_port_egress_queue1_uni_pc") == 20)
        #expect(sender.number("bst_port_egress_queue0_multi_pc") == 30)
    }

    @Test func addressesAndIdentifiers() {
        sender.counters(
            .record("lag_port_stats", ["actorSystemID": 0x0002_0406_0A0F, "attachedAggID": 1_001, "portState": 0x1234_5678]),
            .record("of_port", ["datapath_id": 0xAB, "port_no": 3]),
            .record("vlan_counters", ["vlan_id": 5_000]), .record("energy", ["power_factor": 0x8000_0001]))
        #expect(sender.text("agg_actorsystemid") == "000204060A0F")
        #expect(sender.text("agg_partneropersystemid") == "000000000000")
        #expect(sender.number("agg_attachedaggid") == 1_001)
        #expect(sender.number("agg_portactoradmin") == 0x12)
        #expect(sender.number("agg_portpartneroper") == 0x78)
        #expect(sender.text("of_dpid") == "00000000000000ab")
        #expect(sender.number("vlan_id") == nil)
        #expect(sender.number("energy_power_factor") == nil)
    }

    @Test func missRateAndHitRate() {
        for round: UInt64 in 0...1 { sender.counters(.record("ovs_dp_stats", ["hits": 300 * round, "misses": 100 * round])) }
        #expect(sender.number("ovs_dp_missrate") == 25)
        #expect(sender.number("ovs_dp_hitrate") == 75)
    }

    @Test func unknownFormatsAreCounted() {
        sender.send(
            Framed(99) { $0.u32(1) },
            .counters(1, .port(4), [Framed(999) { $0.u32(1) }, .portName("swp1"), Framed(enterprise: 9, 5) { _ in }]),
            .flow(1, .port(4), rate: 1, pool: 1, [Framed(998) { $0.u32(7) }]))
        #expect(sender.text("ifname") == "swp1")
        let unknown = sender.shard.counters.unknownFormats
        #expect(unknown.keys.sorted().map { "\($0.kind.rawValue) \($0.tag)" } == [
            "counter 0:999", "counter 9:5", "flow 0:998", "sample 0:99",
        ])
        for format: UInt32 in 1_000...1_300 { sender.send(Framed(enterprise: 7, format) { _ in }) }
        #expect(sender.shard.counters.unknownFormats.count == 256)
        #expect(sender.shard.counters.unknownFormatsNotListed == 301 - 252)
    }

    @Test func recordsThatAreTooShortSpoilNothing() {
        var short = Framed.interface(4)
        short.body.removeLast(4)
        sender.counters(short, .portName("swp1"))
        #expect(sender.text("ifname") == "swp1")
        #expect(sender.number("ifspeed") == nil)
        #expect(sender.shard.counters.faults[.recordTooShort] == 1)
        #expect(sender.view()?.agent.statistics.faults[.recordTooShort] == 1)
    }

    @Test func dataSourcesAreBounded() {
        for port: UInt32 in 1...17_000 {
            sender.send(after: 0, .counters(1, .port(port), [.portName("p")]))
        }
        #expect(sender.view()?.agent.sources.count == 16_384)
        #expect(sender.view()?.agent.statistics.sourcesRefused == 17_000 - 16_384)
    }

    @Test func tablesAreBounded() {
        for queue: UInt64 in 1...1_100 { sender.counters(after: 0.01, .record("queue_length", ["queueIndex": queue])) }
        #expect(sender.view()?.agent.statistics.tablesRefused == 1_100 - 1_024)
        #expect(sender.number("queue1024_segments") == 0)
        #expect(sender.number("queue1025_segments") == nil)
    }
}
