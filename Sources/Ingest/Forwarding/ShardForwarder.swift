// Takes batches where a single process has its executors, and passes each datagram on to the workers that own its shard: the
// whole of what an ingest node does with a datagram.

package import Cluster
package import ClusterMember
package import Datagrams
package import Logging
internal import Synchronization
internal import Transport

package final class ShardForwarder: DatagramSink, Sendable {
    package struct Counters: Hashable, Sendable {
        /// Datagrams taken over, and copies of them passed on to workers: with replicas more.
        package var received: UInt64 = 0, passedOn: UInt64 = 0
        /// Copies that were left out since others of their shard stand for them: their worker has fallen behind.
        package var thinned: UInt64 = 0
        /// Copies that were dropped: nobody owns the shard, a worker's queue is full, or it was gone before it confirmed them.
        package var noOwner: UInt64 = 0, queueFull: UInt64 = 0, ownerGone: UInt64 = 0

        package init() {}

        fileprivate mutating func add(_ other: Counters) {
            received += other.received
            passedOn += other.passedOn
            noOwner += other.noOwner
            queueFull += other.queueFull
            thinned += other.thinned
            ownerGone += other.ownerGone
        }
    }

    package let shardCount: Int
    private let settings: WorkerLink.Settings
    private let peers: PeerDialer
    private let logger: Logger
    private let state = Mutex(State())
    private let hasMap = Semaphore()
    private let short = Mutex(ShortCopies())
    /// The number of the last message. Held while a batch goes to the workers' queues: it stands in all of them before the next.
    private let order = Mutex<UInt64>(0)
    /// Called when `settledEpoch` has grown.
    private let onSettled: @Sendable () -> Void

    private struct State {
        var routing: Routing?
        var isStopped = false
        var waitingThreads = 0
        var counters = Counters()
        var settledEpoch: UInt64 = 0
    }

    /// A map with its links, replaced whole.
    private final class Routing: Sendable {
        let map: ShardMap
        /// By place of the worker in the map.
        let links: [WorkerLink]

        init(map: ShardMap, links: [WorkerLink]) {
            self.map = map
            self.links = links
        }

        /// By place, what a batch takes of a message at most.
        func byteCounts(of envelopes: [Envelope]) -> [Int] {
            var byteCounts = Array(repeating: EnvelopeMessage.headerBytes, count: links.count)
            for envelope in envelopes {
                let owners = map.owners[envelope.shard]
                let byteCount = EnvelopeMessage.byteCount(of: envelope)
                if let place = owners.primary { byteCounts[place] += byteCount }
                if let place = owners.replica { byteCounts[place] += byteCount }
                if let place = owners.incoming { byteCounts[place] += byteCount }
            }
            return byteCounts
        }

        /// By place, where a worker does not get all that is its own: what each of these datagrams stands for there.
        func weights(of envelopes: [Envelope]) -> [[UInt8]?] {
            links.indices.map { place in
                links[place].weights(of: envelopes) { map.owners[$0].places.contains(place) }
            }
        }
    }

    /// - Parameters:
    ///   - name: of this process, for the workers' books.
    ///   - queueBytesMax: what a worker that has fallen behind may owe. Unit: bytes.
    ///   - waitsForRoom: whether a worker that has fallen behind holds up the source (a file) instead of losing datagrams.
    ///   - onSettled: called when `settledEpoch` has grown.
    package init(
        shardCount: Int, name: String, incarnation: UInt64, queueBytesMax: Int, waitsForRoom: Bool, peers: PeerDialer, logger: Logger,
        onSettled: @escaping @Sendable () -> Void = {}
    ) {
        self.onSettled = onSettled
        self.shardCount = shardCount
        settings = WorkerLink.Settings(name: name, incarnation: incarnation, queueBytesMax: queueBytesMax, shardCount: shardCount, waitsForRoom: waitsForRoom)
        self.peers = peers
        self.logger = logger
    }

    // MARK: The map

    package var epoch: UInt64 { state.withLock { $0.routing?.map.epoch ?? 0 } }

    /// Workers have taken in everything that was sent by maps older than this one.
    package var settledEpoch: UInt64 { state.withLock { $0.settledEpoch } }

    /// Goes by a newer map from now on. Workers that stay keep their queues.
    package func adopt(_ map: ShardMap) {
        guard map.shardCount == shardCount else { return }
        // Before the epoch is: whoever sees that sees what the map has mended.
        short.withLock { $0.adopt(map) }
        let (gone, waiting) = state.withLock { state -> ([WorkerLink], Int) in
            guard map.epoch > state.routing?.map.epoch ?? 0, !state.isStopped else { return ([], 0) }
            let old = state.routing?.links ?? []
            let links = map.workers.map { worker in
                old.first { $0.worker == worker } ?? WorkerLink(worker, settings, peers: peers, logger: logger)
            }
            state.routing = Routing(map: map, links: links)
            defer { state.waitingThreads = 0 }
            return (old.filter { link in !links.contains { $0 === link } }, state.waitingThreads)
        }
        for _ in 0..<waiting { hasMap.signal() }
        let lost = gone.reduce(0) { $0 + $1.close() }
        if lost > 0 { state.withLock { $0.counters.ownerGone += UInt64(lost) } }
        Task { await settle(map.epoch) }
    }

    /// Waits until what was sent by older maps is taken in, and says so.
    private func settle(_ epoch: UInt64) async {
        // Whoever goes by an older map still is in the midst of a batch, and has the order.
        let sent = order.withLock { _ in links.map { (link: $0, number: $0.lastNumber) } }
        for (link, number) in sent { await link.confirmed(upTo: number) }
        let isNew = state.withLock { state in
            defer { state.settledEpoch = max(epoch, state.settledEpoch) }
            return epoch > state.settledEpoch
        }
        if isNew { onSettled() }
    }

    // MARK: Datagrams

    package func accept(_ batch: DatagramBatch) {
        batch.startReading(by: 1)
        defer { batch.finishReading() }
        var counters = Counters()
        counters.received = UInt64(batch.envelopes.count)
        defer { state.withLock { $0.counters.add(counters) } }
        while true {
            // Datagrams that come before the first map wait for it: the batches are bounded, then so is the socket's buffer.
            guard let routing = waitForMap() else {
                counters.noOwner = counters.received
                return
            }
            var sorted = sort(batch, by: routing)
            for (link, message) in zip(routing.links, sorted.messages) where message.count > 0 {
                link.waitForRoom(forBytes: message.byteCount)
            }
            let (isSent, full) = order.withLock { number -> (Bool, [Int]) in
                // A newer map has come meanwhile: what is sent from now on goes by that.
                guard isCurrent(routing) else { return (false, []) }
                number += 1
                return (true, send(&sorted.messages, by: routing, number, &counters))
            }
            guard !isSent else {
                (counters.noOwner, counters.thinned) = (sorted.noOwner, sorted.thinned)
                for place in full { sorted.noteShort(of: batch.envelopes, at: place, by: routing) }
                noteShort(sorted.short, by: routing)
                return
            }
        }
    }

    private func isCurrent(_ routing: Routing) -> Bool { state.withLock { $0.routing === routing } }

    /// What a batch has for each worker, in messages.
    private struct Sorted {
        /// By place.
        var messages: [ForwardMessage]
        var noOwner: UInt64 = 0, thinned: UInt64 = 0
        /// By place, the shards of which the worker does not get what other owners get.
        var short: [Int: ShardSet] = [:]

        mutating func add(_ bytes: RawSpan, _ envelope: Envelope, to place: Int?, _ weights: [[UInt8]?], _ number: Int) {
            guard let place else { return }
            var envelope = envelope
            envelope.weight = weights[place]?[number] ?? 1
            if envelope.weight != 1 { short[place, default: ShardSet()].insert(envelope.shard) }
            if envelope.weight == 0 { thinned += 1 } else { messages[place].add(bytes, envelope) }
        }

        /// None of these gets to a worker.
        mutating func noteShort(of envelopes: [Envelope], at place: Int, by routing: Routing) {
            for envelope in envelopes where routing.map.owners[envelope.shard].places.contains(place) {
                short[place, default: ShardSet()].insert(envelope.shard)
            }
        }
    }

    private func sort(_ batch: DatagramBatch, by routing: Routing) -> Sorted {
        var sorted = Sorted(messages: routing.byteCounts(of: batch.envelopes).map(ForwardMessage.init))
        let weights = routing.weights(of: batch.envelopes)
        for (number, envelope) in batch.envelopes.enumerated() {
            let owners = routing.map.owners[envelope.shard]
            if owners.primary == nil { sorted.noOwner += 1 }
            batch.withBytes(of: envelope) { bytes in
                sorted.add(bytes, envelope, to: owners.primary, weights, number)
                sorted.add(bytes, envelope, to: owners.replica, weights, number)
                sorted.add(bytes, envelope, to: owners.incoming, weights, number)
            }
        }
        return sorted
    }

    private func noteShort(_ shards: [Int: ShardSet], by routing: Routing) {
        guard !shards.isEmpty else { return }
        let now = monotonicNow
        short.withLock { short in
            for (place, shards) in shards { short.note(shards, at: place, by: routing.map, now: now) }
        }
    }

    /// Copies of shards that were not sent all that others were.
    package var shortCopies: ShortReport { short.withLock { $0.report(now: monotonicNow) } }

    /// - Returns: places of the workers that have no room for it.
    private func send(
        _ messages: inout [ForwardMessage], by routing: Routing, _ number: UInt64, _ counters: inout Counters
    ) -> [Int] {
        var full: [Int] = []
        for place in messages.indices where messages[place].count > 0 {
            let count = UInt64(messages[place].count)
            let header = EnvelopeMessage.Header(kind: .datagrams, epoch: routing.map.epoch, number: number)
            if routing.links[place].offer(&messages[place], header) {
                counters.passedOn += count
            } else {
                counters.queueFull += count
                full.append(place)
            }
        }
        return full
    }

    private func waitForMap() -> Routing? {
        while true {
            let (routing, isStopped) = state.withLock { state in
                if state.routing == nil, !state.isStopped { state.waitingThreads += 1 }
                return (state.routing, state.isStopped)
            }
            if let routing { return routing }
            if isStopped { return nil }
            hasMap.wait()
        }
    }

    /// Tells the workers that nothing follows that arrived before an instant. Unit: nanoseconds since the Unix epoch.
    package func advance(to time: Int64) {
        guard let routing = state.withLock({ $0.routing }) else { return }
        order.withLock { number in
            number += 1
            for link in routing.links {
                var message = ForwardMessage()
                _ = link.offer(&message, EnvelopeMessage.Header(kind: .time, epoch: routing.map.epoch, number: number, time: time))
            }
        }
    }

    // MARK: Books

    package var counters: Counters { state.withLock { $0.counters } }

    /// Copies that wait to be sent or confirmed.
    package var waitingCount: Int { links.reduce(0) { $0 + $1.waitingCount } }

    /// How old what waits for workers is at most: so far behind are the slowest worker's tables. Zero when nothing waits.
    package var lag: Duration { links.compactMap(\.waitingSince).min().map { $0.duration(to: .now) } ?? .zero }

    private var links: [WorkerLink] { state.withLock { $0.routing?.links ?? [] } }

    /// Waits until the workers have taken in everything.
    package func drain() async { for link in links { await link.confirmed(upTo: link.lastNumber) } }

    /// Nobody waits for a map any more: the source is about to stop.
    package func stopHolding() {
        let waiting = state.withLock { state in
            state.isStopped = true
            return state.waitingThreads
        }
        for _ in 0..<waiting { hasMap.signal() }
    }

    /// Ends all links. What workers have not confirmed by then is counted as lost.
    package func stop() {
        stopHolding()
        let lost = links.reduce(0) { $0 + $1.close() }
        state.withLock { $0.counters.ownerGone += UInt64(lost) }
    }
}
