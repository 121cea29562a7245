// A capture file in place of the network: at the pace it was recorded, or as fast as the shards take it in, then on the
// capture's own clock.

internal import Bytes
package import Capture
package import Datagrams
internal import CSocket
internal import Synchronization

package final class ReplaySource: DatagramSource, Sendable {
    package enum Pace: Sendable { case recorded, fast }
    package enum End: Sendable { case loop, hold, exit }

    package struct Configuration: Sendable {
        package var path: String
        package var pace: Pace
        package var end: End

        package init(path: String, pace: Pace, end: End) {
            self.path = path
            self.pace = pace
            self.end = end
        }
    }

    /// What became of one pass through the file.
    package struct Report: Sendable {
        package let path: String
        package let frames: FrameCounters
        /// The state's clock after the last frame. Unit: nanoseconds since the Unix epoch.
        package let time: Int64
        package let end: End
        /// What stopped the reading before the file's end, nil when nothing did.
        package let error: CaptureError?
    }

    private let configuration: Configuration
    private let reader: Mutex<DatagramReader?>
    private let sink: any DatagramSink
    private let clock: StateClock
    private let counters: IngestCounters
    private let onEnd: @Sendable (Report) -> Void
    private let stopSignal = StopSignal()
    private let finished = Semaphore()

    /// Opens the file. `onEnd` is called on the replay's thread when the file is through for good: not between the rounds
    /// of a loop.
    package init(
        _ configuration: Configuration, sink: any DatagramSink, clock: StateClock, counters: IngestCounters,
        onEnd: @escaping @Sendable (Report) -> Void
    ) throws(CaptureError) {
        self.configuration = configuration
        self.sink = sink
        self.clock = clock
        self.counters = counters
        self.onEnd = onEnd
        reader = Mutex(try DatagramReader(path: configuration.path))
    }

    package func start() {
        startThread(named: "weir-replay") { [self] in
            if let reader = reader.withLock({ $0.take() }) {
                var run = ReplayRun(
                    configuration: configuration, clock: clock, stopSignal: stopSignal,
                    filler: BatchFiller(sink: sink, counters: counters))
                onEnd(run.run(reader))
            }
            finished.signal()
        }
    }

    package func stop() {
        stopSignal.request()
        finished.wait()
    }
}

/// The replay's thread.
private struct ReplayRun {
    let configuration: ReplaySource.Configuration
    let clock: StateClock
    let stopSignal: StopSignal
    var filler: BatchFiller
    /// What is added to the capture's times: rounds of a loop follow each other in time.
    private var shift: Int64 = 0

    init(
        configuration: ReplaySource.Configuration, clock: StateClock, stopSignal: StopSignal, filler: BatchFiller
    ) {
        self.configuration = configuration
        self.clock = clock
        self.stopSignal = stopSignal
        self.filler = filler
    }

    mutating func run(_ reader: consuming DatagramReader) -> ReplaySource.Report {
        var error: CaptureError?
        repeat {
            error = playRound(&reader)
            guard error == nil, configuration.end == .loop, !stopSignal.isStopping else { break }
            do { try reader.rewind() } catch let failure { error = failure }
        } while error == nil
        return ReplaySource.Report(
            path: configuration.path, frames: reader.counters, time: clock.now, end: configuration.end, error: error)
    }

    /// One pass through the file; the error that ended it early, if any.
    private mutating func playRound(_ reader: inout DatagramReader) -> CaptureError? {
        let pace = Pace()
        var first: Int64?
        let roundShift = shift
        defer { filler.flush() }
        do {
            while !stopSignal.isStopping, let datagram = try reader.next() {
                let captured = datagram.arrivalNanoseconds
                let offset = captured &- (first ?? captured)
                if first == nil { first = captured }
                let arrival: Int64
                switch configuration.pace {
                case .fast:
                    arrival = captured &+ roundShift
                    clock.advance(to: arrival)
                case .recorded:
                    if pace.left(until: offset) > 0 { filler.flush() }
                    while !stopSignal.isStopping, pace.waitAWhile(until: offset) {}
                    arrival = csocket_now_ns()
                }
                reader.withPayload(of: datagram) { bytes in
                    filler.add(bytes, udpSource: datagram.source, arrival: arrival)
                }
            }
            if configuration.pace == .fast, let last = reader.lastFrameArrivalNanoseconds {
                clock.advance(to: last &+ roundShift)
                shift = roundShift &+ (last &- (first ?? last)) &+ 1_000_000_000
            }
            return nil
        } catch {
            return error
        }
    }
}
