// What every kind of store is tested on: a place for the store, and stores in it.

import ClusterStore
import Foundation

enum StoreKind: String, CaseIterable, Sendable {
    case file, etcd, kubernetes
    /// The one of KUBERNETES_SERVICE_HOST and _PORT, as the account in the folder WEIR_KUBERNETES_ACCOUNT.
    case realKubernetes

    static let hasEtcd = isInstalled("etcd")
    static let accountDirectory = ProcessInfo.processInfo.environment["WEIR_KUBERNETES_ACCOUNT"]
    static let testable = allCases.filter { kind in
        switch kind {
        case .file, .kubernetes: true
        case .etcd: hasEtcd
        case .realKubernetes: accountDirectory != nil
        }
    }

    func plant() async throws -> any Plant {
        switch self {
        case .file: try FilePlant()
        case .etcd: try await EtcdPlant(memberCount: 1)
        case .kubernetes: try FakeKubernetes()
        case .realKubernetes: RealKubernetes()
        }
    }
}

protocol Plant: AnyObject, Sendable {
    /// As many as are wanted, as different processes would have them.
    func store(time: StoreTime) throws -> any ClusterStore
    /// How much faster than real time stores may run here.
    var haste: Double { get }
    /// In the store's time: from the death of a leader to the next.
    var failoverMax: Duration { get }
}

final class FilePlant: Plant {
    let scratch: Scratch
    let haste = 4.0
    let failoverMax = Duration.seconds(5)

    init() throws { scratch = try Scratch() }

    func store(time: StoreTime) throws -> any ClusterStore { try FileStore(directory: scratch.path, time: time) }
}

/// Real ones.
final class EtcdPlant: Plant {
    let members: [Child]
    let endpoints: [String]
    let scratch: Scratch
    let haste = 1.0
    let failoverMax = Duration.seconds(5)

    init(memberCount: Int, isSecure: Bool = false) async throws {
        let scratch = try Scratch()
        self.scratch = scratch
        let ports = freePorts(memberCount * 2)
        let scheme = isSecure ? "https" : "http"
        endpoints = ports.prefix(memberCount).map { "\(scheme)://127.0.0.1:\($0)" }
        let peers = ports.suffix(memberCount).map { "http://127.0.0.1:\($0)" }
        let cluster = peers.enumerated().map { "m\($0.offset)=\($0.element)" }.joined(separator: ",")
        if isSecure { try scratch.makeCertificate() }
        let secrets =
            isSecure ? ["--cert-file", scratch.path + "/certificate.pem", "--key-file", scratch.path + "/key.pem"] : []
        members = try zip(endpoints, peers).enumerated().map { index, urls in
            try Child(
                "etcd",
                [
                    "--name", "m\(index)", "--data-dir", scratch.path + "/m\(index)", "--listen-client-urls", urls.0,
                    "--advertise-client-urls", urls.0, "--listen-peer-urls", urls.1, "--initial-advertise-peer-urls", urls.1,
                    "--initial-cluster", cluster, "--unsafe-no-fsync",
                ] + secrets)
        }
        let store = try store(time: .real)
        try await eventually("etcd answers", seconds: 30) { (try? await store.write("ready", [], expecting: nil)) != nil }
        await store.close()
    }

    func store(time: StoreTime) throws -> any ClusterStore { try store(time: time, endpoints: endpoints) }

    func store(time: StoreTime, endpoints: [String]) throws -> any ClusterStore {
        try EtcdStore(
            endpoints: endpoints, prefix: "/weir/test/",
            authoritiesFile: endpoints[0].hasPrefix("https") ? scratch.path + "/certificate.pem" : nil, time: time)
    }

    /// One call of the gateway, as curl would make it.
    func call(_ path: String, _ body: String, endpoint: String? = nil) async throws -> [String: Any] {
        let scratch = try Scratch()
        try run(
            "curl", "-s", "-m", "5", "-o", scratch.path + "/answer", "-d", body, (endpoint ?? endpoints[0]) + path)
        let answer = try Data(contentsOf: URL(fileURLWithPath: scratch.path + "/answer"))
        return try JSONSerialization.jsonObject(with: answer) as? [String: Any] ?? [:]
    }
}

/// `fake_kubernetes.py`, each store with a token of its own.
final class FakeKubernetes: Plant {
    let server: Child
    let url: String
    let scratch: Scratch
    let haste = 3.0
    /// Its lease is 6 s; whoever waits for it looks again when it ends.
    let failoverMax = Duration.seconds(8)

    init(isSecure: Bool = false) throws {
        scratch = try Scratch()
        var arguments = [URL(fileURLWithPath: #filePath).deletingLastPathComponent().path + "/fake_kubernetes.py"]
        if isSecure {
            try scratch.makeCertificate()
            arguments += [scratch.path + "/certificate.pem", scratch.path + "/key.pem"]
        }
        server = try Child("python3", arguments, readsLine: true)
        url = "\(isSecure ? "https" : "http")://127.0.0.1:\(server.firstLine)"
    }

    func store(time: StoreTime) throws -> any ClusterStore { try store(time: time, token: UUID().uuidString) }

    func store(time: StoreTime, token: String) throws -> KubernetesStore {
        try scratch.write(token, token + "\n")
        return try KubernetesStore(
            access: KubernetesAccess(
                server: url, namespace: "plant", tokenFile: scratch.path + "/" + token,
                authoritiesFile: url.hasPrefix("https") ? scratch.path + "/certificate.pem" : nil),
            prefix: "weir-test-", time: time)
    }

    /// Faults on demand; see the script.
    func control(_ body: String) throws { try run("curl", "-s", "-f", "-m", "5", "-d", body, url + "/control") }
}

/// A cluster that somebody started. Each plant has names of its own, so that none finds what another left.
final class RealKubernetes: Plant {
    private let prefix = "weir-\(UInt32.random(in: .min ... .max))-"
    let haste = 1.0
    let failoverMax = Duration.seconds(8)

    func store(time: StoreTime) throws -> any ClusterStore {
        let access = try KubernetesAccess(
            environment: ProcessInfo.processInfo.environment, accountDirectory: StoreKind.accountDirectory ?? "")
        return try KubernetesStore(access: access, prefix: prefix, time: time)
    }
}

/// Time for the stores of one process. A killed process does nothing any more, not even end its leases: its time stands.
final class ProcessTime: Sendable {
    private let haste: Double
    private let start = ContinuousClock.now
    private let killed = Flag()

    init(haste: Double) { self.haste = haste }

    func kill() { killed.raise() }

    var time: StoreTime {
        StoreTime(
            now: { (ContinuousClock.now - self.start) * self.haste },
            sleep: { duration in
                try? await Task.sleep(for: duration / self.haste)
                while self.killed.isRaised, !Task.isCancelled { try? await Task.sleep(for: .seconds(3600)) }
            })
    }
}

final class Flag: @unchecked Sendable {
    private let lock = NSLock()
    private var value = false

    func raise() { lock.withLock { value = true } }
    var isRaised: Bool { lock.withLock { value } }
}
