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
        .testTarget(name: "BytesTests", dependencies: ["Bytes"], swiftSettings: common),
    ],
    swiftLanguageModes: [.v6]
)
