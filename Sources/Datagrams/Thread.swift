// A thread of its own, for work that blocks or that owns state: receiving, replaying, and the shards' executors. None of
// them may occupy the threads that Swift's tasks run on.

internal import CSocket
internal import Glibc

/// Starts a detached thread. `name` is cut at 15 bytes, as the kernel wants it.
package func startThread(named name: String, _ body: @escaping @Sendable () -> Void) {
    final class Box: Sendable {
        let name: String
        let body: @Sendable () -> Void
        init(_ name: String, _ body: @escaping @Sendable () -> Void) { (self.name, self.body) = (name, body) }
    }
    let box = Unmanaged.passRetained(Box(String(name.prefix(15)), body))
    var thread = pthread_t()
    let status = pthread_create(&thread, nil, { argument in
        guard let argument else { return nil }
        let box = Unmanaged<Box>.fromOpaque(argument).takeRetainedValue()
        csocket_name_thread(box.name)
        box.body()
        return nil
    }, box.toOpaque())
    guard status == 0 else { fatalError("BUG: no thread for \(name): error \(status)") }
    pthread_detach(thread)
}
