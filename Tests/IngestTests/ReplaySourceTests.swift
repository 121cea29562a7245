// Captures in place of the network: pace, end, time, books.

import Bytes
import Capture
import DatagramBuilding
import Datagrams
import Foundation
import Ingest
import Synchronization
import Testing

@Suite(.timeLimit(.minutes(2))) struct ReplaySourceTests {
    private static let start: Int64 = 1_700_000_000_000_000_000
    private static let millisecond: Int64 = 1_000_000

    /// A capture of datagrams at these times after the start, in a file that is gone afterwards.
    private func withCapture<Result>(
        at milliseconds: [Int64], cutAt length: Int? = nil, _ body: (String) async throws -> Result
    ) async throws -> Result {
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("replay-\(UUID().uuidString).pcap").path
        defer { try? FileManager.default.removeItem(atPath: path) }
        try ReplaySourceTests.write(milliseconds, to: path)
        if let length { try Data(contentsOf: URL(fileURLWithPath: path)).prefix(length).write(to: URL(fileURLWithPath: path)) }
        return try await body(path)
    }

    private static func write(_ milliseconds: [Int64], to path: String) throws {
        var writer = try CaptureWriter(path: path)
        let endpoints = UDPEndpoints(
            source: IPAddress(v4: 0x0A00_0001), sourcePort: 6343, destination: IPAddress(v4: 0x0A00_0002), destinationPort: 6343)
        for (index, time) in milliseconds.enumerated() {
            let bytes = datagram(index + 1)
            try writer.write(arrivalNanoseconds: start + time * millisecond, endpoints, payload: bytes.span.bytes)
        }
        try writer.finish()
    }

    private final class Replay: Sendable {
        let sink = CollectingSink()
        let counters = IngestCounters()
        let clock: StateClock
        let source: ReplaySource
        private let reports = Reports()

        private final class Reports: Sendable {
            let list = Mutex<[ReplaySource.Report]>([])
        }

        init(_ path: String, _ pace: ReplaySource.Pace, _ end: ReplaySource.End) throws {
            clock = StateClock(pace == .fast ? .capture : .machine)
            let reports = reports
            source = try ReplaySource(
                .init(path: path, pace: pace, end: end), sink: sink, clock: clock, counters: counters
            ) { report in reports.list.withLock { $0.append(report) } }
            source.start()
        }

        var report: ReplaySource.Report? { reports.list.withLock { $0.first } }
        var reportCount: Int { reports.list.withLock { $0.count } }
    }

    @Test(arguments: [ReplaySource.End.hold, .exit]) func fast(end: ReplaySource.End) async throws {
        try await withCapture(at: [0, 10, 60_000]) { path in
            let replay = try Replay(path, .fast, end)
            try await waitUntil("the file is through") { replay.report != nil }
            let report = try #require(replay.report)
            #expect(report.error == nil && report.path == path)
            #expect(report.frames.frames == 3 && report.frames.datagrams == 3 && report.frames.fragmentsHeld == 0)
            #expect(report.time == ReplaySourceTests.start + 60_000 * ReplaySourceTests.millisecond)
            #expect(replay.clock.now == report.time, "time stands still at the last frame")
            #expect(replay.sink.received.map(\.bytes) == (1...3).map { datagram($0) })
            #expect(
                replay.sink.received.map(\.arrival)
                    == [0, 10, 60_000].map { ReplaySourceTests.start + $0 * ReplaySourceTests.millisecond })
            #expect(replay.sink.received.allSatisfy { $0.udpSource == IPAddress(v4: 0x0A00_0001) })
            #expect(replay.counters.snapshot.datagramsReceived == 3)
            replay.source.stop()
            #expect(replay.reportCount == 1)
        }
    }

    /// Rounds follow each other a second apart, and time goes on.
    @Test func fastLoop() async throws {
        try await withCapture(at: [0, 500]) { path in
            let replay = try Replay(path, .fast, .loop)
            try await waitUntil("three rounds") { replay.sink.count >= 6 }
            replay.source.stop()
            let arrivals = replay.sink.received.prefix(6)
                .map { ($0.arrival - ReplaySourceTests.start) / ReplaySourceTests.millisecond }
            #expect(arrivals == [0, 500, 1_500, 2_000, 3_000, 3_500])
            #expect(replay.report == nil, "a loop has no end; being stopped is none")
        }
    }

    @Test func recordedPace() async throws {
        try await withCapture(at: [0, 300]) { path in
            let before = ContinuousClock.now
            let replay = try Replay(path, .recorded, .hold)
            try await waitUntil("the file is through") { replay.report != nil }
            #expect(ContinuousClock.now - before >= .milliseconds(300))
            let arrivals = replay.sink.received.map(\.arrival)
            try #require(arrivals.count == 2)
            #expect(replay.sink.batches == 2, "the first does not wait for the second")
            #expect(arrivals[1] - arrivals[0] >= 299 * ReplaySourceTests.millisecond)
            #expect(arrivals[0] > ReplaySourceTests.start + 1_000_000_000, "the machine's time, not the capture's")
            replay.source.stop()
        }
    }

    /// A capture of one moment does not flood: rounds rest.
    @Test func recordedLoopRests() async throws {
        try await withCapture(at: [0]) { path in
            let replay = try Replay(path, .recorded, .loop)
            try await waitUntil("three rounds") { replay.sink.count >= 3 }
            replay.source.stop()
            let arrivals = replay.sink.received.map(\.arrival)
            #expect(zip(arrivals, arrivals.dropFirst()).allSatisfy { $1 - $0 >= 990 * ReplaySourceTests.millisecond })
        }
    }

    /// A long wait does not hold up the stop.
    @Test(arguments: [ReplaySource.End.hold, .loop]) func stopsWhileWaiting(end: ReplaySource.End) async throws {
        try await withCapture(at: [0, 3_600_000]) { path in
            let replay = try Replay(path, .recorded, end)
            try await waitUntil("the first comes") { replay.sink.count >= 1 }
            let before = ContinuousClock.now
            replay.source.stop()
            #expect(ContinuousClock.now - before < .seconds(2))
            #expect(replay.report == nil)
        }
    }

    /// A file without datagrams ends even a loop: there is nothing to wait for.
    @Test(arguments: [ReplaySource.Pace.fast, .recorded]) func emptyLoop(pace: ReplaySource.Pace) async throws {
        try await withCapture(at: []) { path in
            let replay = try Replay(path, pace, .loop)
            try await waitUntil("it ends") { replay.report != nil }
            #expect(replay.report?.frames.frames == 0)
            replay.source.stop()
        }
    }

    /// Times at the end of what can be told do not wrap in a loop.
    @Test func endOfTime() async throws {
        let late = (Int64.max - ReplaySourceTests.start) / ReplaySourceTests.millisecond
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("late-\(UUID().uuidString).pcapng").path
        defer { try? FileManager.default.removeItem(atPath: path) }
        try Data(ReplaySourceTests.pcapng(milliseconds: [0, late])).write(to: URL(fileURLWithPath: path))
        let replay = try Replay(path, .fast, .loop)
        try await waitUntil("some rounds") { replay.sink.count >= 10 }
        replay.source.stop()
        let arrivals = replay.sink.received.map(\.arrival)
        #expect(arrivals.allSatisfy { $0 >= ReplaySourceTests.start })
        #expect(arrivals.dropFirst(2).allSatisfy { $0 == .max })
    }

    /// What is whole is played, then the fault is told.
    @Test func truncated() async throws {
        try await withCapture(at: [0, 1, 2], cutAt: 24 + 2 * (16 + 70) + 30) { path in
            let replay = try Replay(path, .fast, .exit)
            try await waitUntil("it ends") { replay.report != nil }
            let report = try #require(replay.report)
            #expect(replay.sink.count == 2 && report.frames.datagrams == 2)
            #expect(report.error?.reason == .truncatedRecord)
            #expect(report.error?.description == "\(path): ends within a record (byte \(24 + 2 * (16 + 70)))")
            replay.source.stop()
        }
    }

    @Test func noCapture() async throws {
        try await withCapture(at: [0], cutAt: 3) { path in
            let error = try #require(throws: CaptureError.self) { _ = try Replay(path, .fast, .hold) }
            #expect(error.description.hasPrefix(path))
        }
        let missing = try #require(throws: CaptureError.self) { _ = try Replay("/nowhere/at/all.pcap", .fast, .hold) }
        #expect(missing.description == "/nowhere/at/all.pcap: cannot be opened: No such file or directory")
    }

    /// Microseconds in 64 bits, one interface (draft-ietf-opsawg-pcapng, sections 4.1 to 4.3).
    private static func pcapng(milliseconds: [Int64]) -> [UInt8] {
        func word(_ value: UInt32) -> [UInt8] { (0..<4).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) } }
        func block(_ kind: UInt32, _ body: [UInt8]) -> [UInt8] {
            let length = word(UInt32(12 + body.count))
            return word(kind) + length + body + length
        }
        let payload = datagram(1)
        let udp = [0x18, 0xC7, 0x18, 0xC7, 0, UInt8(8 + payload.count), 0, 0] + payload
        let ip: [UInt8] = [0x45, 0, 0, UInt8(20 + udp.count), 0, 0, 0, 0, 64, 17, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2]
        let frame = [UInt8](repeating: 0, count: 12) + [8, 0] + ip + udp
        var file = block(0x0A0D_0D0A, word(0x1A2B_3C4D) + [1, 0, 0, 0] + [UInt8](repeating: 0xFF, count: 8))
        file += block(1, [1, 0, 0, 0] + word(0))
        for time in milliseconds {
            let microseconds = UInt64(start / 1_000 + time * 1_000)
            let time = [UInt32(microseconds >> 32), UInt32(truncatingIfNeeded: microseconds)]
            let head = [0] + time + [UInt32(frame.count), UInt32(frame.count)]
            let padding = [UInt8](repeating: 0, count: (4 - frame.count % 4) % 4)
            file += block(6, head.flatMap(word) + frame + padding)
        }
        return file
    }
}
