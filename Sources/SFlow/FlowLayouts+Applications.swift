// Records of sampled transactions and of the sockets and connections behind sampled packets. Durations named uS are
// microseconds. Sources: sFlow Host, HTTP, Memcache and Application Structures; the register for the 2000s and for
// browser timings, TCP state and entities.

extension FlowLayouts {
    private static func socket(_ address: (String) -> [Field]) -> [[Field]] {
        [.ipProtocol("protocol"), address("local_ip"), address("remote_ip"), .port("local_port", "remote_port")]
    }

    static let transactions: [RecordLayout] = [
        RecordLayout(Tag(0, 2000), "transaction", .register, [
            .u32("direction", enumeration: .transactionDirection), .u32("wait", "duration"),
            .u32("status", enumeration: .transactionStatus), .u64("bytes_received", "bytes_send"),
        ]),
        RecordLayout(Tag(0, 2001), "extended_nfs_storage_transaction", .register, [
            .opaque("path"), .u32("operation", "status"),
        ]),
        RecordLayout(Tag(0, 2002), "extended_scsi_storage_transaction", .register, [
            .u32("lun", "operation", "status")
        ]),
        RecordLayout(Tag(0, 2003), "extended_http_transaction", .register, [
            .string("url", "host", "referer", "useragent", "user"), .u32("status"),
        ]),
        RecordLayout(Tag(0, 2100), "extended_socket_ipv4", .published, socket { .ip4($0) }),
        RecordLayout(Tag(0, 2101), "extended_socket_ipv6", .published, socket { .ip6($0) }),
        RecordLayout(Tag(0, 2102), "extended_proxy_socket_ipv4", .published, socket { .ip4($0) }),
        RecordLayout(Tag(0, 2103), "extended_proxy_socket_ipv6", .published, socket { .ip6($0) }),
    ]

    static let applications: [RecordLayout] = [
        RecordLayout(Tag(0, 2200), "memcache_operation", .published, [
            .u32("protocol", enumeration: .memcacheProtocol), .u32("cmd", enumeration: .memcacheCommand),
            .opaque("key"), .u32("nkeys", "value_bytes", "uS"), .u32("status", enumeration: .memcacheStatus),
        ]),
        httpRequestDeprecated,
        RecordLayout(Tag(0, 2202), "app_operation", .published, appContext + [
            .string("status_descr", limit: 64), .u64("req_bytes", "resp_bytes"), .u32("uS"),
            .u32("status", enumeration: .applicationStatus),
        ]),
        RecordLayout(Tag(0, 2203), "app_parent_context", .published, appContext),
        RecordLayout(Tag(0, 2204), "app_initiator", .published, [.string("actor", limit: 64)]),
        RecordLayout(Tag(0, 2205), "app_target", .published, [.string("actor", limit: 64)]),
        RecordLayout(Tag(0, 2206), "http_request", .published, [
            .u32("method", enumeration: .httpMethod), .u32("protocol"), .string("uri"), .string("host", limit: 64),
            .string("referer"), .string("useragent", limit: 128), .string("xff", limit: 64),
            .string("authuser", limit: 32), .string("mime_type", limit: 64), .u64("req_bytes", "resp_bytes"),
            .u32("uS"), .i32("status"),
        ]),
        RecordLayout(Tag(0, 2207), "extended_proxy_request", .published, [.string("uri"), .string("host", limit: 64)]),
        RecordLayout(Tag(0, 2208), "extended_nav_timing", .register, [
            .u32("type", "redirectCount"),
            .u32("navigationStart", "unloadEventStart", "unloadEventEnd", meaning: .valueOrZero),
            .u32("redirectStart", "redirectEnd", "fetchStart", meaning: .valueOrZero),
            .u32("domainLookupStart", "domainLookupEnd", "connectStart", "connectEnd", meaning: .valueOrZero),
            .u32("secureConnectionStart", "requestStart", "responseStart", "responseEnd", meaning: .valueOrZero),
            .u32("domLoading", "domInteractive", "domContentLoadedEventStart", meaning: .valueOrZero),
            .u32("domContentLoadedEventEnd", "domComplete", "loadEventStart", "loadEventEnd", meaning: .valueOrZero),
        ]),
        RecordLayout(Tag(0, 2209), "extended_tcp_info", .register, [
            .u32("dir", enumeration: .packetDirection),
            .u32("snd_mss", "rcv_mss", "unacked", "lost", "retrans", "pmtu"),
            .u32("rtt", "rttvar", "snd_cwnd", "reordering"), .u32("min_rtt", meaning: .valueOrAllOnes),
        ]),
        RecordLayout(Tag(0, 2210), "extended_entities", .register, [.dataSource("src_ds", "dst_ds")]),
    ]

    private static let appContext: [[Field]] = [
        .string("application", "operation", limit: 32), .string("attributes"),
    ]

    /// Two incompatible layouts bear this number: what the reference tool reads, and a withdrawn draft. When neither
    /// uses up the record, only the method can be trusted.
    private static let httpRequestDeprecated = RecordLayout(
        Tag(0, 2201), "http_request", .deprecated,
        [
            .u32("method", enumeration: .httpMethod), .u32("protocol"), .string("uri"), .string("host", limit: 64),
            .string("referer"), .string("useragent", limit: 128), .string("authuser", limit: 32),
            .string("mime_type", limit: 64), .u64("resp_bytes"), .u32("uS", "status"),
        ],
        alternatives: [
            [
                .u32("method", enumeration: .httpMethod), .string("uri"), .string("host", limit: 64),
                .string("referer"), .string("useragent", limit: 128), .string("xff", limit: 64),
                .string("authuser", limit: 32), .string("mime_type", limit: 64), .u64("req_bytes", "resp_bytes"), .u32("uS"), .i32("status"),
            ]
        ],
        fallback: [.u32("method", enumeration: .httpMethod)])
}
