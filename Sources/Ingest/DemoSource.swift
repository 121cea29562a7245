// The simulated fabric as a source: what `weir serve --demo` shows where there is no network.

internal import Bytes
package import Capture
package import Datagrams
internal import CSocket
internal import Glibc

package final class DemoSource: DatagramSource, Sendable {
    /// The fabric's past that is played in at once at the start, so that rates are there from the first look. Unit: ticks
    /// of a tenth of a second.
    private static let pastTicks = 450

    private let stopSignal = StopSignal()
    private let finished = Semaphore()

    package init(
        _ configuration: FabricConfiguration, sink: any DatagramSink, counters: IngestCounters
    ) throws(FabricConfigurationError) {
        let simulator = try FabricSimulator(configuration)
        startThread(named: "weir-demo") { [stopSignal, finished] in
            var fabric = simulator
            var filler = BatchFiller(sink: sink, counters: counters)
            let start = csocket_now_ns() - Int64(DemoSource.pastTicks) * FabricSimulator.tickNanoseconds
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
                let left = start + ticks * FabricSimulator.tickNanoseconds - csocket_now_ns()
                if left > 0 { usleep(UInt32(clamping: left / 1_000)) }
            }
            finished.signal()
        }
    }

    package func stop() {
        stopSignal.request()
        finished.wait()
    }
}
