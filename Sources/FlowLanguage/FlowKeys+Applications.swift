// Keys of transactions: sockets, HTTP, memcache, applications, storage, and the TCP state of a packet's connection.
// Sources: sFlow Host, HTTP, Memcache and Application Structures; the register of structure numbers.

internal import SFlow

extension FlowKeys {
    static let applications: [FlowKey] = sockets + http + memcache + operations + connection

    private static let sockets: [FlowKey] = [
        FlowKey("protocol", .number, .socket(.ipProtocol), from: "extended_socket.protocol (2100, 2101)"),
        FlowKey("serveraddress", .address, .socket(.serverAddress), from: "extended_socket_ipv4.local_ip (2100)"),
        FlowKey("clientaddress", .address, .socket(.clientAddress), from: "extended_socket_ipv4.remote_ip (2100)"),
        FlowKey("serveraddress6", .address, .socket(.serverAddress6), from: "extended_socket_ipv6.local_ip (2101)"),
        FlowKey("clientaddress6", .address, .socket(.clientAddress6), from: "extended_socket_ipv6.remote_ip (2101)"),
        FlowKey("serverport", .number, .socket(.serverPort), from: "extended_socket.local_port (2100, 2101)"),
        FlowKey("clientport", .number, .socket(.clientPort), from: "extended_socket.remote_port (2100, 2101)"),
        FlowKey("proxyprotocol", .number, .socket(.proxyProtocol), from: "extended_proxy_socket.protocol (2102, 2103)"),
        FlowKey(
            "proxyserveraddress", .address, .socket(.proxyServerAddress),
            from: "extended_proxy_socket_ipv4.remote_ip (2102)"),
        FlowKey(
            "proxyclientaddress", .address, .socket(.proxyClientAddress),
            from: "extended_proxy_socket_ipv4.local_ip (2102)"),
        FlowKey(
            "proxyserveraddress6", .address, .socket(.proxyServerAddress6),
            from: "extended_proxy_socket_ipv6.remote_ip (2103)"),
        FlowKey(
            "proxyclientaddress6", .address, .socket(.proxyClientAddress6),
            from: "extended_proxy_socket_ipv6.local_ip (2103)"),
        FlowKey(
            "proxyserverport", .number, .socket(.proxyServerPort),
            from: "extended_proxy_socket.remote_port (2102, 2103)"),
        FlowKey(
            "proxyclientport", .number, .socket(.proxyClientPort), from: "extended_proxy_socket.local_port (2102, 2103)"
        ),
    ]

    /// A text of http_request in its three forms. The places are counted in texts.
    private static func request(
        _ name: String, _ place: UInt8, withProtocol: UInt8?, withForwardedFor: UInt8, storage: UInt8?,
        limit: UInt8 = 255, shape: FieldShape = .text, from field: String
    ) -> FlowKey {
        var origins: [KeyOrigin] = [.field(2206, texts: place, lead: 8, shape, limit: limit)]
        if let withProtocol {
            origins.append(.field(2201, texts: withProtocol, lead: 8, shape, limit: limit, form: .withProtocol))
        }
        origins.append(.field(2201, texts: withForwardedFor, lead: 4, shape, limit: limit, form: .withForwardedFor))
        if let storage { origins.append(.field(2003, texts: storage, shape, limit: limit)) }
        let formats = storage == nil ? "2206, 2201" : "2206, 2201, 2003"
        return FlowKey(name, .text, origins: origins, from: "http_request.\(field) (\(formats))")
    }

    private static let http: [FlowKey] = [
        FlowKey(
            "httpmethod", .text, .field(2206, .httpMethod), .field(2201, .httpMethod),
            from: "http_request.method (2206, 2201)"),
        FlowKey(
            "httpprotocol", .number, .field(2206, lead: 4, .u32), .field(2201, lead: 4, .u32, form: .withProtocol),
            from: "http_request.protocol, 1001 is 1.1 (2206, 2201)"),
        request("httpurl", 0, withProtocol: 0, withForwardedFor: 0, storage: 0, from: "uri"),
        FlowKey(
            "uripath", .text, .field(2206, lead: 8, .uriPath), .field(2201, lead: 8, .uriPath, form: .withProtocol),
            .field(2201, lead: 4, .uriPath, form: .withForwardedFor), .field(2003, .uriPath),
            .field(1005, lead: 4, .uriPath),
            from: "path of http_request.uri (2206, 2201, 2003); path of extended_url.url (1005)"),
        request("httphost", 1, withProtocol: 1, withForwardedFor: 1, storage: 1, limit: 64, from: "host"),
        request("httpreferer", 2, withProtocol: 2, withForwardedFor: 2, storage: 2, from: "referer"),
        request("httpuseragent", 3, withProtocol: 3, withForwardedFor: 3, storage: 3, limit: 128, from: "useragent"),
        request("httpxff", 4, withProtocol: nil, withForwardedFor: 4, storage: nil, limit: 64, from: "xff"),
        request("httpauthuser", 5, withProtocol: 4, withForwardedFor: 5, storage: 4, limit: 32, from: "authuser"),
        request("httpmimetype", 6, withProtocol: 5, withForwardedFor: 6, storage: nil, limit: 64, from: "mime_type"),
        FlowKey(
            "httpstatus", .number, .field(2206, texts: 7, lead: 8, tail: 20, .u32),
            .field(2201, texts: 6, lead: 8, tail: 12, .u32, form: .withProtocol),
            .field(2201, texts: 7, lead: 4, tail: 20, .u32, form: .withForwardedFor), .field(2003, texts: 5, .u32),
            from: "http_request.status (2206, 2201, 2003)"),
        FlowKey("proxyurl", .text, .field(2207, .text), from: "extended_proxy_request.uri (2207)"),
        FlowKey(
            "proxyhost", .text, .field(2207, texts: 1, .text, limit: 64), from: "extended_proxy_request.host (2207)"),
    ]

    private static let memcache: [FlowKey] = [
        FlowKey("memcacheprotocol", .text, .field(2200, .memcacheProtocol), from: "memcache_operation.protocol (2200)"),
        FlowKey(
            "memcachecommand", .text, .field(2200, lead: 4, .memcacheCommand), from: "memcache_operation.cmd (2200)"),
        FlowKey("memcachekey", .text, .field(2200, lead: 8, .text), from: "memcache_operation.key (2200)"),
        FlowKey(
            "memcachenkeys", .number, .field(2200, texts: 1, lead: 8, .u32), from: "memcache_operation.nkeys (2200)"),
        FlowKey(
            "memcachevaluebytes", .number, .field(2200, texts: 1, lead: 8, tail: 4, .u32),
            from: "memcache_operation.value_bytes (2200)"),
        FlowKey(
            "memcachestatus", .text, .field(2200, texts: 1, lead: 8, tail: 12, .memcacheStatus),
            from: "memcache_operation.status (2200)"),
    ]

    private static let operations: [FlowKey] = [
        FlowKey(
            "application", aliases: ["appname"], .text, .field(2202, .text, limit: 32),
            from: "app_operation.application (2202)"),
        FlowKey(
            "operation", aliases: ["appoperation"], .text, .field(2202, texts: 1, .text, limit: 32),
            from: "app_operation.operation (2202)"),
        FlowKey(
            "attributes", aliases: ["appattributes"], .text, .field(2202, texts: 2, .text),
            from: "app_operation.attributes (2202)"),
        FlowKey(
            "statusdescr", aliases: ["appstatusdescr"], .text, .field(2202, texts: 3, .text, limit: 64),
            from: "app_operation.status_descr (2202)"),
        FlowKey(
            "status", aliases: ["appstatus"], .text, .field(2202, texts: 4, tail: 20, .applicationStatus),
            from: "app_operation.status (2202)"),
        FlowKey(
            "parentapplication", .text, .field(2203, .text, limit: 32), from: "app_parent_context.application (2203)"),
        FlowKey(
            "parentoperation", .text, .field(2203, texts: 1, .text, limit: 32),
            from: "app_parent_context.operation (2203)"),
        FlowKey("parentattributes", .text, .field(2203, texts: 2, .text), from: "app_parent_context.attributes (2203)"),
        FlowKey(
            "actorinitiator", aliases: ["actorinit"], .text, .field(2204, .text, limit: 64),
            from: "app_initiator.actor (2204)"),
        FlowKey("actortarget", .text, .field(2205, .text, limit: 64), from: "app_target.actor (2205)"),
        FlowKey(
            "transactiondirection", .text, .field(2000, .transactionDirection), from: "transaction.direction (2000)"),
        FlowKey("transactionwait", .number, .field(2000, lead: 4, .u32), from: "transaction.wait, microseconds (2000)"),
        FlowKey(
            "transactionstatus", .text, .field(2000, lead: 12, .transactionStatus), from: "transaction.status (2000)"),
        FlowKey("nfspath", .text, .field(2001, .text), from: "nfs_storage_transaction.path (2001)"),
        FlowKey(
            "nfsoperation", .number, .field(2001, texts: 1, .u32),
            from: "nfs_storage_transaction.operation (2001)"),
        FlowKey(
            "nfsstatus", .number, .field(2001, texts: 1, tail: 4, .u32),
            from: "nfs_storage_transaction.status (2001)"),
        FlowKey("scsilun", .number, .field(2002, .u32), from: "scsi_storage_transaction.lun (2002)"),
        FlowKey(
            "scsioperation", .number, .field(2002, lead: 4, .u32),
            from: "scsi_storage_transaction.operation (2002)"),
        FlowKey(
            "scsistatus", .number, .field(2002, lead: 8, .u32), from: "scsi_storage_transaction.status (2002)"),
    ]

    /// Times are microseconds, as on the wire.
    private static let connection: [FlowKey] = [
        FlowKey("tcpdirection", .text, .field(2209, .packetDirection), from: "extended_tcp_info.dir (2209)"),
        FlowKey("tcpmsssnd", .number, .field(2209, lead: 4, .u32), from: "extended_tcp_info.snd_mss (2209)"),
        FlowKey("tcpmssrcv", .number, .field(2209, lead: 8, .u32), from: "extended_tcp_info.rcv_mss (2209)"),
        FlowKey("tcpunacked", .number, .field(2209, lead: 12, .u32), from: "extended_tcp_info.unacked (2209)"),
        FlowKey("tcplost", .number, .field(2209, lead: 16, .u32), from: "extended_tcp_info.lost (2209)"),
        FlowKey("tcpretrans", .number, .field(2209, lead: 20, .u32), from: "extended_tcp_info.retrans (2209)"),
        FlowKey("tcppmtu", .number, .field(2209, lead: 24, .u32), from: "extended_tcp_info.pmtu (2209)"),
        FlowKey("tcprtt", .number, .field(2209, lead: 28, .u32), from: "extended_tcp_info.rtt (2209)"),
        FlowKey("tcprttsdev", .number, .field(2209, lead: 32, .u32), from: "extended_tcp_info.rttvar (2209)"),
        FlowKey("tcpcwndsnd", .number, .field(2209, lead: 36, .u32), from: "extended_tcp_info.snd_cwnd (2209)"),
        FlowKey("tcpreordering", .number, .field(2209, lead: 40, .u32), from: "extended_tcp_info.reordering (2209)"),
        FlowKey("tcprttmin", .number, .field(2209, lead: 44, .u32OrAllOnes), from: "extended_tcp_info.min_rtt (2209)"),
        FlowKey(
            "tcprttwait", .number, .field(2209, lead: 28, .waitingTime),
            from: "extended_tcp_info.rtt less min_rtt (2209)"),
    ]
}
