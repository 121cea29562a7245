// `weir simulate`: the simulated fabric's datagrams, to a collector in real time or to a pcap file as fast as possible.

internal import Bytes
internal import Capture
internal import Ingest
internal import Settings

struct SimulateCommand {
    private let settings: Settings
    /// Time of the first datagram in a file: fixed, so that the same arguments write the same bytes. Unit: nanoseconds
    /// since the Unix epoch.
    private static let fileEpoch: Int64 = 1_700_000_000_000_000_000
    /// Simulated time written to a file when `duration` does not say. Unit: seconds.
    private static let fileSeconds = 60.0

    init(_ settings: Settings) { self.settings = settings }

    func run() throws {
        var fabric = try FabricSimulator(configuration)
        if let path = settings.write {
            try write(&fabric, to: path)
        } else if let target = settings.target {
            try send(&fabric, to: target)
        }
    }

    private var configuration: FabricConfiguration {
        var configuration = FabricConfiguration()
        configuration.leaves = settings.leaves
        configuration.spines = settings.spines
        configuration.hostsPerLeaf = settings.hosts
        configuration.samplingRate = settings.rate
        configuration.pollingIntervalSeconds = settings.polling
        configuration.elephants = settings.elephants
        configuration.micePerSecond = settings.mice
        configuration.dropsPackets = settings.drops
        configuration.seed = UInt64(settings.seed)
        return configuration
    }

    private func write(_ fabric: inout FabricSimulator, to path: String) throws {
        let collector = IPAddress(v4: 0x0A00_00FA)
        var writer = try CaptureWriter(path: path)
        var count = 0
        for _ in 0..<ticks(settings.duration > 0 ? settings.duration : SimulateCommand.fileSeconds) {
            fabric.nextTick()
            for datagram in fabric.datagrams {
                let endpoints = UDPEndpoints(
                    source: datagram.agent, sourcePort: 6343, destination: destination(for: datagram.agent, collector),
                    destinationPort: 6343)
                try fabric.withPayload(of: datagram) { bytes in
                    try writer.write(
                        arrivalNanoseconds: SimulateCommand.fileEpoch + datagram.timeNanoseconds, endpoints, payload: bytes)
                }
                count += 1
            }
        }
        try writer.finish()
        say("wrote file=\(path) datagrams=\(count)\n")
    }

    /// The collector's address in the agent's family: a frame has both of one.
    private func destination(for agent: IPAddress, _ collector: IPAddress) -> IPAddress {
        agent.isIPv6 ? IPAddress(v6High: 0, low: 0xFFFF << 32 | collector.low) : collector
    }

    private func send(_ fabric: inout FabricSimulator, to target: Endpoint) throws {
        let socket = try UDPSender(host: target.host, port: target.port)
        let started = Pace()
        var count = 0
        for tick in 1...max(1, ticks(settings.duration > 0 ? settings.duration : .greatestFiniteMagnitude)) {
            fabric.nextTick()
            for datagram in fabric.datagrams {
                fabric.withPayload(of: datagram) { bytes in socket.send(bytes) }
                count += 1
            }
            started.wait(until: Int64(tick) * FabricSimulator.tickNanoseconds)
        }
        say("sent target=\(target) datagrams=\(count)\n")
    }

    private func ticks(_ seconds: Double) -> Int {
        Int(min(seconds, 1e15) * Double(FabricSimulator.ticksPerSecond))
    }
}
