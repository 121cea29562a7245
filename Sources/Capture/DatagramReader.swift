// A capture file as a sequence of UDP datagrams: the reader and the decoder put together, for whoever replays, measures
// or converts captures.

/// Reads the UDP datagrams of a capture file, in the file's order.
///
///     var reader = try DatagramReader(path: "sflow.pcap")
///     while let datagram = try reader.next() {
///         reader.withPayload(of: datagram) { bytes in … }
///     }
package struct DatagramReader: ~Copyable, Sendable {
    private var file: CaptureFile
    private var decoder = FrameDecoder()
    private var frame: CapturedFrame?

    package init(path: String) throws(CaptureError) { file = try CaptureFile(path: path) }

    package init(_ file: consuming CaptureFile) { self.file = file }

    /// What became of the frames read so far, over all rounds.
    package var counters: FrameCounters { decoder.counters }

    /// Arrival of the last frame read, whether it held a datagram or not. Unit: nanoseconds since 1970-01-01 UTC.
    package var lastFrameArrivalNanoseconds: Int64? { frame?.arrivalNanoseconds }

    /// The next datagram, nil at the end of the file. Frames without one are passed over and counted.
    package mutating func next() throws(CaptureError) -> UDPDatagram? {
        while let frame = try file.next() {
            self.frame = frame
            if let datagram = file.withBytes(of: frame, { bytes in decoder.decode(frame, bytes) }) { return datagram }
        }
        return nil
    }

    /// Hands over the payload of the datagram that `next` gave last.
    package func withPayload<Result, Failure: Error>(
        of datagram: UDPDatagram, _ body: (RawSpan) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        switch (datagram.payload, frame) {
        case (.frame(let range), let frame?):
            return try file.withBytes(of: frame) { (bytes) throws(Failure) in try body(bytes.extracting(range)) }
        case (.reassembled(let range), _):
            let whole = decoder.reassembled
            // Bytes have no invalid values; the range is checked.
            return try body(unsafe whole.span.bytes.extracting(range))
        case (.frame, nil):
            preconditionFailure("a datagram of this reader has a frame")
        }
    }

    /// Starts again with the first datagram.
    package mutating func rewind() throws(CaptureError) {
        frame = nil
        decoder.forgetFragments()
        try file.rewind()
    }
}
