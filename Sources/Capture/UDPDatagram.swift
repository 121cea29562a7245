// What the frame decoder makes of frames, and why it refuses some.

package import Bytes

/// A UDP datagram found in a capture; its payload is where `payload` says.
package struct UDPDatagram: Hashable, Sendable {
    package enum Payload: Hashable, Sendable {
        /// A range of the frame that was decoded.
        case frame(Range<Int>)
        /// A range of `FrameDecoder.reassembled`: the datagram came in fragments.
        case reassembled(Range<Int>)
    }

    /// Of the frame that completed it. Unit: nanoseconds since 1970-01-01 UTC.
    package let arrivalNanoseconds: Int64
    package let source: IPAddress
    package let sourcePort: UInt16
    package let destination: IPAddress
    package let destinationPort: UInt16
    package let payload: Payload
}

/// Why a frame gave no datagram. Bounded: the case names are fit for metric labels.
package enum FrameRefusal: Int, Error, CaseIterable, Sendable {
    /// A link type that the decoder does not know.
    case linkType
    case notIP, notUDP
    /// The capture's snap length cut the frame before its payload's end.
    case truncated
    /// Headers claim more bytes than the frame had on the wire.
    case malformed
    /// A fragment that contradicts others of its datagram, or overlaps them.
    case fragment
}

/// What became of all frames: `frames` = `datagrams` + `fragmentsHeld` + the refusals.
package struct FrameCounters: Hashable, Sendable {
    package var frames = 0
    package var datagrams = 0
    /// Fragments kept, or seen before, that did not complete a datagram.
    package var fragmentsHeld = 0
    /// Datagrams put together from fragments; they are among `datagrams`.
    package var reassembled = 0
    /// Datagrams given up because not all fragments came in time.
    package var reassemblyTimeouts = 0
    /// Datagrams given up because too many others were in progress.
    package var reassemblyEvictions = 0
    private var refusals = [Int](repeating: 0, count: FrameRefusal.allCases.count)

    package init() {}

    package subscript(refusal: FrameRefusal) -> Int { refusals[refusal.rawValue] }

    mutating func count(_ refusal: FrameRefusal) { refusals[refusal.rawValue] += 1 }
}
