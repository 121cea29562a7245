// Which share of the shards an answer holds. A missing shard never becomes a smaller number in silence: whoever asks queries
// on behalf of a client collects here what they could not get, and tells the client.

internal import Synchronization

package final class Completeness: Sendable {
    /// Of the request that is being answered; nil where nobody wants to know.
    @TaskLocal package static var current: Completeness?

    package struct Share: Hashable, Sendable {
        /// Shards whose part is in the answer, of all there are.
        package var answered: Int, all: Int
        /// Of those answered, shards that lost their counts a short while ago.
        package var warming: Int
        package var isComplete: Bool { answered == all }
    }

    private let state = Mutex<Share?>(nil)

    package init() {}

    /// Of the queries so far the least complete; nil before the first.
    package var share: Share? { state.withLock { $0 } }

    func note(answered: Int, of all: Int, warming: Int) {
        state.withLock { share in
            if let known = share, known.all - known.answered >= all - answered { return }
            share = Share(answered: answered, all: all, warming: warming)
        }
    }
}
