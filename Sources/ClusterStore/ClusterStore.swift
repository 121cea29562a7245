// What coordinators share and keep beyond their own lives: the shard map, definitions, and who leads. A handful of
// small values, so the protocol is one that a file, etcd and the Kubernetes API can all keep exactly.

/// A few small values, changed by compare-and-swap, watched, and an election.
package protocol ClusterStore: Sendable {
    /// nil: no such key.
    func read(_ key: String) async throws(StoreFault) -> StoredValue?

    /// Writes if the key is still at `expected` (nil: does not exist yet) and returns the new revision. Throws
    /// `.conflict` when it is not. After `.timeout` and `.unreachable` the value may have been written or not: read it.
    func write(_ key: String, _ value: [UInt8], expecting expected: Revision?) async throws(StoreFault) -> Revision

    /// The value now and each later one; values between may be skipped, the last never. Reconnects by itself. Ends only
    /// with the consumer's task.
    func watch(_ key: String) -> AsyncStream<StoreUpdate>

    /// Takes part in the election until the consumer's task ends, then resigns at once. Yields every change; a consumer
    /// that does not keep up sees the latest only, so that it never acts on an old one.
    func campaign(_ candidate: Candidate) -> AsyncStream<Leadership>

    /// Gives connections back. For after the last watch and campaign have ended.
    func close() async
}

extension ClusterStore {
    package func close() async {}
}

package struct StoredValue: Hashable, Sendable {
    package let bytes: [UInt8]
    package let revision: Revision

    package init(bytes: [UInt8], revision: Revision) {
        self.bytes = bytes
        self.revision = revision
    }
}

/// Which state of a key a value is. Only equality means anything, and only for one key of one store.
package struct Revision: Hashable, Sendable, CustomStringConvertible {
    let text: String

    init(_ text: String) { self.text = text }

    package var description: String { text }
}

package enum StoreUpdate: Hashable, Sendable {
    /// nil: no such key.
    case value(StoredValue?)
    /// The store was lost. Said once; the next value says that it is back.
    case unavailable(StoreFault)
}

package struct Candidate: Hashable, Sendable {
    package let name: String
    /// HOST:PORT at which other nodes of the cluster reach it.
    package let address: String

    package init(name: String, address: String) {
        self.name = name
        self.address = address
    }
}

/// Terms count up with every change of leader, so that what an older leader wrote can be told.
package enum Leadership: Hashable, Sendable {
    /// This candidate leads; nobody else does until it says otherwise.
    case leading(term: Int64)
    /// Another does: nil when nobody can be named just now.
    case following(leader: Candidate?, term: Int64)
    /// The store does not answer. Who led until now no longer does, and says so before another can.
    case unknown(StoreFault)
}

/// The keys that all stores take: they become names of files and of Kubernetes objects.
enum StoreKey {
    static let bytesMax = 64

    static func check(_ key: String) throws(StoreFault) {
        let isName = key.utf8.allSatisfy { byte in
            (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
                || byte == UInt8(ascii: "-")
        }
        guard isName, (1...bytesMax).contains(key.utf8.count), !key.hasPrefix("-"), !key.hasSuffix("-") else {
            throw StoreFault(
                .rejected, "\(shown(key)) is no key: 1 to \(bytesMax) lower-case letters, digits and hyphens between them")
        }
    }
}
