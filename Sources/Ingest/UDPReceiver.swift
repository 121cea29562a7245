// Live sFlow: threads that receive datagrams into batches, many a system call, and hand them to the shards' owners. Only
// the agent's address is read here.

package import Bytes
package import Datagrams
internal import CSocket
internal import Glibc

package final class UDPReceiver: DatagramSource, Sendable {
    package struct Configuration: Sendable {
        /// nil for all addresses.
        package var address: IPAddress?
        /// 0 for any free port.
        package var port: Int
        /// Sockets, each with a thread. One takes in about a million datagrams a second.
        package var sockets = 1
        package var receiveBufferBytes = 16 << 20
        /// Whether other processes of the same user may receive on the port, too, as two generations of a node do while one
        /// replaces the other. Then a foreign listener that shares as well goes unnoticed: hence not the default.
        package var sharesPort = false

        package init(address: IPAddress? = nil, port: Int) {
            self.address = address
            self.port = port
        }
    }

    /// Datagrams a system call at most.
    static let slots = 128
    /// Room for the largest UDP payload. Pages that no datagram has touched take no memory.
    private static let slotBytes = 65_536
    /// Datagrams that come in one Ethernet frame of the usual size, as most agents send them, lie closer together: in a third of
    /// the memory. The odd number of cache lines keeps their first bytes, the ones that are read most, from competing for the
    /// same places in the cache.
    private static let headBytes = 25 * 64
    /// Batches on their way at most, of all sockets together: the queue to the executors. What does not fit stays in the
    /// kernel's buffer, which counts what it drops.
    private static let batches = 32
    /// Under load the thread rests this long between system calls, so that each takes many datagrams instead of waking
    /// for every few: a third of the cost at 10,000 datagrams a second. Unit: nanoseconds.
    private static let gatherNanoseconds = 4_000_000

    package let port: Int
    package let receiveBufferBytes: Int
    private let stopSignal = StopSignal()
    private let finished = Semaphore()
    private let sockets: [UDPSocket]
    private let sink: any DatagramSink
    private let counters: IngestCounters

    /// Opens the sockets; what arrives before `start` waits in the kernel.
    package init(
        _ configuration: Configuration, sink: any DatagramSink, counters: IngestCounters
    ) throws(IngestError) {
        sockets = try UDPReceiver.open(configuration)
        port = sockets[0].port
        receiveBufferBytes = sockets[0].receiveBufferBytes
        self.sink = sink
        self.counters = counters
    }

    package func start() {
        let pool = BatchPool(
            batches: UDPReceiver.batches, capacityBytes: UDPReceiver.slots * (UDPReceiver.headBytes + UDPReceiver.slotBytes),
            envelopesPerBatch: UDPReceiver.slots)
        for (index, socket) in sockets.enumerated() {
            startThread(named: "weir-udp-\(index)") { [self] in
                var loop = ReceiveLoop(socket: socket, sink: sink, pool: pool, counters: counters)
                while !stopSignal.isStopping { loop.receive() }
                loop.finish()
                finished.signal()
            }
        }
    }

    package func stop() {
        stopSignal.request()
        for _ in sockets { finished.wait() }
    }

    /// Sockets that share one port. Unless others may share it, the first is opened alone, so that a port that somebody
    /// else has is noticed.
    private static func open(_ configuration: Configuration) throws(IngestError) -> [UDPSocket] {
        var port = configuration.port
        if !configuration.sharesPort {
            let first = try UDPSocket(
                address: configuration.address, port: port, isShared: false,
                receiveBufferBytes: configuration.receiveBufferBytes)
            guard configuration.sockets > 1 else { return [first] }
            close(first.descriptor)
            port = first.port
        }
        var sockets: [UDPSocket] = []
        for _ in 0..<configuration.sockets {
            sockets.append(
                try UDPSocket(
                    address: configuration.address, port: sockets.first?.port ?? port, isShared: true,
                    receiveBufferBytes: configuration.receiveBufferBytes))
        }
        return sockets
    }

    /// One thread's work on one socket.
    private struct ReceiveLoop {
        let socket: UDPSocket
        let sink: any DatagramSink
        let pool: BatchPool
        let counters: IngestCounters
        /// The kernel's view of whatever batch is received into.
        private let slots: OpaquePointer
        private var kernelDrops: UInt32 = 0
        private var isUnderLoad = false

        init(socket: UDPSocket, sink: any DatagramSink, pool: BatchPool, counters: IngestCounters) {
            self.socket = socket
            self.sink = sink
            self.pool = pool
            self.counters = counters
            guard let slots = csocket_batch_new(UDPReceiver.headBytes, UDPReceiver.slotBytes, UInt32(UDPReceiver.slots)) else {
                fatalError("BUG: no memory for \(UDPReceiver.slots) receive slots")
            }
            self.slots = slots
        }

        /// One system call's worth; waits for the first datagram, for a fifth of a second at most.
        mutating func receive() {
            let count = receive(waits: true)
            if count == UDPReceiver.slots { return }
            // A lone datagram after a pause is passed on at once; a stream is let gather.
            if count > 1 || count == 1 && isUnderLoad {
                usleep(UInt32(UDPReceiver.gatherNanoseconds / 1_000))
            }
            isUnderLoad = count > 0
        }

        /// Takes in what has arrived, then closes the socket.
        mutating func finish() {
            var rounds = 0
            while receive(waits: false) > 0, rounds < 10_000 { rounds += 1 }
            close(socket.descriptor)
            csocket_batch_free(slots)
        }

        private mutating func receive(waits: Bool) -> Int {
            let batch = pool.take()
            guard let memory = batch.writableBytes.bindMemory(to: UInt8.self).baseAddress,
                batch.capacityBytes >= csocket_batch_bytes(slots)
            else { fatalError("BUG: a batch too small for \(UDPReceiver.slots) datagrams") }
            let count = Int(csocket_batch_receive(slots, memory, socket.descriptor, waits ? 1 : 0))
            if count < 0, count != -Int(EAGAIN), count != -Int(EINTR) {
                counters.noteReceiveError()
                // An error that stays (no memory, a network that is gone) must not occupy a processor.
                usleep(UInt32(UDPReceiver.gatherNanoseconds / 1_000))
            }
            guard count > 0 else {
                pool.giveBack(batch)
                return 0
            }
            fillEnvelopes(of: batch, count: count)
            let drops = csocket_batch_kernel_drops(slots)
            counters.noteKernelDrops(drops &- kernelDrops)
            kernelDrops = drops
            sink.accept(batch)
            return count
        }

        private func fillEnvelopes(of batch: DatagramBatch, count: Int) {
            let arrival = csocket_now_ns()
            var bytesReceived = 0
            for index in 0..<count {
                var envelope = Envelope(
                    offset: csocket_batch_offset(slots, UInt32(index)), byteCount: csocket_batch_length(slots, UInt32(index)),
                    udpSource: source(index), arrival: arrival, shard: 0)
                if csocket_batch_is_truncated(slots, UInt32(index)) != 0 { counters.noteTruncated() }
                envelope.shard = batch.withBytes(of: envelope) { bytes in
                    shard(of: bytes, udpSource: envelope.udpSource, count: sink.shardCount)
                }
                bytesReceived += envelope.byteCount
                batch.envelopes.append(envelope)
            }
            counters.note(datagrams: count, bytes: bytesReceived)
        }

        private func source(_ index: Int) -> IPAddress {
            var address = InlineArray<16, UInt8>(repeating: 0)
            var span = address.mutableSpan
            let count = span.withUnsafeMutableBufferPointer { buffer in
                buffer.baseAddress.map { csocket_batch_source(slots, UInt32(index), $0) } ?? 0
            }
            let bytes = address.span.bytes
            if count == 4 { return (try? bytes.ipv4(at: 0)) ?? IPAddress(v4: 0) }
            return ((try? bytes.ipv6(at: 0)) ?? IPAddress(v4: 0)).unmapped
        }
    }
}
