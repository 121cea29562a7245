// A glance at a datagram before it is decoded: whose samples are in it. For visitors that keep more than the processor's
// caches hold, and want to have fetched what they are going to need.

import Bytes

/// The data sources of the datagram's first flow samples, in wire order; at most `limit` samples are looked at. A hint:
/// nothing is checked that does not have to be, and samples inside of others are passed over.
package func forEachFlowSource(
    _ bytes: RawSpan, _ header: DatagramHeader, limit: Int, _ body: (DataSource) -> Void
) {
    var offset = header.firstSampleOffset
    for _ in 0..<min(limit, Int(header.sampleCount)) {
        guard let tag = try? bytes.uint32(at: offset), let length = try? bytes.uint32(at: offset + 4),
            let source = try? bytes.uint32(at: offset + 12)
        else { return }
        if tag == Tag.flowSample {
            body(DataSource(compact: source))
        } else if tag == Tag.expandedFlowSample, let index = try? bytes.uint32(at: offset + 16) {
            body(DataSource(classNumber: source, index: index))
        }
        offset += Frame.headBytes + (Int(length) + 3) & ~3
    }
}
