// A glance at a datagram before it is decoded: whose samples are in it. For visitors that keep more than the processor's
// caches hold, and want to have fetched what they are going to need.

import Bytes

/// The data sources of a datagram's flow samples, in wire order. A hint: nothing is checked that does not have to be, and
/// samples inside of others are passed over.
public struct FlowSourceGlance: BitwiseCopyable {
    private var offset: Int
    private var samplesLeft: UInt32

    public init(_ header: DatagramHeader) {
        offset = header.firstSampleOffset
        samplesLeft = header.sampleCount
    }

    /// The next flow sample's; nil when there is none.
    /// - Parameter datagram: the one that the head is of.
    public mutating func next(in datagram: RawSpan) -> DataSource? {
        while samplesLeft > 0 {
            guard let tag = try? datagram.uint32(at: offset), let length = try? datagram.uint32(at: offset + 4),
                let source = try? datagram.uint32(at: offset + 12), let index = try? datagram.uint32(at: offset + 16)
            else { return nil }
            samplesLeft -= 1
            offset += Frame.headBytes + (Int(length) + 3) & ~3
            if tag == Tag.flowSample { return DataSource(compact: source) }
            if tag == Tag.expandedFlowSample { return DataSource(classNumber: source, index: index) }
        }
        return nil
    }
}
