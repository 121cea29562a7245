// What the server counts, and the gauges from which it enforces its server-wide limits. One object shared by all
// connections; atomics, because connections live on several threads.

internal import NIOCore
private import Synchronization

/// A moment's view of the counters. Messages and bytes are both directions of all connections since the start.
package struct HTTPServerCounters: Sendable, Hashable {
    package var connectionsCurrent = 0
    package var connectionsTotal = 0
    package var requestsInFlight = 0
    package var bufferedBodyBytes = 0
    /// Complete requests handed to the responder.
    package var messagesReceived = 0
    /// Responses handed to the network in full.
    package var messagesSent = 0
    package var bytesReceived = 0
    package var bytesSent = 0
    /// What was turned away; every reason is present.
    package var refused: [HTTPRefusal: Int] = [:]

    /// Of a server that has not done anything.
    package static let none = HTTPServerCounters()
}

/// Why a connection or request was turned away.
package enum HTTPRefusal: Int, CaseIterable, Sendable {
    /// Over ``HTTPServerConfiguration/maxConnections``: closed at once.
    case tooManyConnections
    /// Over ``HTTPServerConfiguration/maxRequests`` or ``HTTPServerConfiguration/maxBufferedBodyBytes``: 503.
    case overloaded
    /// 431.
    case headerTooLarge
    /// 413.
    case bodyTooLarge
    /// 400, 505, or an HTTP/2 connection error.
    case malformed
    /// Too slow in sending (408) or in reading, or a node that has stopped answering (closed).
    case timeout
    /// No TLS, or not with a certificate that is trusted.
    case tls

    /// Name for metric labels.
    package var label: String { "\(self)" }
}

/// The live counters.
final class ServerLoad: Sendable {
    private let connections = Atomic<Int>(0)
    private let connectionsTotal = Atomic<Int>(0)
    private let requests = Atomic<Int>(0)
    private let bodyBytes = Atomic<Int>(0)
    private let received = Atomic<Int>(0)
    private let sent = Atomic<Int>(0)
    private let receivedBytes = Atomic<Int>(0)
    private let sentBytes = Atomic<Int>(0)
    private let quietPromise = Mutex<EventLoopPromise<Void>?>(nil)
    private let refusals = Mutex([Int](repeating: 0, count: HTTPRefusal.allCases.count))

    func add(received bytes: Int) { receivedBytes.wrappingAdd(bytes, ordering: .relaxed) }
    func add(sent bytes: Int) { sentBytes.wrappingAdd(bytes, ordering: .relaxed) }
    func messageReceived() { received.wrappingAdd(1, ordering: .relaxed) }
    func messageSent() { sent.wrappingAdd(1, ordering: .relaxed) }
    func refuse(_ reason: HTTPRefusal) { refusals.withLock { $0[reason.rawValue] += 1 } }

    /// False, and nothing taken, at the limit.
    func openConnection(limit: Int) -> Bool {
        guard Self.take(1, from: connections, limit: limit) else { return false }
        connectionsTotal.wrappingAdd(1, ordering: .relaxed)
        return true
    }

    func closeConnection() { connections.wrappingSubtract(1, ordering: .relaxed) }

    func takeRequest(limit: Int) -> Bool { Self.take(1, from: requests, limit: limit) }
    func takeBody(bytes: Int, limit: Int) -> Bool { Self.take(bytes, from: bodyBytes, limit: limit) }

    func giveBack(requests requestCount: Int, bodyBytes byteCount: Int) {
        bodyBytes.wrappingSubtract(byteCount, ordering: .relaxed)
        let left = requests.wrappingSubtract(requestCount, ordering: .sequentiallyConsistent).newValue
        if left == 0 { quietPromise.withLock { $0.take() }?.succeed() }
    }

    /// Keeps the promise as soon as no request is under way. One promise at a time.
    func whenQuiet(_ promise: EventLoopPromise<Void>) {
        quietPromise.withLock { $0 = promise }
        if requests.load(ordering: .sequentiallyConsistent) == 0 { quietPromise.withLock { $0.take() }?.succeed() }
    }

    private static func take(_ amount: Int, from gauge: borrowing Atomic<Int>, limit: Int) -> Bool {
        if gauge.wrappingAdd(amount, ordering: .relaxed).newValue <= limit { return true }
        gauge.wrappingSubtract(amount, ordering: .relaxed)
        return false
    }

    var snapshot: HTTPServerCounters {
        let refused = refusals.withLock { $0 }
        return HTTPServerCounters(
            connectionsCurrent: connections.load(ordering: .relaxed),
            connectionsTotal: connectionsTotal.load(ordering: .relaxed),
            requestsInFlight: requests.load(ordering: .relaxed),
            bufferedBodyBytes: bodyBytes.load(ordering: .relaxed),
            messagesReceived: received.load(ordering: .relaxed),
            messagesSent: sent.load(ordering: .relaxed),
            bytesReceived: receivedBytes.load(ordering: .relaxed),
            bytesSent: sentBytes.load(ordering: .relaxed),
            refused: Dictionary(uniqueKeysWithValues: HTTPRefusal.allCases.map { ($0, refused[$0.rawValue]) }))
    }
}

/// One request's share of the server-wide limits, given back when the last holder lets go: the connection while the
/// request arrives, then the task that answers it, even if its client has gone meanwhile.
final class RequestTicket: Sendable {
    private let load: ServerLoad
    private let configuration: HTTPServerConfiguration
    private let bodyBytes = Atomic<Int>(0)

    /// Nil when the server is at ``HTTPServerConfiguration/maxRequests``.
    init?(load: ServerLoad, configuration: HTTPServerConfiguration) {
        guard load.takeRequest(limit: configuration.maxRequests) else { return nil }
        self.load = load
        self.configuration = configuration
    }

    /// Reserves memory for a piece of the body; false when the server holds too much already.
    func reserve(bodyBytes count: Int) -> Bool {
        guard load.takeBody(bytes: count, limit: configuration.maxBufferedBodyBytes) else { return false }
        bodyBytes.wrappingAdd(count, ordering: .relaxed)
        return true
    }

    deinit {
        load.giveBack(requests: 1, bodyBytes: bodyBytes.load(ordering: .relaxed))
    }
}
