// A thread that waits for work. The standard library's Synchronization has locks but nothing to wait with.

internal import Dispatch

package final class Semaphore: Sendable {
    private let semaphore = DispatchSemaphore(value: 0)

    package init() {}

    package func signal() { semaphore.signal() }
    package func wait() { semaphore.wait() }
}
