// Where the Kubernetes API is and who asks, as a pod finds it.
// (Kubernetes documentation, "Accessing the Kubernetes API from a Pod".)

internal import DataFiles

package struct KubernetesAccess: Sendable {
    private static let accountDirectory = "/var/run/secrets/kubernetes.io/serviceaccount"
    private static let fileBytesMax = 64 << 10

    /// `https://HOST:PORT`.
    let server: String
    let namespace: String
    let tokenFile: String
    let authoritiesFile: String?

    package init(server: String, namespace: String, tokenFile: String, authoritiesFile: String?) {
        (self.server, self.namespace) = (server, namespace)
        (self.tokenFile, self.authoritiesFile) = (tokenFile, authoritiesFile)
    }

    /// From the environment and the files of the service account.
    package init(
        environment: [String: String], accountDirectory: String = KubernetesAccess.accountDirectory
    ) throws(StoreFault) {
        guard let host = environment["KUBERNETES_SERVICE_HOST"], !host.isEmpty,
            let port = environment["KUBERNETES_SERVICE_PORT"].flatMap({ UInt16($0) })
        else {
            throw StoreFault(
                .rejected, "the kubernetes store works inside a pod only: KUBERNETES_SERVICE_HOST and _PORT are not set")
        }
        self.init(
            server: host.contains(":") ? "https://[\(host)]:\(port)" : "https://\(host):\(port)",
            namespace: try KubernetesAccess.word(accountDirectory + "/namespace"),
            tokenFile: accountDirectory + "/token", authoritiesFile: accountDirectory + "/ca.crt")
        try StoreKey.check(namespace)
    }

    /// Read for each request: Kubernetes replaces it before it expires.
    func token() async throws(StoreFault) -> String {
        let tokenFile = tokenFile
        return try await onFileThread { () throws(StoreFault) in try KubernetesAccess.word(tokenFile) }
    }

    /// What a file says in one word of printable ASCII.
    private static func word(_ path: String) throws(StoreFault) -> String {
        let bytes: [UInt8]
        do throws(SystemError) {
            bytes = try Descriptor.file(path: path).readAll(sizeMax: fileBytesMax)
        } catch {
            throw StoreFault(StoreError(cannot: "read \(path)", error))
        }
        let word = bytes.reversed().drop { $0 <= 0x20 }.reversed()
        guard !word.isEmpty, bytes.count <= fileBytesMax, word.allSatisfy({ (0x21...0x7E).contains($0) }) else {
            throw StoreFault(.damaged, "\(path) does not hold one word")
        }
        return String(decoding: word, as: UTF8.self)
    }
}
