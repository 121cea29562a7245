// Batches, their pool, the clock, and executors on their own.

import Bytes
import Cluster
import Coordinator
import DatagramBuilding
import Datagrams
import Queries
import SFlow
import ShardEngine
import Synchronization
import Testing
import Worker

@Suite struct Batches {
    @Test func theLastReaderGivesABatchBack() {
        let pool = BatchPool(batches: 1, capacityBytes: 64, envelopesPerBatch: 4)
        let batch = pool.take()
        batch.envelopes.append(Envelope(offset: 0, byteCount: 3, udpSource: IPAddress(v4: 1), arrival: 0, shard: 0))
        for (offset, byte) in [7, 8, 9].enumerated() as EnumeratedSequence<[UInt8]> { batch.writableBytes[offset] = byte }
        let sum = batch.withBytes(of: batch.envelopes[0]) { bytes in (0..<bytes.byteCount).compactMap { try? bytes.uint8(at: $0) } }
        #expect(sum == [7, 8, 9])
        batch.startReading(by: 2)
        batch.finishReading()
        batch.finishReading()
        let again = pool.take()
        #expect(again === batch)
        #expect(again.envelopes.isEmpty)
    }

    /// More sources than batches: each gets one in the end, and nobody is woken for nothing.
    @Test func sourcesWaitForBatches() async {
        let pool = BatchPool(batches: 2, capacityBytes: 64, envelopesPerBatch: 4)
        let taken = Atomic<Int>(0)
        let finished = Semaphore()
        for source in 0..<4 {
            startThread(named: "source-\(source)") {
                for _ in 0..<500 {
                    let batch = pool.take()
                    taken.add(1, ordering: .relaxed)
                    pool.giveBack(batch)
                }
                finished.signal()
            }
        }
        await withCheckedContinuation { done in
            startThread(named: "waiter") {
                for _ in 0..<4 { finished.wait() }
                done.resume()
            }
        }
        #expect(taken.load(ordering: .relaxed) == 2_000)
    }

    @Test func aCapturesClockNeverGoesBack() {
        let clock = StateClock(.capture)
        #expect(clock.now == 0)
        for time: Int64 in [5, 3, 9, -1] { clock.advance(to: time) }
        #expect(clock.now == 9)
        #expect(StateClock(.machine).now > 1_700_000_000_000_000_000)
    }
}

@Suite struct Executors {
    @Test(arguments: [(0, 0), (5, 2), (1, 1), (3, 8)]) func countsAreMadeSensible(executors: Int, shards: Int) async throws {
        let pool = ExecutorPool(executors: executors, shards: shards, expiry: .standard, catalogue: .standard)
        #expect(pool.shardCount == max(1, shards))
        #expect(pool.executors.count == max(1, min(executors, shards)))
        for host in pool.hosts.hosts { #expect(try await host.books(at: Instant(nanoseconds: 0)).agentCount == 0) }
        pool.stop()
    }

    @Test func anEmptyBatchGoesBack() {
        let pool = ExecutorPool(executors: 2, shards: 2, expiry: .standard, catalogue: .standard)
        let batches = BatchPool(batches: 1, capacityBytes: 64, envelopesPerBatch: 4)
        for _ in 0..<3 { pool.accept(batches.take()) }
        pool.stop()
    }

    @Test func shardsThatWereGivenAwayForgetAgentsButKeepTheirBooks() async throws {
        let process = Process(executors: 2, shards: 4)
        process.feed(
            (1...100 as ClosedRange<UInt32>).map { number in
                let datagram = Datagram(agent: IPAddress(v4: number), sequence: 1, uptime: 1)
                return Arrival(datagram: datagram, bytes: datagram.bytes, time: 1_000)
            })
        let given = (1...100 as ClosedRange<UInt32>).count { [1, 2].contains(IPAddress(v4: $0).stableHash % 4) }
        await process.pool.forget(ShardSet([1, 2]))
        let books = try await process.coordinator.books(at: Instant(nanoseconds: 1_000))
        #expect(given > 0 && books.agentCount == 100 - given)
        #expect(books.counters.accepted == 100)
        process.stop()
    }

    @Test func stoppingFinishesWhatWasAccepted() async throws {
        let process = Process(executors: 2, shards: 4)
        let arrivals = (1...500 as ClosedRange<UInt32>).map { number in
            let datagram = Datagram(agent: IPAddress(v4: number), sequence: 1, uptime: 1)
            return Arrival(datagram: datagram, bytes: datagram.bytes, time: 1_000)
        }
        process.feed(arrivals)
        let books = try await process.coordinator.books(at: Instant(nanoseconds: 1_000))
        #expect(books.counters.accepted == 500, "a query comes after what was handed over before")
        #expect(books.agentCount == 500)
        process.stop()
    }

    /// An agent whose clock lags keeps what its own clock still shows, whoever shares its executor.
    @Test func cleanUpsSpareAgentsWhoseClocksLag() async throws {
        let process = Process(executors: 1, shards: 1)
        defer { process.stop() }
        func arrival(_ agent: UInt32, _ sequence: UInt32, seconds: Int64, octets: UInt64) -> Arrival {
            let port = DataSource(classNumber: 0, index: 1)
            let datagram = Datagram(
                agent: IPAddress(v4: agent), sequence: sequence, uptime: UInt32(seconds * 1_000),
                [.counters(sequence, port, [.interface(1, inOctets: octets)])])
            return Arrival(datagram: datagram, bytes: datagram.bytes, time: 1_000_000_000 * seconds)
        }
        process.feed([
            arrival(1, 1, seconds: 1_000, octets: 0), arrival(1, 2, seconds: 1_020, octets: 0), arrival(2, 1, seconds: 1_520, octets: 0),
        ])
        process.feed([arrival(1, 3, seconds: 1_040, octets: 2_000)])
        let answers = try await process.metrics("max:ifinoctets", at: 1_041_000_000_000)
        #expect(answers.first?.value == .number(100))
    }
}
