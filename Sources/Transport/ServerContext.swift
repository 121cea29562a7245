// What every connection of a server shares, and the timeouts in the unit connections count in.

internal import Logging
internal import NIOCore
private import Synchronization

struct ServerContext: Sendable {
    let configuration: HTTPServerConfiguration
    let semantics: HTTPSemantics
    let load: ServerLoad
    let timeouts: ConnectionTimeouts
    let logger: Logger
    /// Nil without TLS.
    let tls: PeerTLSContexts?
    private let misbehaving = Misbehaving()

    init(configuration: HTTPServerConfiguration, responder: any HTTPResponder, logger: Logger) {
        self.configuration = configuration
        semantics = HTTPSemantics(responder: responder, configuration: configuration)
        load = ServerLoad()
        timeouts = ConnectionTimeouts(configuration)
        self.logger = logger
        tls = configuration.tls.map { PeerTLSContexts($0, side: .server, logger: logger) }
    }

    /// Names a peer that misbehaves in the log, once a minute.
    func name(peer address: String?, _ offence: String) {
        let peer = address ?? "unknown"
        let nowSeconds = Double(NIODeadline.now().uptimeNanoseconds) / 1e9
        guard let swallowed = misbehaving.admit(peer, nowSeconds: nowSeconds) else { return }
        logger.info("a peer misbehaves", metadata: ["peer": "\(peer)", "offence": "\(offence)", "swallowed": "\(swallowed)"])
    }

    /// Counts a refusal and makes its response.
    func refusal(_ status: Int, method: String = "GET", because text: String? = nil) -> HTTPResponse {
        let (reason, message): (HTTPRefusal, String) = switch status {
        case 408: (.timeout, "the request took too long to arrive")
        case 413: (.bodyTooLarge, "the request body exceeds \(configuration.maxBodyBytes) bytes")
        case 431:
            (.headerTooLarge, "URL and header fields exceed \(configuration.maxHeaderBytes) bytes or \(configuration.maxHeaderFields) fields")
        case 503: (.overloaded, "too many requests at once, try again later")
        case 505: (.malformed, "the HTTP version is not supported")
        default: (.malformed, "the request is malformed")
        }
        load.refuse(reason)
        return semantics.refusal(status: status, message: text ?? message, method: method)
    }
}

/// Shared by all connections.
private final class Misbehaving: Sendable {
    private let throttle = Mutex(LogThrottle())

    func admit(_ peer: String, nowSeconds: Double) -> Int? {
        throttle.withLock { $0.admit(peer, nowSeconds: nowSeconds) }
    }
}

/// Timeouts as numbers of ticks. Each connection gets a tick at this interval and counts what has stood still for how
/// many: no timer is moved and no clock is read per request, and tests tick by hand.
struct ConnectionTimeouts: Sendable {
    let tick: TimeAmount
    let tickSeconds: Double
    let idleTicks: Int
    let headerTicks: Int
    let bodyTicks: Int
    let lingerTicks: Int

    init(_ configuration: HTTPServerConfiguration) {
        var shortest = min(
            configuration.idleTimeoutSeconds, configuration.requestHeaderTimeoutSeconds, configuration.requestBodyTimeoutSeconds)
        if configuration.streams != nil {
            shortest = min(
                shortest, configuration.messageStreams.pingIntervalSeconds, configuration.messageStreams.pingTimeoutSeconds)
        }
        // A quarter of the shortest timeout is exact enough; a year bounds nonsense values.
        tickSeconds = min(max(shortest / 4, 0.01), 1)
        let tickSeconds = tickSeconds
        func ticks(_ seconds: Double) -> Int { Int((min(max(seconds, 0.01), 31_536_000) / tickSeconds).rounded(.up)) }
        tick = .nanoseconds(Int64(tickSeconds * 1e9))
        idleTicks = ticks(configuration.idleTimeoutSeconds)
        headerTicks = ticks(configuration.requestHeaderTimeoutSeconds)
        bodyTicks = ticks(configuration.requestBodyTimeoutSeconds)
        lingerTicks = ticks(configuration.lingerSeconds)
    }
}

/// What the parts of a connection tell each other through its pipeline.
enum ConnectionEvent: Sendable {
    /// Inbound: another ``ConnectionTimeouts/tick`` has passed.
    case tick
    /// Outbound: send what is written, close the sending side, throw away input until the peer closes or
    /// ``HTTPServerConfiguration/lingerSeconds`` have passed.
    case linger
}
