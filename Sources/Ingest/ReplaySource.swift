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
    /// of a loop, nor when the replay is stopped before.
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
                let report = run.run(reader)
                if !stopSignal.isStopping { onEnd(report) }
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
    /// What is added to the capture's times: rounds of a loop follow each other in time. Never negative.
    private var shift: Int64 = 0

    /// Time between two rounds of a loop. Without it a capture of a single moment would be sent without any pause.
    private static let gapNanoseconds: Int64 = 1_000_000_000

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
            let datagramsBefore = reader.counters.datagrams
            error = playRound(&reader)
            // A file without datagrams is through after one round: there is nothing to wait for in the next.
            guard error == nil, configuration.end == .loop, !stopSignal.isStopping,
                reader.counters.datagrams > datagramsBefore
            else { break }
            do { try reader.rewind() } catch let failure { error = failure }
        } while error == nil
        return ReplaySource.Report(
            path: configuration.path, frames: reader.counters, time: clock.now, end: configuration.end, error: error)
    }

    /// One pass through the file; the error that ended it early, if any.
    private mutating func playRound(_ reader: inout DatagramReader) -> CaptureError? {
        let pace = Pace()
        var first: Int64?
        var lastOffset: Int64 = 0
        defer { filler.flush() }
        do {
            while !stopSignal.isStopping, let datagram = try reader.next() {
                let captured = datagram.arrivalNanoseconds
                lastOffset = captured &- (first ?? captured)
                if first == nil { first = captured }
                let arrival: Int64
                switch configuration.pace {
                case .fast:
                    arrival = captured.saturatingAdding(shift)
                    clock.advance(to: arrival)
                case .recorded:
                    if pace.left(until: lastOffset) > 0 { filler.flush() }
                    wait(pace, until: lastOffset)
                    arrival = csocket_now_ns()
                }
                reader.withPayload(of: datagram) { bytes in
                    filler.add(bytes, udpSource: datagram.source, arrival: arrival)
                }
            }
            endRound(pace, first: first, last: reader.lastFrameArrivalNanoseconds, lastOffset: lastOffset)
            return nil
        } catch {
            return error
        }
    }

    private mutating func endRound(_ pace: Pace, first: Int64?, last: Int64?, lastOffset: Int64) {
        switch configuration.pace {
        case .fast:
            if let last { clock.advance(to: last.saturatingAdding(shift)) }
            // The clock is behind no time of this round: the next round's times are later than all of this one's first.
            if let first { shift = max(0, clock.now.saturatingAdding(ReplayRun.gapNanoseconds) - first) }
        case .recorded:
            guard configuration.end == .loop, first != nil else { return }
            filler.flush()
            wait(pace, until: lastOffset.saturatingAdding(ReplayRun.gapNanoseconds))
        }
    }

    private func wait(_ pace: Pace, until offset: Int64) {
        while !stopSignal.isStopping, pace.waitAWhile(until: offset) {}
    }
}

extension Int64 {
    /// The sum of times that a file may choose freely: it stops at the end of time instead of wrapping to its beginning.
    fileprivate func saturatingAdding(_ other: Int64) -> Int64 {
        let (sum, isTooLarge) = addingReportingOverflow(other)
        return isTooLarge ? .max : sum
    }
}
