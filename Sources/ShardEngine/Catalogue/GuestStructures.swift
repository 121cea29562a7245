// Metrics of virtual machines, containers and applications (data sources of class 3, some applications on class 2).

enum GuestStructures {
    static let all = [description, gpu, cpu, memory, disk, network, http, operations, resources, workers, memcache,
        oldMemcache, javaRuntime, javaStatistics, desktop]

    /// 0:2000 on a class 3 source: a guest's name, and what can be told from how schedulers name their guests.
    static let description = CounterStructure("host_descr", classNumber: 3, [
        .text("vir_host_name", "hostname"), .text("vir_uuid", "uuid"),
        .code("vir_machine_type", "machine_type", HostStructures.machineTypes),
        .code("vir_os_name", "os_name", HostStructures.osNames), .text("vir_os_release", "os_release"),
        .part("k8s_name", of: "vir_host_name", .kubernetesPod),
        .part("k8s_namespace", of: "vir_host_name", .kubernetesNamespace),
        .part("swarm_name", of: "vir_host_name", .swarmService),
        .part("systemd_service", of: "vir_host_name", .systemdService),
        .part("docker_name", of: "vir_host_name", .container),
    ])

    /// 5703:1 on a class 3 source
    static let gpu = CounterStructure("nvidia_gpu", classNumber: 3, [.rate("vir_nvml_gputime", "gpu_time")])

    /// 0:2101. 100 % is one CPU: ten milliseconds of CPU time a second are one percent.
    static let cpu = CounterStructure("virt_cpu", [
        .code("vir_cpu_state", "state", HostStructures.names(
            ["nostate", "running", "blocked", "paused", "shutdown", "shutoff", "crashed"])),
        .rate("vir_cpu_utilization", "cpuTime", scale: 0.1), .gauge("vir_cpu_num", "nrVirtCpu"),
    ])

    /// 0:2102 to 0:2104
    static let memory = CounterStructure("virt_memory", [
        .gauge("vir_mem", "memory"), .gauge("vir_mem_max", "maxMemory"),
        .ratio("vir_mem_utilization", ["vir_mem"], of: ["vir_mem_max"]),
    ])
    static let disk = CounterStructure("virt_disk_io", [
        .gauge("vir_disk_capacity", "capacity"), .gauge("vir_disk_allocation", "allocation"),
        .gauge("vir_disk_available", "physical"), .rate("vir_rd_req", "rd_req"), .rate("vir_rd_bytes", "rd_bytes"),
        .rate("vir_wr_req", "wr_req"), .rate("vir_wr_bytes", "wr_bytes"), .rate("vir_disk_errs", "errs"),
    ])
    static let network = CounterStructure("virt_net_io", [
        .rate("vir_bytes_in", "rx_bytes"), .rate("vir_pkts_in", "rx_packets"), .rate("vir_errs_in", "rx_errs"),
        .rate("vir_drops_in", "rx_drop"), .rate("vir_bytes_out", "tx_bytes"), .rate("vir_pkts_out", "tx_packets"),
        .rate("vir_errs_out", "tx_errs"), .rate("vir_drops_out", "tx_drop"),
    ])

    /// 0:2201
    static let http: CounterStructure = {
        let methods = ["option", "get", "head", "post", "put", "delete", "trace", "connect", "other"]
        let statuses = ["1XX", "2XX", "3XX", "4XX", "5XX", "other"]
        return CounterStructure("http_counters", methods.map { .rate("http_method_\($0)", "method_\($0)_count") }
            + statuses.map { .rate("http_status_\($0.lowercased())", "status_\($0)_count") }
            + [.sum("http_requests", methods.map { "http_method_\($0)" })])
    }()

    /// 0:2202
    static let operations: CounterStructure = {
        let errors = ["other", "timeout", "internal_error", "bad_request", "forbidden", "too_large", "not_implemented",
            "not_found", "unavailable", "unauthorized"]
        return CounterStructure("app_operations", [.text("app_name", "application"), .rate("app_success", "success")]
            + errors.map { .rate("app_\($0)", $0) }
            + [
                .sum("app_operations", ["app_success"] + errors.map { "app_\($0)" }),
                .sum("app_errors", errors.map { "app_\($0)" }),
            ])
    }()

    /// 0:2203. CPU times as percent of one CPU.
    static let resources = CounterStructure("app_resources", [
        .rate("app_usertime", "user_time", scale: 0.1), .rate("app_systemtime", "system_time", scale: 0.1),
        .gauge("app_memused", "mem_used"), .gauge("app_memmax", "mem_max"), .gauge("app_fdopen", "fd_open"),
        .gauge("app_fdmax", "fd_max"), .gauge("app_connopen", "conn_open"), .gauge("app_connmax", "conn_max"),
    ])

    /// 0:2206
    static let workers = CounterStructure("app_workers", [
        .gauge("workers_active", "workers_active"), .gauge("workers_idle", "workers_idle"),
        .gauge("workers_max", "workers_max"), .rate("req_delayed", "req_delayed"), .rate("req_dropped", "req_dropped"),
        .ratio("workers_utilization", ["workers_active"], of: ["workers_max"]),
    ])

    private static let hitRate = ColumnRule.ratio(
        "memcache_hitrate", ["memcache_get_hits"], of: ["memcache_get_hits", "memcache_get_misses"])

    /// 0:2204 and its predecessor 0:2200
    static let memcache = CounterStructure(
        "memcache_counters", prefix: "memcache_",
        renaming: [
            "memcache_listen_disabled_num": "memcache_listen_disabled",
            "memcache_rejected_connections": "memcache_rejected_conns",
        ],
        plus: [hitRate])
    static let oldMemcache = CounterStructure(
        "memcached_counters", prefix: "memcache_",
        renaming: ["memcache_listen_disabled_num": "memcache_listen_disabled"],
        plus: [hitRate])

    /// 0:2105, 0:2106
    static let javaRuntime = CounterStructure("jvm_runtime", [
        .text("jvm_name", "vm_name"), .text("jvm_vendor", "vm_vendor"), .text("jvm_version", "vm_version"),
    ])
    static let javaStatistics = CounterStructure("jvm_statistics", [
        .gauge("jvm_heap_initial", "heap_initial"), .gauge("jvm_heap_used", "heap_used"),
        .gauge("jvm_heap_committed", "heap_committed"), .gauge("jvm_heap_max", "heap_max"),
        .gauge("jvm_nonheap_initial", "non_heap_initial"), .gauge("jvm_nonheap_used", "non_heap_used"),
        .gauge("jvm_nonheap_committed", "non_heap_committed"), .gauge("jvm_nonheap_max", "non_heap_max"),
        .rate("jvm_gc_count", "gc_count"), .rate("jvm_gc_time", "gc_time"),
        .gauge("jvm_class_loaded", "classes_loaded"), .rate("jvm_class_total", "classes_total"),
        .rate("jvm_class_unloaded", "classes_unloaded"), .rate("jvm_comp_time", "compilation_time"),
        .gauge("jvm_thread_live", "thread_num_live"), .gauge("jvm_thread_daemon", "thread_num_daemon"),
        .rate("jvm_thread_started", "thread_num_started"), .gauge("jvm_fd_open", "fd_open_count"),
        .gauge("jvm_fd_max", "fd_max_count"), .ratio("jvm_heap_utilization", ["jvm_heap_used"], of: ["jvm_heap_max"]),
    ])

    /// 0:2205
    static let desktop = CounterStructure(
        "vdi_counters", prefix: "vdi_")
}
