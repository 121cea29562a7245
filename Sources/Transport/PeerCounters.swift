// What message streams count. One object may serve all clients and servers of a process, so that its owner reads one sum.

private import Synchronization

package final class PeerCounters: Sendable {
    /// Of the streams below one path prefix, both sides, since the start.
    package struct Traffic: Sendable, Hashable {
        package var streamsCurrent = 0
        package var streamsTotal = 0
        package var messagesReceived = 0
        package var messagesSent = 0
        /// As they lie in the streams: packed, with the messages' headers.
        package var bytesReceived = 0
        package var bytesSent = 0
    }

    /// A moment's view.
    package struct Snapshot: Sendable, Hashable {
        /// By path prefix: the first two components, such as `/weir/member`.
        package var traffic: [String: Traffic] = [:]
        /// Streams that failed or never came to be, by reason; every reason is present.
        package var failures: [PeerError.Reason: Int] = [:]
    }

    /// Prefixes beyond this share the last one, `other`. A node knows under ten.
    private static let prefixesMax = 32

    private struct State {
        var traffic: [String: TrafficCounter] = [:]
        var failures: [PeerError.Reason: Int] = [:]
    }

    private let state = Mutex(State())

    package init() {}

    package var snapshot: Snapshot {
        state.withLock { state in
            let failures = PeerError.Reason.allCases.map { ($0, state.failures[$0, default: 0]) }
            return Snapshot(traffic: state.traffic.mapValues(\.value), failures: Dictionary(uniqueKeysWithValues: failures))
        }
    }

    func failed(_ reason: PeerError.Reason) { state.withLock { $0.failures[reason, default: 0] += 1 } }

    func traffic(path: String) -> TrafficCounter {
        let components = path.split(separator: "/", maxSplits: 2, omittingEmptySubsequences: true).prefix(2)
        let prefix = "/" + components.joined(separator: "/")
        return state.withLock { state in
            let key = state.traffic[prefix] != nil || state.traffic.count < Self.prefixesMax ? prefix : "other"
            if let counter = state.traffic[key] { return counter }
            let counter = TrafficCounter()
            state.traffic[key] = counter
            return counter
        }
    }
}

final class TrafficCounter: Sendable {
    private let streamsCurrent = Atomic<Int>(0)
    private let streamsTotal = Atomic<Int>(0)
    private let messagesReceived = Atomic<Int>(0)
    private let messagesSent = Atomic<Int>(0)
    private let bytesReceived = Atomic<Int>(0)
    private let bytesSent = Atomic<Int>(0)

    func opened() {
        streamsCurrent.wrappingAdd(1, ordering: .relaxed)
        streamsTotal.wrappingAdd(1, ordering: .relaxed)
    }

    func closed() { streamsCurrent.wrappingSubtract(1, ordering: .relaxed) }
    func received(bytes count: Int) { bytesReceived.wrappingAdd(count, ordering: .relaxed) }
    func receivedMessage() { messagesReceived.wrappingAdd(1, ordering: .relaxed) }

    func sent(_ message: FramedMessage) {
        messagesSent.wrappingAdd(1, ordering: .relaxed)
        bytesSent.wrappingAdd(message.framedBytes, ordering: .relaxed)
    }

    var value: PeerCounters.Traffic {
        PeerCounters.Traffic(
            streamsCurrent: streamsCurrent.load(ordering: .relaxed), streamsTotal: streamsTotal.load(ordering: .relaxed),
            messagesReceived: messagesReceived.load(ordering: .relaxed), messagesSent: messagesSent.load(ordering: .relaxed),
            bytesReceived: bytesReceived.load(ordering: .relaxed), bytesSent: bytesSent.load(ordering: .relaxed))
    }
}
