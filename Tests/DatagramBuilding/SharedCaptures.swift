// Where the captures are that several projects share. Tests that need them are skipped without them.

import Glibc

package enum Shared {
    package static let skipped = "shared captures not found: skipped"

    /// The folder from the environment variable WEIR_SHARED, else beside the package.
    private static let root: String = {
        if let root = getenv("WEIR_SHARED").map({ String(cString: $0) }) { return root }
        let parts = #filePath.split(separator: "/").dropLast(3)
        return "/" + parts.dropLast().joined(separator: "/") + "/shared"
    }()

    package static func capture(_ name: String) -> String { "\(root)/data/captures/\(name)" }
    package static func reference(_ name: String) -> String { "\(root)/reference/\(name)" }
    package static func exists(_ path: String) -> Bool { access(path, R_OK) == 0 }
}
