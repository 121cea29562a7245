// The store inside Kubernetes: each value is a ConfigMap of its own, gzip in its `binaryData`; the revision is the
// object's resourceVersion. The service account may list, watch, create and update ConfigMaps, and list, create and
// update Leases, in its namespace.

internal import Definitions
internal import NIOCore
internal import Transport

package final class KubernetesStore: ClusterStore {
    /// Kubernetes refuses a ConfigMap whose data exceed this ("ConfigMaps": 1 MiB).
    private static let packedBytesMax = 1 << 20
    /// What an answer may unpack to.
    private static let valueBytesMax = 16 << 20
    private static let member = "value.gz"
    /// Two requests of 2 s that hang, and a third.
    private static let patience = Duration.seconds(5)

    private let prefix: String
    private let web: WebClient
    private let access: KubernetesAccess
    private let time: StoreTime

    /// - Parameter prefix: of the names of all objects, `weir-CLUSTER-`.
    package init(access: KubernetesAccess, prefix: String, time: StoreTime = .real) throws(StoreFault) {
        web = try WebClient(authoritiesFile: access.authoritiesFile, time: time)
        self.access = access
        self.prefix = prefix
        self.time = time
    }

    package func close() async { await web.close() }

    package func read(_ key: String) async throws(StoreFault) -> StoredValue? {
        try await sighting(key).value
    }

    package func write(
        _ key: String, _ value: [UInt8], expecting expected: Revision?
    ) async throws(StoreFault) -> Revision {
        try StoreKey.check(key)
        let packed = try KubernetesStore.packed(value, key)
        let content = JSONValue.object([KubernetesStore.member: .string(Base64.text(packed))])
        return try await repeated { attempt throws(StoreFault) in
            do throws(StoreFault) {
                let object = try await api.store(
                    .configMap, prefix + key, at: expected?.text, ("binaryData", content))
                return Revision(object.resourceVersion)
            } catch where error.reason == .conflict {
                // The attempt before this one may have been it.
                if attempt > 0, let stored = try await read(key), stored.bytes == value, stored.revision != expected {
                    return stored.revision
                }
                throw .conflict(key)
            }
        }
    }

    package func watch(_ key: String) -> AsyncStream<StoreUpdate> {
        let (api, name) = (api, prefix + key)
        return Following(
            recheckInterval: .seconds(10), vainPause: .milliseconds(200), time: time,
            read: { () throws(StoreFault) in try await self.sighting(key) },
            change: { sighting throws(StoreFault) in
                try await api.awaitChange(.configMap, name, after: sighting.position)
            }
        ).updates()
    }

    package func campaign(_ candidate: Candidate) -> AsyncStream<Leadership> {
        let api = KubernetesAPI(web: web, access: access, deadline: .seconds(1))
        return KubernetesElection(candidate, name: prefix + "leader", api: api, time: time).leadership(time: time)
    }

    private var api: KubernetesAPI { KubernetesAPI(web: web, access: access, deadline: .seconds(2)) }

    private var repeated: Persistence {
        Persistence(patience: KubernetesStore.patience, pause: .milliseconds(300), time: time)
    }

    private func sighting(_ key: String) async throws(StoreFault) -> Sighting {
        try StoreKey.check(key)
        let (object, position) = try await repeated { _ throws(StoreFault) in try await api.find(.configMap, prefix + key) }
        guard let object else { return Sighting(value: nil, position: position) }
        guard let packed = try object.reader.object("binaryData")?.bytes(KubernetesStore.member) else {
            throw StoreFault(.damaged, "the ConfigMap \(prefix)\(key) has no \(KubernetesStore.member)")
        }
        let value = StoredValue(
            bytes: try KubernetesStore.unpacked(packed, prefix + key), revision: Revision(object.resourceVersion))
        return Sighting(value: value, position: position)
    }

    private static func packed(_ value: [UInt8], _ key: String) throws(StoreFault) -> [UInt8] {
        var packed = ByteBuffer()
        do throws(GzipError) {
            var compressor = try GzipCompressor(level: 6)
            compressor.compress(ByteBuffer(bytes: value), flush: .finish, into: &packed)
        } catch {
            throw StoreFault(.rejected, "\(key) cannot be compressed: \(error.reason.rawValue)")
        }
        guard packed.readableBytes <= packedBytesMax, value.count <= valueBytesMax else {
            throw StoreFault(
                .tooLarge, "\(key) has \(value.count) bytes, compressed \(packed.readableBytes), and a ConfigMap keeps at most "
                    + "\(packedBytesMax): define less, or use an etcd store")
        }
        return Array(buffer: packed)
    }

    private static func unpacked(_ packed: [UInt8], _ name: String) throws(StoreFault) -> [UInt8] {
        var value = ByteBuffer()
        var problem: String?
        do throws(GzipError) {
            var decompressor = try GzipDecompressor(maxOutputBytes: valueBytesMax)
            try decompressor.decompress(ByteBuffer(bytes: packed), into: &value)
            if !decompressor.isFinished { problem = "it ends too early" }
        } catch {
            problem = error.reason.rawValue
        }
        if let problem {
            throw StoreFault(.damaged, "the ConfigMap \(name) does not hold what was written: \(problem)")
        }
        return Array(buffer: value)
    }
}
