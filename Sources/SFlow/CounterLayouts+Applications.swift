// Counter records of applications.
// Sources: sFlow Java, HTTP, Memcache and Application Structures; Host sFlow for virtual desktops.

extension CounterLayouts {
    static let applications: [RecordLayout] = [
        RecordLayout(Tag(0, 2105), "jvm_runtime", .published, [
            .string("vm_name", limit: 64), .string("vm_vendor", "vm_version", limit: 32),
        ]),
        // The file descriptors came later: 100 bytes without them.
        RecordLayout(
            Tag(0, 2106), "jvm_statistics", .published,
            [
                .u64("heap_initial", "heap_used", "heap_committed", "heap_max", meaning: .valueOrAllOnes),
                .u64("non_heap_initial", "non_heap_used", meaning: .valueOrAllOnes),
                .u64("non_heap_committed", "non_heap_max", meaning: .valueOrAllOnes),
                .counter32("gc_count", "gc_time"), .u32("classes_loaded", meaning: .valueOrAllOnes),
                .counter32("classes_total", "classes_unloaded", "compilation_time"),
                .u32("thread_num_live", "thread_num_daemon", meaning: .valueOrAllOnes),
                .counter32("thread_num_started"),
                .u32("fd_open_count", "fd_max_count", meaning: .valueOrAllOnes),
            ], olderFormBytes: 100),
        RecordLayout(Tag(0, 2201), "http_counters", .published, [
            .counter32("method_option_count", "method_get_count", "method_head_count", "method_post_count"),
            .counter32("method_put_count", "method_delete_count", "method_trace_count", "method_connect_count"),
            .counter32("method_other_count", "status_1XX_count", "status_2XX_count", "status_3XX_count"),
            .counter32("status_4XX_count", "status_5XX_count", "status_other_count"),
        ]),
        RecordLayout(Tag(0, 2202), "app_operations", .published, [
            .string("application", limit: 32),
            .counter32("success", "other", "timeout", "internal_error", "bad_request", "forbidden", "too_large"),
            .counter32("not_implemented", "not_found", "unavailable", "unauthorized"),
        ]),
        RecordLayout(Tag(0, 2203), "app_resources", .published, [
            .counter32("user_time", "system_time"), .u64("mem_used", "mem_max", meaning: .valueOrAllOnes),
            .u32("fd_open", "fd_max", "conn_open", "conn_max", meaning: .valueOrAllOnes),
        ]),
        RecordLayout(Tag(0, 2205), "vdi_counters", .implementation, [
            .u32("sessions_current", meaning: .valueOrAllOnes), .counter32("sessions_total", "sessions_duration"),
            .counter32("rx_bytes", "tx_bytes", "rx_packets", "tx_packets", "rx_packets_lost", "tx_packets_lost"),
            .u32("rtt_min_ms", "rtt_max_ms", "rtt_avg_ms", meaning: .valueOrAllOnes),
            .counter32("audio_rx_bytes", "audio_tx_bytes"), .u32("audio_tx_limit", meaning: .valueOrAllOnes),
            .counter32("img_rx_bytes", "img_tx_bytes", "img_frames"),
            .u32("img_qual_min", "img_qual_max", "img_qual_avg", meaning: .valueOrAllOnes),
            .counter32("usb_rx_bytes", "usb_tx_bytes"),
        ]),
        RecordLayout(Tag(0, 2206), "app_workers", .published, [
            .u32("workers_active", "workers_idle", "workers_max", meaning: .valueOrAllOnes),
            .counter32("req_delayed", "req_dropped"),
        ]),
    ]

    static let memcache: [RecordLayout] = [
        RecordLayout(Tag(0, 2204), "memcache_counters", .published, [
            .counter32("cmd_set", "cmd_touch", "cmd_flush", "get_hits", "get_misses", "delete_hits", "delete_misses"),
            .counter32("incr_hits", "incr_misses", "decr_hits", "decr_misses", "cas_hits", "cas_misses", "cas_badval"),
            .counter32("auth_cmds", "auth_errors"), .u32("threads", meaning: .valueOrAllOnes),
            .counter32("conn_yields", "listen_disabled_num"), .u32("curr_connections", meaning: .valueOrAllOnes),
            .counter32("rejected_connections", "total_connections"),
            .u32("connection_structures", meaning: .valueOrAllOnes), .counter32("evictions", "reclaimed"),
            .u32("curr_items", meaning: .valueOrAllOnes), .counter32("total_items"),
            .counter64("bytes_read", "bytes_written"), .u64("bytes", "limit_maxbytes", meaning: .valueOrAllOnes),
        ]),
        // Misses before hits, except for get: the reverse of its successor.
        RecordLayout(Tag(0, 2200), "memcached_counters", .deprecated, [
            .u32("uptime", meaning: .valueOrAllOnes), .counter32("rusage_user", "rusage_system"),
            .u32("curr_connections", meaning: .valueOrAllOnes), .counter32("total_connections"),
            .u32("connection_structures", meaning: .valueOrAllOnes),
            .counter32("cmd_get", "cmd_set", "cmd_flush", "get_hits", "get_misses", "delete_misses", "delete_hits"),
            .counter32("incr_misses", "incr_hits", "decr_misses", "decr_hits", "cas_misses", "cas_hits", "cas_badval"),
            .counter32("auth_cmds", "auth_errors"), .counter64("bytes_read", "bytes_written"),
            .u32("limit_maxbytes", "accepting_conns", meaning: .valueOrAllOnes), .counter32("listen_disabled_num"),
            .u32("threads", meaning: .valueOrAllOnes), .counter32("conn_yields"),
            .u64("bytes", meaning: .valueOrAllOnes), .u32("curr_items", meaning: .valueOrAllOnes),
            .counter32("total_items", "evictions"),
        ]),
    ]
}
