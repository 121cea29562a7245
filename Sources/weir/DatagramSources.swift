// Where datagrams come from, as the settings say: a socket, a capture, or the simulated fabric. The same for a single process
// and for an ingest node.

internal import Bytes
internal import Capture
internal import Datagrams
internal import Ingest
internal import Logging
internal import Settings

struct DatagramSources {
    private let settings: Settings
    private let logger: Logger

    init(_ settings: Settings, logger: Logger) {
        self.settings = settings
        self.logger = logger
    }

    /// - Parameter onReplayed: told when a capture is through.
    /// - Returns: the source, and the port that it listens on or `none`.
    func open(
        into sink: any DatagramSink, clock: StateClock, counters: IngestCounters,
        onReplayed: @escaping @Sendable (ReplaySource.Report) -> Void
    ) throws -> (any DatagramSource, String) {
        if let path = settings.replay {
            let replay = try ReplaySource(
                replayConfiguration(path), sink: sink, clock: clock, counters: counters, onEnd: onReplayed)
            return (replay, "none")
        }
        if settings.demo {
            return (try DemoSource(FabricConfiguration(), sink: sink, counters: counters), "none")
        }
        var configuration = UDPReceiver.Configuration(
            address: settings.sflowAddress.flatMap { IPAddress($0) }, port: settings.sflowPort)
        configuration.sockets = settings.sflowSockets
        configuration.sharesPort = settings.sflowPortShared
        configuration.receiveBufferBytes = settings.sflowRcvbuf
        let receiver = try UDPReceiver(configuration, sink: sink, counters: counters)
        if receiver.receiveBufferBytes < settings.sflowRcvbuf {
            logger.warning(
                "The receive buffer is smaller than asked for: raise net.core.rmem_max, or grant CAP_NET_ADMIN",
                metadata: ["granted": "\(receiver.receiveBufferBytes)", "asked": "\(settings.sflowRcvbuf)"])
        }
        logger.notice("Listening, sFlow port \(receiver.port)")
        return (receiver, "\(receiver.port)")
    }

    private func replayConfiguration(_ path: String) -> ReplaySource.Configuration {
        let pace: ReplaySource.Pace =
            switch settings.replayPace {
            case .recorded: .recorded
            case .fast: .fast
            }
        let end: ReplaySource.End =
            switch settings.replayEnd {
            case .loop: .loop
            case .hold: .hold
            case .exit: .exit
            }
        return ReplaySource.Configuration(path: path, pace: pace, end: end)
    }
}

extension EndOfService {
    /// Says that a capture is through, as far as it could be read, and ends the service if it was for that alone.
    func replayed(_ report: ReplaySource.Report, datagrams: UInt64) {
        let refused = report.frames.frames - report.frames.datagrams - report.frames.fragmentsHeld
        say(
            "replayed file=\(report.path) packets=\(report.frames.frames) datagrams=\(datagrams)"
                + " refused=\(refused) fragments=\(report.frames.fragmentsHeld) at=\(report.time / 1_000_000)\n")
        if report.end == .exit {
            end(EndReason(description: "the capture is through", error: report.error))
        } else if let error = report.error {
            complain("\(error)")
        }
    }
}

/// From the stamp of a datagram's arrival to its executor it takes less. Unit: nanoseconds.
let arrivalDelayNanoseconds: Int64 = 2_000_000_000
