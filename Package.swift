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
    targets: [
        .target(name: "Bytes", swiftSettings: pure),
        .target(name: "SFlow", dependencies: ["Bytes"], swiftSettings: pure),
        .target(name: "ShardEngine", dependencies: ["Bytes", "SFlow"], swiftSettings: pure),
        .target(name: "Settings", swiftSettings: pure),
        .target(name: "ExactStatistics", swiftSettings: pure),
        .target(name: "Queries", dependencies: ["Bytes", "ExactStatistics", "SFlow", "ShardEngine"], swiftSettings: pure),
        .testTarget(name: "SettingsTests", dependencies: ["Settings"], swiftSettings: common),
        .testTarget(name: "BytesTests", dependencies: ["Bytes"], swiftSettings: common),
    ],
    swiftLanguageModes: [.v6]
)
