/// Every setting of Weir. To add one: a member of `SettingKeys`, and its name in a group of `SettingsTable.weir`.
///
/// Names and defaults that sFlow-RT has too are sFlow-RT's (sflow-rt.com, "System Properties"), so that its
/// configuration files and container arguments go on working.
package struct SettingKeys: Sendable {
    package static let shared = SettingKeys()

    // MARK: Receiving sFlow

    package let sflowPort = SettingKey<Int>(
        "sflow.port", .port, default: 6343, for: [.serve, .ingest, .doctor],
        help: "UDP port for sFlow datagrams; 0 picks a free one")
    package let sflowAddress = SettingKey<String?>(
        "sflow.address", .bindAddress, default: nil, for: [.serve, .ingest],
        help: "Address to receive sFlow on")
    /// Bytes. 16 MiB rides out a burst of some thousand datagrams; Linux counts more than the payload.
    package let sflowRcvbuf = SettingKey<Int>(
        "sflow.rcvbuf", .bytes(4096...1 << 30), default: 16 << 20, for: [.serve, .ingest],
        aliases: [
            .converted(
                "sflow.rcvpktsbuffer", warning: "is converted from packets of 2028 bytes; better give bytes",
                expected: "a whole number of packets from 3 to 529458",
                by: { text in
                    Int(text).flatMap { (3...529_458).contains($0) ? String($0 * 2028) : nil }
                })
        ],
        help: "Receive buffer that each socket asks the system for")
    package let sflowSockets = SettingKey<Int>(
        "sflow.sockets", .integer(1...16), default: 1, for: [.serve, .ingest],
        help: "Sockets that share the port, each with its own thread; one takes about a million datagrams a second")

    package let sflowPortShared = SettingKey<Bool>(
        "sflow.port.shared", .boolean, default: false, for: [.serve, .ingest],
        help: "Let other processes of this user that have this setting, too, receive on the same port; the system spreads the senders")

    // MARK: Replay and demonstration

    package let replay = SettingKey<String?>(
        "replay", .optional(.file), default: nil, for: [.serve, .ingest, .bench], aliases: [.synonym("sflow.file")],
        help: "Play a pcap or pcapng capture instead of listening for sFlow")
    package let replayPace = SettingKey<ReplayPace>(
        "replay.pace", .choice, default: .recorded, for: [.serve, .ingest],
        help: "Play the capture as it was recorded, or as fast as possible")
    package let replayEnd = SettingKey<ReplayEnd>(
        "replay.end", .choice, default: .loop, for: [.serve, .ingest],
        help: "At the end of the capture: begin again, keep answering with time standing still, or end (with 1 if it is damaged)")
    package let demo = SettingKey<Bool>(
        "demo", .boolean, default: false, for: [.serve, .ingest],
        help: "Show a simulated fabric instead of listening for sFlow")

    // MARK: HTTP

    package let httpPort = SettingKey<Int>(
        "http.port", .port, default: 8008, for: [.serve, .coordinator],
        help: "TCP port of the REST API and the pages; 0 picks a free one")
    package let httpHostname = SettingKey<String?>(
        "http.hostname", .bindAddress, default: nil, for: [.serve, .coordinator],
        help: "Address to answer HTTP on")
    package let httpLog = SettingKey<Bool>(
        "http.log", .boolean, default: false, for: [.serve, .coordinator],
        help: "Log each request")
    package let httpHtml = SettingKey<Bool>(
        "http.html", .boolean, default: true, for: [.serve, .coordinator],
        help: "Serve the web pages")
    package let httpHtmlRedirect = SettingKey<String>(
        "http.html.redirect", .text, default: "./html/index.html", for: [.serve, .coordinator],
        help: "Where the path / leads")
    package let httpRest = SettingKey<Bool>(
        "http.rest", .boolean, default: true, for: [.serve, .coordinator],
        help: "Serve the REST API")
    package let httpReadonly = SettingKey<Bool>(
        "http.readonly", .boolean, default: false, for: [.serve, .coordinator],
        help: "Refuse REST requests that change something, with status 403")
    package let httpJsonIndent = SettingKey<Int>(
        "http.json.indent", .integer(0...8), default: 1, for: [.serve, .coordinator],
        help: "Spaces by which JSON answers are indented; 0 puts them on one line")
    package let httpCors = SettingKey<String?>(
        "http.cors", .textOrNo, default: nil, for: [.serve, .coordinator],
        help: "Value of the header Access-Control-Allow-Origin, such as *, which lets pages from elsewhere ask")

    // MARK: Metrics and flows

    package let define = SettingKey<String?>(
        "define", .optional(.file), default: nil, for: [.serve, .coordinator, .bench],
        help: "JSON file with flow definitions, thresholds, groups and topology to begin with")
    package let dataDir = SettingKey<String?>(
        "data.dir", .optional(.directory), default: nil, for: [.serve],
        help: "Directory that keeps definitions over restarts")
    package let executors = SettingKey<Int>(
        "executors", .integer(0...256), default: 0, for: [.serve, .worker],
        help: "Threads that keep metrics and flows; 0 means one a core")
    package let shards = SettingKey<Int>(
        "shards", .integer(0...4096), default: 0, for: [.serve, .coordinator],
        help: "Parts into which agents are divided; 0 means as many as executors, and 1024 in a cluster")
    /// Seconds.
    package let metricsTimeoutMin = SettingKey<Double>(
        "metrics.timeout.min", .seconds(1...86_400), default: 60, for: [.serve, .coordinator],
        help: "Seconds without an update that each metric is kept at least")
    /// Seconds.
    package let metricsTimeoutMax = SettingKey<Double>(
        "metrics.timeout.max", .seconds(1...86_400), default: 600, for: [.serve, .coordinator],
        help: "Seconds without an update after which each metric is gone")
    package let eventsMax = SettingKey<Int>(
        "events.max", .integer(1...1_000_000), default: 1000, for: [.serve, .coordinator],
        help: "Events that are kept for clients to ask for")
    package let flowsMax = SettingKey<Int>(
        "flows.max", .integer(1...1_000_000), default: 1000, for: [.serve, .coordinator],
        help: "Records of logged flows that are kept for clients to ask for")
    package let metricsAlias = SettingFamily(
        prefix: "metrics.alias.", memberPlaceholder: "NAME",
        help: "Let NAME stand for another metric in queries; any number of them", commands: [.serve, .coordinator],
        member: .metricName, kind: .metricName)

    package let geoCountry = SettingKey<String?>(
        "geo.country", .optional(.file), default: nil, for: [.serve, .coordinator, .worker],
        help: "Database of countries by address (MaxMind format), for the key function country:")
    package let geoAsn = SettingKey<String?>(
        "geo.asn", .optional(.file), default: nil, for: [.serve, .coordinator, .worker],
        help: "Database of autonomous systems by address (MaxMind format), for the key function asn:")
    package let ouiNames = SettingKey<String?>(
        "oui.names", .optional(.file), default: nil, for: [.serve, .coordinator, .worker],
        help: "The IEEE's list of vendors by MAC address (oui.txt), for the key function oui:")
    package let dnsServers = SettingKey<[Endpoint]>(
        "dns.servers", .list(of: .nameServer), default: [], for: [.serve, .coordinator, .worker],
        help: "Name servers that the key function dns: asks; unset, those of the machine")

    // MARK: Cluster

    package let coordinator = SettingKey<[Endpoint]>(
        "coordinator", .list(of: .endpoint), default: [], for: [.worker, .ingest],
        help: "Cluster ports of coordinators; any of them leads to the one that leads")
    /// Bytes. A quarter of a second at 200,000 datagrams a second of 1,200 bytes.
    package let workerQueue = SettingKey<Int>(
        "worker.queue", .bytes(64 << 10...4 << 30), default: 64 << 20, for: [.ingest],
        help: "What waits for each worker at most; from half of it on a worker gets one datagram of several, which counts for all")
    package let clusterPort = SettingKey<Int?>(
        "cluster.port", .optional(.port), default: nil, for: [.coordinator, .worker, .ingest],
        help: "TCP port for the other nodes; 0 picks a free one; unset it is 7343 at a coordinator, else a free one")
    package let clusterHostname = SettingKey<String?>(
        "cluster.hostname", .bindAddress, default: nil, for: [.coordinator, .worker, .ingest],
        help: "Address to answer the other nodes on")
    package let clusterAddress = SettingKey<String?>(
        "cluster.address", .optional(.text), default: nil, for: [.coordinator],
        help: "Host name or address at which the other nodes reach this coordinator; unset it is the machine's name")
    package let clusterTLSCert = SettingKey<String?>(
        "cluster.tls.cert", .optional(.file), default: nil, for: [.coordinator, .worker, .ingest],
        help: "Certificate of this node (PEM), with intermediate ones behind it; with key and CA all talk between nodes is TLS")
    package let clusterTLSKey = SettingKey<String?>(
        "cluster.tls.key", .optional(.file), default: nil, for: [.coordinator, .worker, .ingest],
        help: "Private key of this node's certificate (PEM)")
    package let clusterTLSCA = SettingKey<String?>(
        "cluster.tls.ca", .optional(.file), default: nil, for: [.coordinator, .worker, .ingest],
        help: "Certificates (PEM) that sign those of this cluster's nodes, and of nobody else; files are read again when they change")
    package let name = SettingKey<String?>(
        "name", .optional(.text), default: nil, for: [.coordinator, .worker, .ingest],
        help: "Name of this node in the cluster; unset it is the machine's name and the cluster port")
    package let store = SettingKey<String>(
        "store", .text, default: "file:weir-cluster", for: [.coordinator],
        help: "Where coordinators keep map and definitions: file:DIR, etcd:http://HOST:2379[,…] or kubernetes")
    package let replicas = SettingKey<Int>(
        "replicas", .integer(1...2), default: 1, for: [.coordinator],
        help: "Workers that keep each shard; with 2 the death of a worker loses nothing")
    package let minWorkers = SettingKey<Int>(
        "min.workers", .integer(1...1024), default: 1, for: [.coordinator],
        help: "Workers that must have joined before shards are given out for the first time")

    // MARK: Prometheus

    package let prometheusMetricPrefix = SettingKey<String>(
        "prometheus.metric.prefix", .textOrEmpty, default: "sflow_", for: [.serve, .coordinator],
        help: "What the names of exported metrics begin with")
    package let prometheusType = SettingKey<Bool>(
        "prometheus.type", .boolean, default: false, for: [.serve, .coordinator],
        help: "Write # HELP and # TYPE lines before the metrics of agents and flows, too")

    // MARK: Simulated fabric

    package let target = SettingKey<Endpoint?>(
        "target", .optional(.endpoint), default: nil, for: [.simulate],
        help: "Send the datagrams there")
    package let write = SettingKey<String?>(
        "write", .optional(.file), default: nil, for: [.simulate],
        help: "Write the datagrams to a pcap file, as fast as possible")
    package let leaves = SettingKey<Int>(
        "leaves", .integer(1...1024), default: 4, for: [.simulate], help: "Leaf switches")
    package let spines = SettingKey<Int>(
        "spines", .integer(1...64), default: 2, for: [.simulate], help: "Spine switches")
    package let hosts = SettingKey<Int>(
        "hosts", .integer(1...128), default: 4, for: [.simulate], help: "Hosts at each leaf")
    package let rate = SettingKey<Int>(
        "rate", .integer(1...16_777_215), default: 1000, for: [.simulate, .dns],
        help: "Sample one packet in this many")
    package let polling = SettingKey<Int>(
        "polling", .integer(1...3600), default: 20, for: [.simulate, .dns],
        help: "Seconds between the counter samples of a port")
    package let elephants = SettingKey<Int>(
        "elephants", .integer(0...10_000), default: 6, for: [.simulate], help: "Large flows at any time")
    package let mice = SettingKey<Int>(
        "mice", .integer(0...100_000), default: 8, for: [.simulate],
        help: "Small flows that begin each second")
    package let duration = SettingKey<Double>(
        "duration", .seconds(0...31_536_000), default: 0, for: [.simulate],
        help: "Seconds of traffic; 0 means without end to a target, one minute to a file")
    package let seed = SettingKey<Int>(
        "seed", .integer(0...Int.max), default: 1, for: [.simulate],
        help: "Start of the random numbers: the same seed makes the same datagrams")
    package let drops = SettingKey<Bool>(
        "drops", .boolean, default: true, for: [.simulate],
        help: "Report dropped packets too")

    // MARK: Measuring

    package let job = SettingKey<BenchJob?>(
        "job", .optional(.choice), default: nil, for: [.bench],
        help: "What to measure; usually written without --job")
    package let seconds = SettingKey<Double>(
        "seconds", .seconds(0.1...86_400), default: 10, for: [.bench],
        help: "Seconds to measure")
    package let query = SettingKey<String?>(
        "query", .optional(.text), default: nil, for: [.bench],
        help: "Path and parameters of the REST request to measure; unset measures a choice of them")

    // MARK: Looking for faults

    package let agent = SettingKey<String?>(
        "agent", .optional(.text), default: nil, for: [.doctor],
        help: "Address or name of the agent to ask for; usually written without --agent. Unset: all")
    package let server = SettingKey<String>(
        "server", .serverAddress, default: "http://localhost:8008", for: [.doctor],
        help: "Where the REST API answers")
    package let nodePort = SettingKey<Int>(
        "node.port", .port, default: 30343, for: [.doctor],
        help: "NodePort of sFlow, if this machine is a node of Kubernetes")

    // MARK: Publishing

    package let collectors = SettingKey<[Endpoint]>(
        "collectors", .list(of: .collector), default: [], for: [.dns],
        help: "Host names to which agents are to send, the best first; usually written without --collectors")
    package let domain = SettingKey<String?>(
        "domain", .optional(.hostName), default: nil, for: [.dns],
        help: "Domain of the agents; unset, the records' names are relative to the zone that they are put into")
    package let ttl = SettingKey<Int>(
        "ttl", .integer(1...604_800), default: 60, for: [.dns],
        help: "Seconds for which the records may be kept")

    // MARK: This run

    package let logLevel = SettingKey<LogLevel>(
        "log.level", .choice, default: .info, for: Set(Command.allCases),
        help: "The least important messages to log")
    package let config = SettingKey<[String]>(
        "config", .list(of: .file), default: [], for: Set(Command.allCases), scope: .outsideFiles,
        aliases: [.synonym("system.propertyFiles")],
        help: "Configuration files, with name = value lines; where two give one setting, the later counts")
    package let check = SettingKey<Bool>(
        "check", .boolean, default: false, for: Set(Command.allCases), scope: .commandLineOnly,
        help: "Check the settings and end")
    package let dump = SettingKey<Bool>(
        "dump", .boolean, default: false, for: Set(Command.allCases), scope: .commandLineOnly,
        help: "Print all settings as a configuration file and end")
    package let help = SettingKey<Bool>(
        "help", .boolean, default: false, for: Set(Command.allCases), scope: .commandLineOnly,
        help: "Explain the settings and end (also -h)")
    package let version = SettingKey<Bool>(
        "version", .boolean, default: false, for: Set(Command.allCases), scope: .commandLineOnly,
        help: "Print the version and end (also -V)")
}

extension SettingsTable {
    package static let weir = SettingsTable(
        groups: groups(of: .shared), withoutEffect: sflowRTProperties,
        // Where the project's own tests find captures.
        foreignVariables: ["WEIR_SHARED"])

    private static func groups(of keys: SettingKeys) -> [SettingGroup] {
        [
            SettingGroup(
                "Receiving sFlow", keys.sflowPort, keys.sflowAddress, keys.sflowRcvbuf, keys.sflowSockets,
                keys.sflowPortShared),
            SettingGroup("Measuring", keys.job, keys.seconds, keys.query),
            SettingGroup("Replay and demonstration", keys.replay, keys.replayPace, keys.replayEnd, keys.demo),
            SettingGroup(
                "HTTP", keys.httpPort, keys.httpHostname, keys.httpLog, keys.httpHtml, keys.httpHtmlRedirect,
                keys.httpRest, keys.httpReadonly, keys.httpJsonIndent, keys.httpCors),
            SettingGroup(
                "Metrics and flows", keys.define, keys.dataDir, keys.executors, keys.shards, keys.metricsTimeoutMin,
                keys.metricsTimeoutMax, keys.eventsMax, keys.flowsMax, keys.geoCountry, keys.geoAsn, keys.ouiNames, keys.dnsServers,
                families: [keys.metricsAlias]),
            SettingGroup(
                "Cluster", keys.coordinator, keys.workerQueue, keys.clusterPort, keys.clusterHostname, keys.clusterAddress, keys.clusterTLSCert,
                keys.clusterTLSKey, keys.clusterTLSCA, keys.name, keys.store, keys.replicas, keys.minWorkers),
            SettingGroup("Prometheus", keys.prometheusMetricPrefix, keys.prometheusType),
            SettingGroup("Looking for faults", keys.agent, keys.server, keys.nodePort),
            SettingGroup("Publishing", keys.collectors, keys.domain, keys.ttl),
            SettingGroup("Output", keys.target, keys.write, keys.duration),
            SettingGroup("Sampling", keys.rate, keys.polling),
            SettingGroup(
                "Simulated fabric", keys.leaves, keys.spines, keys.hosts, keys.elephants, keys.mice, keys.drops, keys.seed),
            SettingGroup(
                "General", keys.logLevel, keys.config, keys.check, keys.dump, keys.help, keys.version),
        ]
    }

    /// Properties of sFlow-RT and of its published applications that nothing here obeys yet.
    private static let sflowRTProperties = PropertyNames(
        names: [
            "http.requestheadersize", "http.requestbuffersize", "http.responseheadersize", "http.responsebuffersize",
            "prometheus.prefix", "geo.country6", "geo.asn6",
        ],
        prefixes: [
            "workers.", "script.", "snmp.", "bgp.", "openflow.",
            "browse-flows.", "browse-drops.", "flow-trend.", "trace-flow.", "sunburst.", "particle.", "heatmap.",
            "viz.", "ddos_protect.", "ixp.", "ai.", "arm.",
            // Of the Java machine that runs the original.
            "java.",
        ])
}
