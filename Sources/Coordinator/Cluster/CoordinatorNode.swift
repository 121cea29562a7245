// A coordinator of a cluster, leading or following, as the store decides: the leader watches over the members; the others go by
// the map and the definitions that it keeps in the store, answer queries with them, and send everything else to it.

package import Cluster
package import ClusterMember
package import ClusterStore
package import Definitions
package import Logging
package import NIOCore
internal import Transport
internal import Wire

package actor CoordinatorNode {
    package struct Configuration: Sendable {
        package var candidate: Candidate
        package var membership: Membership.Configuration
        package var terms: ClusterTerms
        /// Definitions that are put on top of the kept ones whenever this coordinator begins to lead.
        package var defineFile: String?

        package init(candidate: Candidate, membership: Membership.Configuration, terms: ClusterTerms, defineFile: String?) {
            self.defineFile = defineFile
            self.candidate = candidate
            self.membership = membership
            self.terms = terms
        }
    }

    private let configuration: Configuration
    private let store: any ClusterStore
    private let definitions: DefinitionService
    private let events: EventLog
    private let view: ClusterView
    private let group: any EventLoopGroup
    private let logger: Logger
    private var role = Role.none
    /// About to lead: its definitions are being loaded.
    private var starting: ClusterLeader?
    private var work: Task<Void, Never>?

    private enum Role {
        /// The store does not say who leads.
        case none
        case leading(ClusterLeader)
        case following(PeerAddress, PeerClient)
    }

    package init(
        _ configuration: Configuration, store: any ClusterStore, definitions: DefinitionService, events: EventLog,
        view: ClusterView, group: any EventLoopGroup, logger: Logger
    ) {
        self.configuration = configuration
        self.store = store
        self.definitions = definitions
        self.events = events
        self.view = view
        self.group = group
        self.logger = logger
    }

    /// The leader, if it is this one.
    var leader: ClusterLeader? { if case .leading(let leader) = role { leader } else { nil } }

    package var isLeading: Bool { leader != nil }

    /// Where the leader's cluster port is, if it is another one.
    package var leaderAddress: PeerAddress? { if case .following(let address, _) = role { address } else { nil } }

    /// The connection to the leader, if it is another one.
    var leaderClient: PeerClient? { if case .following(_, let client) = role { client } else { nil } }

    /// Takes part until the task is cancelled.
    package func run() async {
        for await leadership in store.campaign(configuration.candidate) {
            switch leadership {
            case .leading(let term): await lead(term: term)
            case .following(let leader, _): await follow(leader)
            case .unknown(let fault):
                logger.error("The store does not answer: ownership stays as it is", metadata: ["why": "\(fault.message)"])
                await rest()
            }
        }
        await rest()
    }

    /// Sends definitions to all workers, if this coordinator leads; returns when they have them.
    package func spread(_ set: DefinitionSet) async {
        let document = set.document().bytes(indent: 0)
        if let starting { return await starting.begin(version: set.version, document: document) }
        await leader?.spread(version: set.version, document: document)
    }

    // MARK: Leading

    private func lead(term: Int64) async {
        if leader != nil { return }
        await rest()
        do {
            let leader = try ClusterLeader(
                name: configuration.candidate.name, configuration.membership, terms: configuration.terms, store: store,
                kept: try await store.read(ClusterLeader.mapKey), events: events, view: view, logger: logger)
            // Members are let in when there is something to tell them.
            starting = leader
            defer { starting = nil }
            try await definitions.start(defineFile: configuration.defineFile)
            role = .leading(leader)
            work = Task { await leader.run() }
            logger.notice("Leading", metadata: ["term": "\(term)"])
        } catch {
            logger.error("Cannot lead", metadata: ["why": "\(error)"])
        }
    }

    // MARK: Following

    private func follow(_ leader: Candidate?) async {
        await rest()
        if let leader, let address = PeerAddress(leader.address) {
            role = .following(
                address, PeerClient(.init(address, view.counters), group: group, logger: logger))
            logger.notice("Following", metadata: ["leader": "\(leader.name)", "address": "\(address)"])
        }
        work = Task { [store, view, definitions, logger] in
            await withTaskGroup(of: Void.self) { group in
                group.addTask {
                    for await case .value(let kept?) in store.watch(ClusterLeader.mapKey) {
                        guard let map = try? ShardMap(wireBytes: kept.bytes) else {
                            logger.error("The store holds a shard map that makes no sense")
                            continue
                        }
                        view.adopt(map)
                    }
                }
                group.addTask { 
                    for await case .value(let kept?) in store.watch(ClusterDefinitions.key) {
                        do {
                            try await definitions.adopt(try ClusterDefinitions.text(kept))
                        } catch {
                            logger.error("Definitions cannot be followed", metadata: ["why": "\(error)"])
                        }
                    }
                }
            }
        }
    }

    /// Leaves off whatever it was doing.
    private func rest() async {
        if case .following(_, let client) = role { Task { await client.close() } }
        role = .none
        work?.cancel()
        await work?.value
        work = nil
        view.note(nil as ClusterSnapshot?)
    }
}
