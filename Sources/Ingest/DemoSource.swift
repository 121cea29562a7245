// The simulated fabric as a source: what `weir serve --demo` shows where there is no network.

internal import Bytes
package import Capture
package import Datagrams
internal import CSocket

package final class DemoSource: DatagramSource, Sendable {
    /// The fabric's past that is played in at once at the start, so that rates are there from the first look. Unit: ticks
    /// of a tenth of a second.
    private static let pastTicks = 450

    private let stopSignal = StopSignal()
    private let finished = Semaphore()
    private let simulator: FabricSimulator
    private let sink: any DatagramSink
    private let counters: IngestCounters

    package init(
        _ configuration: FabricConfiguration, sink: any DatagramSink, counters: IngestCounters
    ) throws(FabricConfigurationError) {
        simulator = try FabricSimulator(configuration)
        self.sink = sink
        self.counters = counters
    }

    package func start() {
        startThread(named: "weir-demo") { [self] in
            run()
            finished.signal()
        }
    }

    private func run() {
        var fabric = simulator
        var filler = BatchFiller(sink: sink, counters: counters)
        let past = Int64(DemoSource.pastTicks) * FabricSimulator.tickNanoseconds
        let start = csocket_now_ns() - past
        let pace = Pace()
        var ticks: Int64 = 0
        while !stopSignal.isStopping {
            fabric.nextTick()
            ticks += 1
            for datagram in fabric.datagrams {
                fabric.withPayload(of: datagram) { bytes in
                    filler.add(bytes, udpSource: datagram.agent, arrival: start + datagram.timeNanoseconds)
                }
            }
            filler.flush()
            pace.wait(until: ticks * FabricSimulator.tickNanoseconds - past)
        }
    }

    package func stop() {
        stopSignal.request()
        finished.wait()
    }
}
