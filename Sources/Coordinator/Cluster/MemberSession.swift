// One member's open stream, as the leader writes to it: orders wait here, in order, for the stream to take them.

internal import Cluster
internal import Synchronization

final class MemberSession: Sendable {
    let connection: UInt64
    let role: MemberRole
    let orders: AsyncStream<MemberOrder>
    private let queue: AsyncStream<MemberOrder>.Continuation
    private let isReleased = Atomic<Bool>(false)
    private let sentEpoch = Mutex<UInt64>(0)

    init(connection: UInt64, role: MemberRole) {
        self.connection = connection
        self.role = role
        (orders, queue) = AsyncStream.makeStream(of: MemberOrder.self)
    }

    func send(_ order: MemberOrder) { queue.yield(order) }

    /// Each map once.
    func sendMap(_ map: ShardMap) {
        let isNew = sentEpoch.withLock { sent in
            guard map.epoch > sent else { return false }
            sent = map.epoch
            return true
        }
        if isNew { queue.yield(.map(map)) }
    }

    /// The member may go; said once.
    func release() { if !isReleased.exchange(true, ordering: .relaxed) { queue.yield(.released) } }

    func end() { queue.finish() }
}
