// The open connections of a server, so that a shutdown can speak to each and wait for the last.

internal import NIOCore
private import Synchronization

final class ConnectionRegistry: Sendable {
    private struct State {
        var channels: [ObjectIdentifier: any Channel] = [:]
        var isDraining = false
        var emptied: EventLoopPromise<Void>?
    }

    private let state = Mutex(State())

    /// False once draining has begun. The channel leaves by itself when it closes.
    func insert(_ channel: any Channel) -> Bool {
        let id = ObjectIdentifier(channel)
        let isAccepted = state.withLock { state in
            if !state.isDraining { state.channels[id] = channel }
            return !state.isDraining
        }
        if isAccepted { channel.closeFuture.whenComplete { _ in self.remove(id) } }
        return isAccepted
    }

    private func remove(_ id: ObjectIdentifier) {
        let emptied = state.withLock { state in
            state.channels[id] = nil
            return state.channels.isEmpty ? state.emptied : nil
        }
        emptied?.succeed()
    }

    /// Lets no more in and tells each connection to finish what is under way.
    func drain() {
        let channels = state.withLock { state in
            state.isDraining = true
            return Array(state.channels.values)
        }
        for channel in channels { channel.pipeline.fireUserInboundEventTriggered(ChannelShouldQuiesceEvent()) }
    }

    func closeAll() {
        for channel in state.withLock({ Array($0.channels.values) }) { channel.close(promise: nil) }
    }

    /// Waits for the last connection to close, or for the deadline.
    func waitUntilEmpty(atMost time: TimeAmount, on loop: any EventLoop) async {
        let emptied = loop.makePromise(of: Void.self)
        let isEmpty = state.withLock { state in
            state.emptied = emptied
            return state.channels.isEmpty
        }
        if isEmpty { emptied.succeed() }
        let deadline = loop.scheduleTask(in: time) { emptied.succeed() }
        try? await emptied.futureResult.get()
        deadline.cancel()
    }
}
