// Datagrams on their way from a source (socket, capture, simulator) to the owners of their shards. They travel in
// batches through reused memory: one synchronisation a batch, no allocation and no copy a datagram.

package import Bytes
internal import Synchronization

/// What is known about a datagram before it is decoded.
package struct Envelope: Sendable, BitwiseCopyable {
    /// Where its bytes are in the batch.
    package var offset: Int
    package var byteCount: Int
    /// Where it came from.
    package var udpSource: IPAddress
    /// When it arrived, stamped once, at its entry. Unit: nanoseconds since the Unix epoch.
    package var arrival: Int64
    /// The shard of its agent; 0 when it names none, so that somebody counts it.
    package var shard: Int
    /// How many datagrams it stands for: more than itself where others were left out on the way. From 1.
    package var weight: UInt8

    package init(offset: Int, byteCount: Int, udpSource: IPAddress, arrival: Int64, shard: Int, weight: UInt8 = 1) {
        self.offset = offset
        self.byteCount = byteCount
        self.udpSource = udpSource
        self.arrival = arrival
        self.shard = shard
        self.weight = weight
    }
}

/// Which of a sender's batches one is: everybody who got a part of it knows it by that, and the numbers only grow.
package struct BatchOrigin: Hashable, Sendable {
    /// The sending process.
    package let sender: UInt64
    package let number: UInt64
    /// Of the shard map that it was sent by.
    package let epoch: UInt64

    package init(sender: UInt64, number: UInt64, epoch: UInt64) {
        self.sender = sender
        self.number = number
        self.epoch = epoch
    }
}

/// Some datagrams and the memory that they are in.
///
/// Filled by one source, then handed to all owners at once, which only read it; the last to finish gives it back to its
/// pool. That order makes it safe to share without a lock.
package final class DatagramBatch: @unchecked Sendable {
    /// Written by the source before the batch is handed on.
    package var envelopes: [Envelope] = []
    /// nil for what this process received itself.
    package var origin: BatchOrigin?
    package let capacityBytes: Int
    /// Called once by the last owner when it has finished, before the batch is given back. Set before the batch is handed on.
    package var whenFinished: (@Sendable () -> Void)?
    private let memory: UnsafeMutableRawPointer
    /// Where the datagrams are, and whose memory that is if not the batch's own.
    private var bytes: UnsafeRawBufferPointer
    private var owner: AnyObject?
    private let readers = Atomic<Int>(0)
    private let pool: BatchPool

    fileprivate init(capacityBytes: Int, envelopes count: Int, pool: BatchPool) {
        self.capacityBytes = capacityBytes
        self.pool = pool
        // Pages that no datagram has touched yet take no memory.
        memory = .allocate(byteCount: capacityBytes, alignment: 4096)
        bytes = UnsafeRawBufferPointer(start: memory, count: capacityBytes)
        envelopes.reserveCapacity(count)
    }

    deinit { memory.deallocate() }

    /// The memory to receive into.
    package var writableBytes: UnsafeMutableRawBufferPointer {
        UnsafeMutableRawBufferPointer(start: memory, count: capacityBytes)
    }

    /// Leaves the datagrams where they came, until the batch is given back.
    /// - Parameters:
    ///   - bytes: what the envelopes' offsets are counted in. Not written to while somebody else holds `owner`.
    ///   - owner: whose memory that is, as long as it lives.
    package func borrow(_ bytes: UnsafeRawBufferPointer, of owner: AnyObject) { (self.bytes, self.owner) = (bytes, owner) }

    /// Forgets what was in the batch.
    fileprivate func empty() {
        envelopes.removeAll(keepingCapacity: true)
        origin = nil
        bytes = UnsafeRawBufferPointer(start: memory, count: capacityBytes)
        owner = nil
    }

    /// The bytes of one datagram.
    package func withBytes<Result>(of envelope: Envelope, _ body: (RawSpan) -> Result) -> Result {
        precondition(envelope.offset >= 0 && envelope.byteCount >= 0
            && envelope.byteCount <= bytes.count - envelope.offset, "BUG: an envelope outside its batch")
        return body(UnsafeRawBufferPointer(rebasing: bytes[envelope.offset..<envelope.offset + envelope.byteCount]).bytes)
    }

    /// Declares how many owners are going to read; each calls `finishReading` once.
    package func startReading(by owners: Int) { readers.store(owners, ordering: .releasing) }

    package func finishReading() {
        guard readers.subtract(1, ordering: .acquiringAndReleasing).newValue == 0 else { return }
        if let finished = whenFinished {
            whenFinished = nil
            finished()
        }
        pool.giveBack(self)
    }
}

/// A bounded number of batches. When all are on their way, sources wait: the queue between a source and the owners is as
/// long as the pool, and what the kernel then drops it counts.
package final class BatchPool: Sendable {
    private let batches = Mutex(State())
    private let available = Semaphore()
    private let limit: Int, capacityBytes: Int, envelopesPerBatch: Int

    private struct State {
        var free: [DatagramBatch] = []
        var made = 0
        /// Threads that wait, and tasks.
        var waiting = 0
        var suspended: [CheckedContinuation<DatagramBatch, Never>] = []
    }

    package init(batches limit: Int, capacityBytes: Int, envelopesPerBatch: Int) {
        self.limit = limit
        self.capacityBytes = capacityBytes
        self.envelopesPerBatch = envelopesPerBatch
    }

    /// An empty batch; waits for one. Not to be called from a task: it blocks its thread.
    package func take() -> DatagramBatch {
        while true {
            if let batch = takeFree() { return batch }
            available.wait()
        }
    }

    /// The same for a task, which is suspended meanwhile.
    package func takeSuspending() async -> DatagramBatch {
        await withCheckedContinuation { continuation in
            let batch = batches.withLock { state in
                let batch = free(&state)
                if batch == nil { state.suspended.append(continuation) }
                return batch
            }
            if let batch { continuation.resume(returning: batch) }
        }
    }

    private func takeFree() -> DatagramBatch? {
        batches.withLock { state in
            let batch = free(&state)
            if batch == nil { state.waiting += 1 }
            return batch
        }
    }

    private func free(_ state: inout State) -> DatagramBatch? {
        if let batch = state.free.popLast() { return batch }
        guard state.made < limit else { return nil }
        state.made += 1
        return DatagramBatch(capacityBytes: capacityBytes, envelopes: envelopesPerBatch, pool: self)
    }

    package func giveBack(_ batch: DatagramBatch) {
        batch.empty()
        let (suspended, isAwaited) = batches.withLock { state -> (CheckedContinuation<DatagramBatch, Never>?, Bool) in
            if !state.suspended.isEmpty { return (state.suspended.removeFirst(), false) }
            state.free.append(batch)
            guard state.waiting > 0 else { return (nil, false) }
            state.waiting -= 1
            return (nil, true)
        }
        suspended?.resume(returning: batch)
        if isAwaited { available.signal() }
    }
}

/// Takes batches over.
package protocol DatagramSink: Sendable {
    /// The shards that agents are hashed to.
    var shardCount: Int { get }
    /// Hands the batch to the owners of the shards in its envelopes.
    func accept(_ batch: DatagramBatch)
}
