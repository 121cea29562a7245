// The store of fleets outside Kubernetes: etcd 3.4 and later, through its JSON gateway.

internal import Definitions

package final class EtcdStore: ClusterStore {
    /// What etcd takes in a request by default is 1.5 MiB, and Base64 does not count.
    private static let valueBytesMax = 1 << 20

    /// Enough for etcd to notice that its leader is gone and to elect another: 1 to 2 s with its default settings.
    private static let patience = Duration.seconds(5)

    private let prefix: String
    private let web: WebClient
    private let endpoints: Endpoints
    private let time: StoreTime

    /// - Parameters:
    ///   - servers: `http://HOST:PORT` or `https://HOST:PORT`, at least one.
    ///   - prefix: of all keys, `/weir/CLUSTER/`.
    ///   - authoritiesFile: certificates in PEM to check https servers against; nil: those of the system.
    package init(
        endpoints servers: [String], prefix: String, authoritiesFile: String? = nil, time: StoreTime = .real
    ) throws(StoreFault) {
        guard !servers.isEmpty else { throw StoreFault(.rejected, "an etcd store needs at least one endpoint") }
        web = try WebClient(authoritiesFile: authoritiesFile, time: time)
        endpoints = Endpoints(servers)
        self.prefix = prefix
        self.time = time
    }

    package func close() async { await web.close() }

    package func read(_ key: String) async throws(StoreFault) -> StoredValue? {
        try StoreKey.check(key)
        return try await gateway(patience: EtcdStore.patience).range(prefix + key).entry?.value
    }

    package func write(
        _ key: String, _ value: [UInt8], expecting expected: Revision?
    ) async throws(StoreFault) -> Revision {
        try StoreKey.check(key)
        guard value.count <= EtcdStore.valueBytesMax else {
            throw StoreFault(.tooLarge, "\(key) has \(value.count) bytes; etcd keeps at most \(EtcdStore.valueBytesMax)")
        }
        guard let modRevision = Int64(expected?.text ?? "0") else {
            throw StoreFault(.rejected, "\(shown(expected?.text ?? "")) is no revision of etcd")
        }
        let revision = try await gateway(patience: EtcdStore.patience).put(prefix + key, value, expecting: modRevision)
        return Revision(String(revision))
    }

    package func watch(_ key: String) -> AsyncStream<StoreUpdate> {
        let (gateway, fullKey) = (gateway(patience: .seconds(1)), prefix + key)
        return Following(
            recheckInterval: .seconds(5), vainPause: .milliseconds(200), time: time,
            read: { () throws(StoreFault) in
                try StoreKey.check(key)
                let (entry, revision) = try await gateway.range(fullKey)
                return Sighting(value: entry?.value, position: String(revision))
            },
            change: { sighting throws(StoreFault) in
                try await gateway.awaitChange(fullKey, after: Int64(sighting.position) ?? 0)
            }
        ).updates()
    }

    package func campaign(_ candidate: Candidate) -> AsyncStream<Leadership> {
        // Two requests fit in what is left of a lease when one endpoint hangs, and the next turn tries again anyway.
        let gateway = gateway(patience: .milliseconds(750), deadline: .milliseconds(700))
        return EtcdElection(candidate, key: prefix + "leader", gateway: gateway, time: time).leadership(time: time)
    }

    private func gateway(patience: Duration, deadline: Duration = .seconds(1)) -> EtcdGateway {
        EtcdGateway(
            web: web, endpoints: endpoints, deadline: deadline,
            repeated: Persistence(patience: patience, pause: .milliseconds(100), time: time))
    }
}

/// Who leads is who made the key `leader`; the key lives as long as its lease. The term is the revision at which the key was
/// made, which grows with every change in etcd.
actor EtcdElection: Election {
    /// etcd's minimum with its default settings is 2 s. It looks for expired leases each 0.5 s.
    private static let leaseSeconds = 3
    /// A leader stops this long after it sent the last renewal that was granted: before the lease ends.
    private static let beliefTime = Duration.milliseconds(2500)
    private static let leaderPause = Duration.seconds(1)
    /// With lease and expiry this keeps a failover under 4.5 s.
    private static let followerPause = Duration.milliseconds(500)

    private let candidate: Candidate
    private let key: String
    private let gateway: EtcdGateway
    private let time: StoreTime
    private var lease: Int64?

    init(_ candidate: Candidate, key: String, gateway: EtcdGateway, time: StoreTime) {
        (self.candidate, self.key, self.gateway, self.time) = (candidate, key, gateway, time)
    }

    func turn() async throws(StoreFault) -> ElectionTurn {
        var sentAt = time.now()
        if let held = lease, try await !gateway.keepAlive(held) { lease = nil }
        if let entry = try await gateway.range(key).entry { return standing(entry, sentAt) }
        let held: Int64
        if let lease {
            held = lease
        } else {
            sentAt = time.now()
            held = try await gateway.grant(time: EtcdElection.leaseSeconds)
            // Kept before it is used: a write that seems to fail may still make the key with this lease.
            lease = held
        }
        do throws(StoreFault) {
            let term = try await gateway.put(key, candidate.json.bytes(indent: 0), lease: held, expecting: 0)
            return mine(term, sentAt)
        } catch where error.reason == .conflict {
            guard let entry = try await gateway.range(key).entry else { throw error }
            return standing(entry, sentAt)
        }
    }

    func resign() async {
        guard let lease else { return }
        self.lease = nil
        // Without an answer the lease ends by itself.
        try? await gateway.revoke(lease)
    }

    private func standing(_ entry: EtcdEntry, _ sentAt: Duration) -> ElectionTurn {
        if let lease, entry.lease == lease { return mine(entry.createRevision, sentAt) }
        // Whatever the key holds, somebody leads; a leader that cannot be named is none to turn to.
        let leader = try? Candidate(AnswerReader(entry.value.bytes, source: key))
        return ElectionTurn(
            standing: .others(leader: leader, term: entry.createRevision), pause: EtcdElection.followerPause)
    }

    private func mine(_ term: Int64, _ sentAt: Duration) -> ElectionTurn {
        ElectionTurn(
            standing: .mine(term: term, until: sentAt + EtcdElection.beliefTime), pause: EtcdElection.leaderPause)
    }
}
