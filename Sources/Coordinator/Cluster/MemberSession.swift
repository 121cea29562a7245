// One member's open stream, as the leader writes to it: orders wait here, in order, for the stream to take them.

internal import Cluster
internal import Synchronization

final class MemberSession: Sendable {
    let connection: UInt64
    let role: MemberRole
    let orders: AsyncStream<MemberOrder>
    private let queue: AsyncStream<MemberOrder>.Continuation
    private let isReleased = Atomic<Bool>(false)
    private let sent = Mutex(Sent())

    /// The newest epochs told.
    private struct Sent {
        var map: UInt64 = 0, settled: UInt64 = 0
    }

    init(connection: UInt64, role: MemberRole) {
        self.connection = connection
        self.role = role
        (orders, queue) = AsyncStream.makeStream(of: MemberOrder.self)
    }

    func send(_ order: MemberOrder) { queue.yield(order) }

    /// Each map once.
    func sendMap(_ map: ShardMap) {
        if isNew(map.epoch, \.map) { queue.yield(.map(map)) }
    }

    /// Each epoch once.
    func sendSettled(_ epoch: UInt64) {
        if isNew(epoch, \.settled) { queue.yield(.settled(epoch: epoch)) }
    }

    private func isNew(_ epoch: UInt64, _ last: WritableKeyPath<Sent, UInt64>) -> Bool {
        sent.withLock { sent in
            defer { sent[keyPath: last] = max(epoch, sent[keyPath: last]) }
            return epoch > sent[keyPath: last]
        }
    }

    /// The member may go; said once.
    func release() { if !isReleased.exchange(true, ordering: .relaxed) { queue.yield(.released) } }

    func end() { queue.finish() }
}
