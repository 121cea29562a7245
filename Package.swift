// swift-tools-version: 6.2
import PackageDescription

/// With FUZZ set in the environment there is one more target, the fuzzer, and everything that parses is compiled for it.
let isFuzzing = Context.environment["FUZZ"] != nil
let instrumentation = ["-sanitize=fuzzer,address", "-assert-config", "Debug"]

/// For every target: existentials are marked, an imported module's members are seen only where it is imported, imports
/// do not leak, and a warning is an error.
let common: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .treatAllWarnings(as: .error),
]

/// For the modules that see hostile bytes and keep state: every use of unsafe memory is marked in the source.
let pure: [SwiftSetting] = common + [.strictMemorySafety()] + (isFuzzing ? [.unsafeFlags(instrumentation)] : [])

let nioCore: Target.Dependency = .product(name: "NIOCore", package: "swift-nio")
let nioPosix: Target.Dependency = .product(name: "NIOPosix", package: "swift-nio")
let nioHTTP1: Target.Dependency = .product(name: "NIOHTTP1", package: "swift-nio")
let nioSSL: Target.Dependency = .product(name: "NIOSSL", package: "swift-nio-ssl")
let logging: Target.Dependency = .product(name: "Logging", package: "swift-log")
let httpClient: Target.Dependency = .product(name: "AsyncHTTPClient", package: "async-http-client")

let package = Package(
    name: "weir",
    dependencies: [
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.6"),
        .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
    ],
    targets: [
        // Pure: bytes and times in, state and answers out.
        .target(name: "Bytes", swiftSettings: pure),
        .target(name: "SFlow", dependencies: ["Bytes"], swiftSettings: pure),
        .target(name: "Wire", dependencies: ["Bytes"], swiftSettings: pure),
        .target(name: "Packets", dependencies: ["Bytes"], swiftSettings: pure),
        .target(name: "ExactStatistics", dependencies: ["Wire"], swiftSettings: pure),
        .target(name: "FlowLanguage", dependencies: ["Bytes", "Packets", "SFlow"], swiftSettings: pure),
        .target(name: "Definitions", dependencies: ["Bytes", "FlowLanguage"], swiftSettings: pure),
        .target(name: "Diagnosis", dependencies: ["Definitions"], swiftSettings: pure),
        .target(name: "DefinitionStore", dependencies: ["DataFiles", "Definitions"], swiftSettings: pure),
        .target(name: "CPrefetch"),
        .target(
            name: "ShardEngine", dependencies: ["Bytes", "CPrefetch", "Definitions", "FlowLanguage", "SFlow", "Wire"],
            swiftSettings: pure),
        .target(
            name: "Queries", dependencies: ["Bytes", "Definitions", "ExactStatistics", "SFlow", "ShardEngine", "Wire"],
            swiftSettings: pure),
        .target(name: "Cluster", dependencies: ["Wire"], swiftSettings: pure),
        .target(name: "DataFiles", swiftSettings: pure),
        .target(name: "Settings", swiftSettings: pure),
        .target(name: "Capture", dependencies: ["Bytes"], swiftSettings: pure),

        .systemLibrary(name: "CMaxMindDB", pkgConfig: "libmaxminddb", providers: [.apt(["libmaxminddb-dev"])]),
        .target(name: "AddressDatabases", dependencies: ["Bytes", "CMaxMindDB"], swiftSettings: pure),
        .target(name: "FlowExport", dependencies: ["Bytes"], swiftSettings: pure),

        // Threads, sockets, files.
        .target(name: "CSocket"),
        .target(name: "Datagrams", dependencies: ["Bytes", "CSocket"], swiftSettings: common),
        .target(
            name: "Ingest",
            dependencies: [
                "Bytes", "Capture", "Cluster", "ClusterMember", "CSocket", "Datagrams", "SFlow", "Transport", nioCore,
                logging,
            ],
            swiftSettings: common),
        .target(
            name: "Worker",
            dependencies: [
                "Bytes", "Cluster", "ClusterMember", "Datagrams", "Definitions", "ExactStatistics", "Queries", "ShardEngine",
                "Transport", "Wire", nioCore, logging,
            ],
            swiftSettings: common),
        .target(
            name: "Coordinator",
            dependencies: [
                "AddressDatabases", "Bytes", "Cluster", "ClusterMember", "ClusterStore", "DataFiles", "Datagrams", "DefinitionStore",
                "Definitions", "ExactStatistics", "FlowExport", "FlowLanguage", "Queries", "ShardEngine", "Transport", "Wire", nioCore,
                logging,
            ],
            swiftSettings: common),

        // What coordinators keep beyond their own lives.
        .target(
            name: "ClusterStore",
            dependencies: ["CSocket", "DataFiles", "Definitions", "Transport", httpClient, nioCore, nioHTTP1, nioSSL],
            swiftSettings: common),

        // HTTP.
        .systemLibrary(name: "CNghttp2", pkgConfig: "libnghttp2", providers: [.apt(["libnghttp2-dev"])]),
        .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
        .target(
            name: "Transport", dependencies: ["CNghttp2", "CZlib", nioCore, nioPosix, nioHTTP1, nioSSL, logging],
            swiftSettings: pure),
        .target(
            name: "ClusterMember",
            dependencies: ["Cluster", "ExactStatistics", "Queries", "ShardEngine", "Transport", "Wire", nioCore, logging],
            swiftSettings: common),
        .target(name: "Routing", dependencies: ["Coordinator", "Queries", "Transport", nioCore, logging], swiftSettings: common),
        .target(
            name: "RestAPI",
            dependencies: [
                "Bytes", "Cluster", "Coordinator", "DataFiles", "Definitions", "ExactStatistics", "FlowLanguage", "Ingest",
                "Queries", "Routing", "SFlow", "ShardEngine", "Transport", nioCore,
            ],
            swiftSettings: common),
        .target(
            name: "Prometheus",
            dependencies: [
                "Bytes", "Cluster", "Coordinator", "DataFiles", "Definitions", "FlowLanguage", "Ingest", "Queries",
                "RestAPI", "Routing", "SFlow", "ShardEngine", "Transport", nioCore,
            ],
            swiftSettings: common),
        // The pages are files of their own folder, which CPages takes into the program.
        .target(name: "CPages"),
        .target(
            name: "WebUI", dependencies: ["CPages", "Routing", "Transport", nioCore], exclude: ["Pages", "Screenshots"],
            swiftSettings: common),

        // The command.
        .executableTarget(
            name: "weir",
            dependencies: [
                "Bytes", "Capture", "Cluster", "ClusterMember", "ClusterStore", "Coordinator", "Datagrams", "DefinitionStore",
                "Definitions", "Diagnosis", "FlowLanguage", "Ingest", "Packets", "Prometheus", "Queries", "RestAPI", "Routing", "SFlow",
                "Settings", "ShardEngine", "Transport", "WebUI", "Worker", httpClient, nioCore, nioHTTP1, nioPosix, logging,
            ],
            swiftSettings: common),

        .testTarget(
            name: "AddressDatabasesTests", dependencies: ["AddressDatabases", "Bytes", "SeededRandom"],
            exclude: ["Databases", "make-databases.py"], swiftSettings: common),
        .testTarget(
            name: "FlowExportTests",
            dependencies: ["Bytes", "Coordinator", "FlowExport", "FlowLanguage", "SeededRandom", "SFlow", "ShardEngine"],
            swiftSettings: common),
        .testTarget(name: "BytesTests", dependencies: ["Bytes"], swiftSettings: common),
        .testTarget(name: "WireTests", dependencies: ["Bytes", "Wire"], swiftSettings: common),
        .testTarget(name: "DatagramsTests", dependencies: ["Bytes", "Datagrams"], swiftSettings: common),
        .testTarget(name: "ClusterMemberTests", dependencies: ["ClusterMember"], swiftSettings: common),
        .testTarget(name: "ClusterTests", dependencies: ["Cluster", "SeededRandom", "Wire"], swiftSettings: common),
        .testTarget(name: "CaptureTests", dependencies: ["Bytes", "Capture"], swiftSettings: common),
        .testTarget(
            name: "DefinitionsTests", dependencies: ["Bytes", "Definitions", "FlowLanguage", "SeededRandom"], swiftSettings: common),
        .testTarget(name: "DiagnosisTests", dependencies: ["Definitions", "Diagnosis"], swiftSettings: common),
        .testTarget(
            name: "DefinitionStoreTests", dependencies: ["DataFiles", "Definitions", "DefinitionStore", "SeededRandom"],
            swiftSettings: common),
        .testTarget(name: "ExactStatisticsTests", dependencies: ["ExactStatistics", "SeededRandom"], swiftSettings: common),
        .testTarget(
            name: "FlowLanguageTests", dependencies: ["Bytes", "Capture", "FlowLanguage", "PacketBuilding", "SeededRandom", "SFlow"],
            swiftSettings: common),
        .testTarget(
            name: "IngestTests",
            dependencies: [
                "Bytes", "Capture", "Cluster", "ClusterMember", "DatagramBuilding", "Datagrams", "Ingest", "SeededRandom", "SFlow",
                nioCore, nioPosix, logging,
            ],
            swiftSettings: common),
        .testTarget(
            name: "RestAPITests",
            dependencies: [
                "Bytes", "Capture", "Coordinator", "DatagramBuilding", "Datagrams", "Definitions", "FlowLanguage", "Ingest",
                "Prometheus", "Queries", "RestAPI", "Routing", "SeededRandom", "SFlow", "ShardEngine", "Transport", "WebUI", "Worker", nioCore,
                logging,
            ],
            swiftSettings: common),
        .testTarget(
            name: "PacketsTests", dependencies: ["Bytes", "PacketBuilding", "Packets", "SeededRandom"], swiftSettings: common),
        .testTarget(name: "SFlowTests", dependencies: ["Bytes", "SeededRandom", "SFlow"], swiftSettings: common),
        .testTarget(
            name: "TransportTests", dependencies: ["SeededRandom", "Transport", nioCore, nioPosix, logging], swiftSettings: common),
        // What several test targets share: random numbers that come again, packets and datagrams built field by field, and where the
        // captures are.
        .target(name: "SeededRandom", path: "Tests/SeededRandom", swiftSettings: common),
        .target(name: "PacketBuilding", path: "Tests/PacketBuilding", swiftSettings: common),
        .target(
            name: "DatagramBuilding", dependencies: ["Bytes", "SFlow"], path: "Tests/DatagramBuilding",
            swiftSettings: common),
        .testTarget(
            name: "ShardEngineTests",
            dependencies: [
                "Bytes", "Capture", "DatagramBuilding", "Definitions", "FlowLanguage", "SeededRandom", "SFlow", "ShardEngine", "Wire",
            ],
            swiftSettings: common),
        .testTarget(
            name: "QueriesTests",
            dependencies: [
                "Bytes", "Capture", "DatagramBuilding", "ExactStatistics", "FlowLanguage", "Queries", "SeededRandom", "SFlow",
                "ShardEngine", "Wire",
            ],
            swiftSettings: common),
        .testTarget(
            name: "WorkerTests",
            dependencies: [
                "Bytes", "Capture", "Cluster", "ClusterMember", "Coordinator", "DatagramBuilding", "Datagrams", "Definitions", "ExactStatistics",
                "FlowLanguage", "Queries", "SeededRandom", "SFlow", "ShardEngine", "Transport", "Wire", "Worker", nioCore, nioPosix, logging,
            ],
            swiftSettings: common),
        .testTarget(
            name: "DefinitionServiceTests",
            dependencies: [
                "Bytes", "Capture", "Coordinator", "DataFiles", "DatagramBuilding", "Datagrams", "DefinitionStore", "Definitions",
                "ExactStatistics", "FlowLanguage", "Ingest", "Queries", "RestAPI", "Routing", "SeededRandom", "SFlow", "ShardEngine",
                "Transport", "Worker", nioCore, logging,
            ],
            swiftSettings: common),
        .testTarget(
            name: "ClusterStoreTests", dependencies: ["ClusterStore", "SeededRandom", nioCore, nioPosix],
            exclude: ["fake_kubernetes.py"], swiftSettings: common),
        .testTarget(name: "SettingsTests", dependencies: ["SeededRandom", "Settings"], swiftSettings: common),
    ],
    swiftLanguageModes: [.v6]
)

if isFuzzing {
    package.targets.append(
        .executableTarget(
            name: "weir-fuzz",
            dependencies: [
                "Bytes", "Capture", "Definitions", "ExactStatistics", "FlowLanguage", "Packets", "Queries", "SFlow", "Settings",
                "ShardEngine", "Wire",
            ],
            path: "Tests/Fuzz",
            exclude: ["corpus", "corpus.py"],
            swiftSettings: common + [.unsafeFlags(instrumentation + ["-parse-as-library"])],
            // gold, the default linker, fails on the instrumented objects; lld comes with the toolchain.
            linkerSettings: [.unsafeFlags(["-sanitize=fuzzer,address", "-use-ld=lld"])]))
}
