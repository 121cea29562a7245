// The books of the entry: what came in by socket, capture or simulator. Everything received is handed on; what the kernel
// dropped before it could be received is counted beside it.

internal import Synchronization

package final class IngestCounters: Sendable {
    private let datagramsReceived = Atomic<UInt64>(0)
    private let bytesReceived = Atomic<UInt64>(0)
    private let datagramsTruncated = Atomic<UInt64>(0)
    private let droppedByKernel = Atomic<UInt64>(0)
    private let receiveErrors = Atomic<UInt64>(0)

    package init() {}

    package struct Snapshot: Sendable {
        package let datagramsReceived: UInt64
        package let bytesReceived: UInt64
        /// Longer than a UDP payload can be: never, unless the kernel says so.
        package let datagramsTruncated: UInt64
        /// Dropped for lack of space in the socket's receive buffer.
        package let droppedByKernel: UInt64
        package let receiveErrors: UInt64

        package init(
            datagramsReceived: UInt64, bytesReceived: UInt64, datagramsTruncated: UInt64, droppedByKernel: UInt64,
            receiveErrors: UInt64
        ) {
            self.datagramsReceived = datagramsReceived
            self.bytesReceived = bytesReceived
            self.datagramsTruncated = datagramsTruncated
            self.droppedByKernel = droppedByKernel
            self.receiveErrors = receiveErrors
        }
    }

    package var snapshot: Snapshot {
        Snapshot(
            datagramsReceived: datagramsReceived.load(ordering: .relaxed),
            bytesReceived: bytesReceived.load(ordering: .relaxed),
            datagramsTruncated: datagramsTruncated.load(ordering: .relaxed),
            droppedByKernel: droppedByKernel.load(ordering: .relaxed),
            receiveErrors: receiveErrors.load(ordering: .relaxed))
    }

    func note(datagrams: Int, bytes: Int) {
        datagramsReceived.wrappingAdd(UInt64(datagrams), ordering: .relaxed)
        bytesReceived.wrappingAdd(UInt64(bytes), ordering: .relaxed)
    }

    func noteTruncated() { datagramsTruncated.wrappingAdd(1, ordering: .relaxed) }
    func noteKernelDrops(_ count: UInt32) { droppedByKernel.wrappingAdd(UInt64(count), ordering: .relaxed) }
    func noteReceiveError() { receiveErrors.wrappingAdd(1, ordering: .relaxed) }
}

/// A source of datagrams that runs on a thread of its own.
package protocol DatagramSource: Sendable {
    /// Begins to hand datagrams on. Called once; what can fail has failed before.
    func start()
    /// Stops, after handing on what has already arrived. Blocks until then.
    func stop()
}

/// A source could not be started. The description is one line for the user.
package struct IngestError: Error, CustomStringConvertible {
    package let description: String
}

/// Tells a source's thread to end.
final class StopSignal: Sendable {
    private let isRequested = Atomic<Bool>(false)

    var isStopping: Bool { isRequested.load(ordering: .acquiring) }
    func request() { isRequested.store(true, ordering: .releasing) }
}
