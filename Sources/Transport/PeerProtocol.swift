// Which language two nodes speak inside their message streams. Each names all versions it knows, so that nodes of
// neighbouring releases work together while a cluster is upgraded one by one.

package enum PeerProtocol {
    /// The versions that this build speaks. A release that changes messages adds its version and keeps the one before.
    package static let versions = [1]
    /// Header field of the request (all versions of the client) and of the response (the one that was chosen).
    package static let headerName = "weir-protocol"

    static func list(_ versions: [Int]) -> String { versions.map(String.init).joined(separator: ", ") }

    /// The highest version that both sides speak.
    /// - Throws: ``StreamRefusal`` with status 400, whose message names what each side speaks.
    static func choose(offered: String?, spoken: [Int]) throws(StreamRefusal) -> Int {
        guard let offered else {
            let message = "header field \(headerName) is missing: this node speaks version \(list(spoken))"
            throw StreamRefusal(status: 400, message: message)
        }
        let versions = offered.prefix(64).split(separator: ",").compactMap { Int(trimmed($0)) }
        guard let version = spoken.filter(versions.contains).max() else {
            let theirs = versions.isEmpty ? "none" : list(versions)
            throw StreamRefusal(
                status: 400, message: "no common protocol version: this node speaks \(list(spoken)), the peer \(theirs)")
        }
        return version
    }
}
