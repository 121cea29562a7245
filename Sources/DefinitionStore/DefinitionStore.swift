// Keeps definitions over restarts: one file a kind in the data directory, each a definition document by itself, so that
// an operator can read it, mend it, or hand it to `--define`.
//
// The store holds no definitions. Whoever does saves a new set first and takes it over only when that worked; so a full
// disk refuses a change and leaves memory and disk as they were.

package import DataFiles
package import Definitions
import Synchronization

package final class DefinitionStore: Sendable {
    /// Bytes of one file; about three times what the limits of all definitions allow in practice.
    static let fileSizeMax = 256 << 20

    /// The lock keeps two savers from writing one temporary file.
    let directory: Mutex<DataDirectory>

    /// Makes the directory when it is missing. One store a directory: a second one is refused.
    package init(directory path: String) throws(StoreError) { directory = Mutex(try DataDirectory(path: path)) }

    static func fileName(of kind: DefinitionKind) -> String { kind.member + ".json" }

    /// Writes all definitions of some kinds but the server's own, one file after the other. Throws at the first that cannot be written; the
    /// old content of that file, and of those after it, stays.
    package func save(_ set: DefinitionSet, kinds: [DefinitionKind]) throws(StoreError) {
        try directory.withLock { directory throws(StoreError) in
            for kind in kinds { try DefinitionStore.save(set, kind, in: directory) }
        }
    }

    static func save(
        _ set: DefinitionSet, _ kind: DefinitionKind, in directory: DataDirectory
    ) throws(StoreError) {
        let bytes = set.kept.document(kinds: [kind]).bytes(indent: 1) + [UInt8(ascii: "\n")]
        guard bytes.count <= fileSizeMax else {
            throw StoreError(
                .tooLarge,
                "all \(kind.member) together would take \(bytes.count) bytes; at most \(fileSizeMax) are kept")
        }
        try directory.replace(fileName(of: kind), with: bytes)
    }
}
