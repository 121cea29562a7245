// The value of `--store`.

package enum StoreAddress: Hashable, Sendable {
    case file(directory: String)
    /// `authoritiesFile`: certificates in PEM to check https endpoints against; nil: those of the system.
    case etcd(endpoints: [String], authoritiesFile: String?)
    case kubernetes

    private static let endpointCountMax = 32
    private static let syntax =
        "a store is file:DIRECTORY, etcd:http://HOST:2379[,http://HOST:2379…], etcd:https://…[?ca=FILE] or kubernetes"

    package init(_ text: String) throws(StoreFault) {
        let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        switch (parts[0], parts.count == 2 ? parts[1] : nil) {
        case ("kubernetes", nil): self = .kubernetes
        case ("file", let directory?) where !directory.isEmpty && !directory.utf8.contains(0):
            self = .file(directory: directory)
        case ("etcd", let rest?): self = try StoreAddress.etcd(rest)
        default: throw StoreFault(.rejected, "\(shown(text)) names no store; \(StoreAddress.syntax)")
        }
    }

    private static func etcd(_ text: String) throws(StoreFault) -> StoreAddress {
        let mark = "?ca="
        let halves = text.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        guard halves.count == 1 || halves[1].hasPrefix(mark.dropFirst()) && halves[1].count > mark.count - 1 else {
            throw StoreFault(.rejected, "after the endpoints of etcd only \(mark)FILE is possible, found \(shown(halves[1]))")
        }
        var endpoints: [String] = []
        for part in halves[0].split(separator: ",", omittingEmptySubsequences: false) {
            endpoints.append(try endpoint(part))
        }
        guard endpoints.count <= endpointCountMax else {
            throw StoreFault(.rejected, "at most \(endpointCountMax) endpoints of etcd are possible")
        }
        return .etcd(
            endpoints: endpoints, authoritiesFile: halves.count == 2 ? String(halves[1].dropFirst(mark.count - 1)) : nil)
    }

    /// Scheme, host and port, and nothing that could turn them into something else.
    private static func endpoint(_ text: Substring) throws(StoreFault) -> String {
        let url = text.hasSuffix("/") ? text.dropLast() : text
        let wrong = StoreFault(.rejected, "\(shown(text)) is no endpoint of etcd; write http://HOST:2379 or https://HOST:2379")
        guard let scheme = ["http://", "https://"].first(where: { url.hasPrefix($0) }) else { throw wrong }
        let authority = url.dropFirst(scheme.count)
        guard let colon = authority.lastIndex(of: ":"), colon > authority.startIndex,
            let port = UInt16(authority[authority.index(after: colon)...]), port > 0
        else { throw wrong }
        let host = authority[..<colon]
        let isBracketed = host.hasPrefix("[") && host.hasSuffix("]") && host.count > 2
        let isPlain = host.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"):
                true
            case UInt8(ascii: ":"), UInt8(ascii: "["), UInt8(ascii: "]"): isBracketed
            default: false
            }
        }
        guard isPlain else { throw wrong }
        return String(url)
    }

    /// - Parameters:
    ///   - cluster: keeps clusters that share a store apart: lower-case letters, digits and hyphens.
    ///   - environment: of this process, where Kubernetes says how it can be reached.
    package func open(
        cluster: String, environment: [String: String], time: StoreTime = .real
    ) throws(StoreFault) -> any ClusterStore {
        try StoreKey.check(cluster)
        switch self {
        case .file(let directory): return try FileStore(directory: directory, time: time)
        case .etcd(let endpoints, let authoritiesFile):
            return try EtcdStore(
                endpoints: endpoints, prefix: "/weir/\(cluster)/", authoritiesFile: authoritiesFile, time: time)
        case .kubernetes:
            return try KubernetesStore(
                access: KubernetesAccess(environment: environment), prefix: "weir-\(cluster)-", time: time)
        }
    }
}
