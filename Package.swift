// swift-tools-version: 6.2
import PackageDescription

/// For every target: existentials are marked, an imported module's members are seen only where it is imported, imports
/// do not leak, and a warning is an error.
let common: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .treatAllWarnings(as: .error),
]

/// For the modules that see hostile bytes and keep state: every use of unsafe memory is marked in the source.
let pure: [SwiftSetting] = common + [.strictMemorySafety()]

let package = Package(
    name: "weir",
    dependencies: [
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
    ],
    targets: [
        // Pure: bytes and times in, state and answers out.
        .target(name: "Bytes", swiftSettings: pure),
        .target(name: "SFlow", dependencies: ["Bytes"], swiftSettings: pure),
        .target(name: "ExactStatistics", swiftSettings: pure),
        .target(name: "ShardEngine", dependencies: ["Bytes", "SFlow"], swiftSettings: pure),
        .target(name: "Queries", dependencies: ["Bytes", "ExactStatistics", "SFlow", "ShardEngine"], swiftSettings: pure),
        .target(name: "Settings", swiftSettings: pure),
        .target(name: "Capture", dependencies: ["Bytes"], swiftSettings: pure),

        // Threads, sockets, files.
        .target(name: "CSocket"),
        .target(name: "Datagrams", dependencies: ["Bytes", "CSocket"], swiftSettings: common),
        .target(
            name: "Ingest", dependencies: ["Bytes", "Capture", "CSocket", "Datagrams", "SFlow"], swiftSettings: common),
        .target(
            name: "Worker", dependencies: ["Bytes", "Datagrams", "ExactStatistics", "Queries", "ShardEngine"],
            swiftSettings: common),
        .target(
            name: "Coordinator", dependencies: ["Datagrams", "ExactStatistics", "Queries", "ShardEngine"],
            swiftSettings: common),

        .testTarget(name: "BytesTests", dependencies: ["Bytes"], swiftSettings: common),
        .testTarget(name: "ExactStatisticsTests", dependencies: ["ExactStatistics"], swiftSettings: common),
        // What several test targets share: datagrams built field by field, and where the captures are.
        .target(
            name: "DatagramBuilding", dependencies: ["Bytes", "SFlow"], path: "Tests/DatagramBuilding",
            swiftSettings: common),
        .testTarget(
            name: "ShardEngineTests", dependencies: ["Bytes", "Capture", "DatagramBuilding", "SFlow", "ShardEngine"],
            swiftSettings: common),
        .testTarget(
            name: "QueriesTests",
            dependencies: ["Bytes", "DatagramBuilding", "ExactStatistics", "Queries", "SFlow", "ShardEngine"],
            swiftSettings: common),
        .testTarget(
            name: "WorkerTests",
            dependencies: [
                "Bytes", "Capture", "Coordinator", "DatagramBuilding", "Datagrams", "ExactStatistics", "Queries", "SFlow",
                "ShardEngine", "Worker",
            ],
            swiftSettings: common),
        .testTarget(name: "SettingsTests", dependencies: ["Settings"], swiftSettings: common),
    ],
    swiftLanguageModes: [.v6]
)
