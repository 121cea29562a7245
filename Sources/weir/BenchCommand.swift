// `weir bench`: what decoding, aggregating and querying cost, over a capture that is read into memory first. One line of
// name=value pairs; rates are per second of processor time, because cores are shared.

internal import Bytes
internal import Capture
internal import Glibc
internal import Settings

struct BenchCommand {
    private let settings: Settings

    init(_ settings: Settings) { self.settings = settings }

    func run() async throws {
        guard let job = settings.job, let path = settings.replay else { return }
        let load = try BenchLoad(path: path)
        switch job {
        case .decode: say(DecodeBench(load).run(seconds: settings.seconds).line)
        case .aggregate: say(try AggregateBench(load, define: settings.define).run(seconds: settings.seconds).line)
        case .query:
            for line in try await QueryBench(load).run(settings.query, seconds: settings.seconds) { say(line) }
        }
    }
}

/// All datagrams of a capture, in memory.
struct BenchLoad: Sendable {
    private(set) var bytes: [UInt8] = []
    private(set) var datagrams: [(range: Range<Int>, source: IPAddress, arrival: Int64)] = []

    init(path: String) throws {
        var reader = try DatagramReader(path: path)
        while let datagram = try reader.next() {
            let start = bytes.count
            reader.withPayload(of: datagram) { payload in
                payload.withUnsafeBytes { bytes.append(contentsOf: $0) }
            }
            datagrams.append((start..<bytes.count, datagram.source, datagram.arrivalNanoseconds))
        }
        guard !datagrams.isEmpty else { throw CommandError("\(path) holds no UDP datagram") }
    }

    func forEach(_ body: (RawSpan, IPAddress, Int64) -> Void) {
        forEach(datagrams.indices, body)
    }

    func forEach(_ places: Range<Int>, _ body: (RawSpan, IPAddress, Int64) -> Void) {
        let all = bytes.span.bytes
        for datagram in datagrams[places] { body(all.extracting(datagram.range), datagram.source, datagram.arrival) }
    }
}

/// Figures of one measurement.
struct BenchResult {
    var datagrams = 0
    var samples: UInt64 = 0
    var cpuSeconds = 0.0
    var wallSeconds = 0.0

    var line: String {
        let figures: [(String, String)] = [
            ("datagrams", "\(datagrams)"), ("samples", "\(samples)"), ("cpu_s", decimals(cpuSeconds, 3)),
            ("wall_s", decimals(wallSeconds, 3)), ("rss_mb", decimals(residentMegabytes(), 1)),
            ("dps", "\(Int(Double(datagrams) / max(cpuSeconds, 1e-9)))"),
            ("sps", "\(Int(Double(samples) / max(cpuSeconds, 1e-9)))"),
        ]
        return figures.map { "\($0)=\($1)" }.joined(separator: " ") + "\n"
    }

    /// Runs `round`, which says how many samples it went through, until the time is over.
    static func measure(seconds: Double, datagramsPerRound: Int, _ round: () -> UInt64) -> BenchResult {
        var result = BenchResult()
        let start = (cpu: cpuSeconds(), wall: wallSeconds())
        repeat {
            result.samples &+= round()
            result.datagrams += datagramsPerRound
            result.wallSeconds = wallSeconds() - start.wall
        } while result.wallSeconds < seconds
        result.cpuSeconds = cpuSeconds() - start.cpu
        return result
    }

    static func cpuSeconds() -> Double {
        var usage = rusage()
        getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
        return seconds(usage.ru_utime) + seconds(usage.ru_stime)
    }

    static func wallSeconds() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
    }

    private static func seconds(_ time: timeval) -> Double { Double(time.tv_sec) + Double(time.tv_usec) * 1e-6 }

    /// The most memory that the process has had.
    private func residentMegabytes() -> Double {
        var usage = rusage()
        getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
        return Double(usage.ru_maxrss) / 1024
    }
}

func decimals(_ value: Double, _ count: Int) -> String {
    let factor = (0..<count).reduce(1.0) { power, _ in power * 10 }
    let scaled = Int((value * factor).rounded())
    let fraction = String(abs(scaled) % Int(factor))
    return "\(scaled / Int(factor))." + String(repeating: "0", count: count - fraction.count) + fraction
}
