// Filling batches, and waiting for one when all are on their way.

import Bytes
import DatagramBuilding
import Datagrams
import Foundation
import Ingest
import Synchronization
import Testing

@Suite(.timeLimit(.minutes(1))) struct BatchTests {
    /// Hands batches on to nobody, so that they stay on their way until the test lets them go.
    private final class HoldingSink: DatagramSink {
        let shardCount = 4
        private let held = Mutex<[DatagramBatch]>([])

        func accept(_ batch: DatagramBatch) {
            batch.startReading(by: 1)
            held.withLock { $0.append(batch) }
        }

        var heldCount: Int { held.withLock { $0.count } }

        func letGo() {
            for batch in held.withLock({ list in
                defer { list = [] }
                return list
            }) { batch.finishReading() }
        }
    }

    @Test func batchesAreFilledAndFlushed() {
        let (sink, counters) = (CollectingSink(shardCount: 4), IngestCounters())
        var filler = BatchFiller(sink: sink, counters: counters)
        for number in 1...1_000 {
            let bytes = datagram(number, agent: IPAddress(v4: UInt32(number)))
            filler.add(bytes.span.bytes, udpSource: IPAddress(v4: 1), arrival: Int64(number))
        }
        #expect(sink.count == 768 && sink.batches == 3, "256 a batch")
        filler.flush()
        filler.flush()
        #expect(sink.count == 1_000 && sink.batches == 4, "an empty batch is not handed on")
        #expect(sink.received.map(\.arrival) == (1...1_000).map { Int64($0) })
        #expect(Set(sink.received.map(\.shard)) == [0, 1, 2, 3])
        #expect(counters.snapshot.datagramsReceived == 1_000)
    }

    /// The largest datagrams that there are go on when the next one does not fit.
    @Test func largeDatagrams() {
        let (sink, counters) = (CollectingSink(), IngestCounters())
        var filler = BatchFiller(sink: sink, counters: counters)
        for number in 0..<40 {
            let bytes = [UInt8](repeating: UInt8(number), count: 65_535)
            filler.add(bytes.span.bytes, udpSource: IPAddress(v4: 1), arrival: 0)
        }
        filler.flush()
        #expect(sink.received.map { $0.bytes.first } == (0..<40).map { UInt8($0) })
        #expect(sink.received.allSatisfy { $0.bytes.count == 65_535 })
        #expect(counters.snapshot.bytesReceived == 40 * 65_535)
    }

    /// A source waits when its batches are all on their way, and goes on when one comes back: the queue is bounded.
    @Test func sourceWaitsForOwners() async throws {
        let (sink, counters) = (HoldingSink(), IngestCounters())
        let isDone = Flag()
        Thread.detachNewThread {
            var filler = BatchFiller(sink: sink, counters: counters)
            for number in 1...10_000 {
                let bytes = datagram(number)
                filler.add(bytes.span.bytes, udpSource: IPAddress(v4: 1), arrival: 0)
            }
            filler.flush()
            isDone.set()
        }
        try await waitUntil("all batches are on their way") { sink.heldCount == 16 }
        #expect(!isDone.isSet && counters.snapshot.datagramsReceived == 16 * 256)
        try await waitUntil("all is handed on") {
            sink.letGo()
            return isDone.isSet
        }
        #expect(counters.snapshot.datagramsReceived == 10_000)
        sink.letGo()
    }

    @Test func poolHasNoMoreThanItsLimit() async throws {
        let pool = BatchPool(batches: 2, capacityBytes: 100, envelopesPerBatch: 1)
        let (first, second) = (pool.take(), pool.take())
        #expect(first !== second)
        first.envelopes.append(Envelope(offset: 0, byteCount: 4, udpSource: IPAddress(v4: 0), arrival: 0, shard: 0))
        let waiter = Waiter()
        Thread.detachNewThread { waiter.take(from: pool) }
        try await waitUntil("it waits") { waiter.hasStarted }
        #expect(waiter.batch == nil)
        pool.giveBack(first)
        try await waitUntil("it gets the one that came back") { waiter.batch != nil }
        #expect(waiter.batch === first && first.envelopes.isEmpty, "empty again")
    }

    private final class Flag: Sendable {
        private let value = Atomic<Bool>(false)
        var isSet: Bool { value.load(ordering: .acquiring) }
        func set() { value.store(true, ordering: .releasing) }
    }

    private final class Waiter: Sendable {
        private let started = Flag()
        private let taken = Mutex<DatagramBatch?>(nil)
        var hasStarted: Bool { started.isSet }
        var batch: DatagramBatch? { taken.withLock { $0 } }

        func take(from pool: BatchPool) {
            started.set()
            let batch = pool.take()
            taken.withLock { $0 = batch }
        }
    }
}
