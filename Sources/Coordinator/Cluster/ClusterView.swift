// What a coordinator knows of the cluster, leading or not: the map that queries go by, the connections to workers, and where
// the clock of the sources stands.

package import Cluster
package import ClusterMember
package import Datagrams
package import Queries
internal import Synchronization
package import Transport

/// The cluster as its leader sees it, for people.
package struct ClusterSnapshot: Sendable {
    package struct Member: Sendable {
        package let join: Join
        package let address: String
        package let state: Membership.State
        package let silenceMilliseconds: Int64
        package let heartbeat: Heartbeat
    }

    /// Name of the leading coordinator.
    package let leader: String
    package let map: ShardMap
    package let isFrozen: Bool
    /// Shards one copy of which lacks something, and copies made again for that by this leader.
    package let shortShards: Int, copiesMended: Int
    package let definitionsVersion: UInt64
    /// By name.
    package let members: [Member]
}

package final class ClusterView: Sendable {
    package let clock: StateClock
    private let peers: PeerDialer
    /// What the streams to other nodes count.
    package var counters: PeerCounters { peers.counters }
    private let state = Mutex(State())

    /// Two counter samples have come by then at the intervals that are usual.
    private static let warmingTime = Duration.seconds(60)
    /// Longer than any question waits.
    private static let lingering = Duration.seconds(5)

    private struct State {
        var map: ShardMap?
        var hosts = HostSet(hosts: [], shardCount: 0)
        var clients: [String: PeerClient] = [:]
        var snapshot: ClusterSnapshot?
        var name = ""
        /// When this coordinator heard of maps in which counts were lost, by epoch.
        var losses: [UInt64: ContinuousClock.Instant] = [:]
    }

    /// - Parameter clock: follows the captures that ingest nodes replay.
    package init(clock: StateClock, peers: PeerDialer) {
        self.clock = clock
        self.peers = peers
    }

    /// The hosts that a query asked now goes to.
    package var hosts: HostSet {
        state.withLock { state in
            state.losses = state.losses.filter { $0.value.duration(to: .now) < ClusterView.warmingTime }
            guard !state.losses.isEmpty, let map = state.map else { return state.hosts }
            var hosts = state.hosts
            hosts.warmingCount = map.owners.count { state.losses[$0.lostIn] != nil }
            return hosts
        }
    }
    package var map: ShardMap? { state.withLock { $0.map } }
    /// nil where nobody leads, or another coordinator does.
    package var snapshot: ClusterSnapshot? { state.withLock { $0.snapshot } }

    /// Of this coordinator.
    package var name: String {
        get { state.withLock { $0.name } }
        set { state.withLock { $0.name = newValue } }
    }

    func note(_ snapshot: ClusterSnapshot?) { state.withLock { $0.snapshot = snapshot } }

    func note(_ time: SourceTime) {
        guard time.isCapture else { return }
        clock.follow(capture: time.watermark)
    }

    /// Goes by a newer map.
    func adopt(_ map: ShardMap) {
        let unused = state.withLock { state -> [PeerClient] in
            guard map.epoch > state.map?.epoch ?? 0 || state.map == nil else { return [] }
            state.map = map
            if map.owners.contains(where: { $0.lostIn == map.epoch }) { state.losses[map.epoch] = .now }
            var clients: [String: PeerClient] = [:]
            for worker in map.workers {
                clients[worker.address] = state.clients[worker.address] ?? client(to: worker.address)
            }
            let unused = state.clients.filter { clients[$0.key] == nil }.map(\.value)
            state.clients = clients
            state.hosts = HostSet(
                hosts: map.primaries.compactMap { worker, shards in
                    clients[worker.address].map { host(worker, shards, $0, in: map, clients) }
                },
                shardCount: map.shardCount, epoch: map.epoch)
            return unused
        }
        Task {
            // Questions that went by the map before are still on their way.
            try? await Task.sleep(for: ClusterView.lingering)
            for client in unused { await client.close() }
        }
    }

    private func client(to address: String) -> PeerClient? {
        PeerAddress(address).map(peers.client)
    }

    private func host(
        _ worker: ShardMap.Worker, _ shards: ShardSet, _ client: PeerClient, in map: ShardMap, _ clients: [String: PeerClient]
    ) -> RemoteShardHost {
        RemoteShardHost(
            client: client, name: worker.name, shards: shards, epoch: map.epoch,
            replicas: map.replicas(of: shards).compactMap { replica, shards in
                clients[replica.address].map {
                    RemoteShardHost(client: $0, name: replica.name, shards: shards, epoch: map.epoch, replicas: [])
                }
            })
    }

    package func close() async {
        for client in state.withLock({ $0.clients.values.map(\.self) }) { await client.close() }
    }
}
