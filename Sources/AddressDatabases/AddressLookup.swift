// What the databases keyed by IP address have in common.

package import Bytes

/// Answers questions about IP addresses; a value, safe to share between threads.
package protocol AddressLookup: Sendable {
    associatedtype Answer: Sendable

    /// Changes when the database is replaced; answers of different generations do not mix in a cache.
    var generation: Int { get }

    /// The answer for the smallest network around `address`; nil when the database has none.
    ///
    /// Cost: some two microseconds in a city database of 60 MB, a tenth in a small one, so wrap it in an
    /// `AddressCache` where samples repeat addresses.
    func answer(for address: IPAddress) -> Answer?
}

/// What a database says about itself, for display.
package struct DatabaseVersion: Hashable, Sendable {
    package let path: String
    /// As its maker calls it, such as "GeoLite2-Country".
    package let type: String
    /// When its maker built it, in seconds since the Unix epoch.
    package let buildEpochSeconds: UInt64
}

extension ReloadableFile<MaxMindFile> {
    /// - Parameters:
    ///   - kinds: one of these words must be in the database's type.
    ///   - purpose: what the operator wanted, for the message.
    init(maxMindPath path: String, kinds: [String], purpose: String) throws(AddressDatabaseError) {
        try self.init(path: path) { (bytes, path) throws(AddressDatabaseError) in
            let file: MaxMindFile
            do throws(MaxMindGuard.Refusal) {
                file = try MaxMindFile(bytes)
            } catch {
                throw AddressDatabaseError(reason: .damaged, path: path, detail: "the file \(error.text)")
            }
            guard kinds.contains(where: { file.metadata.type.holds($0) }) else {
                throw AddressDatabaseError(
                    reason: .wrongType, path: path,
                    detail: "expected a database of \(purpose), this one is a \"\(file.metadata.type)\"")
            }
            return file
        }
    }

    var version: DatabaseVersion {
        DatabaseVersion(
            path: path, type: contents.metadata.type, buildEpochSeconds: contents.metadata.buildEpochSeconds)
    }
}

extension String {
    fileprivate func holds(_ word: String) -> Bool {
        let wanted = Array(word.utf8)
        let own = Array(utf8)
        return own.indices.contains { own[$0...].starts(with: wanted) }
    }
}
