// Reading captures, whatever their variant: the face of the reader, and what pcap and pcapng have in common. The two
// formats are in files of their own.

/// A frame as it stands in a capture.
package struct CapturedFrame: Sendable {
    /// Nanoseconds since 1970-01-01 UTC. A pcapng Simple Packet Block has no time: it takes that of the frame before.
    package let arrivalNanoseconds: Int64
    package let linkType: LinkType
    /// Length on the wire, as the capture claims it; more than `range.count` when the snap length cut the frame.
    package let originalLengthBytes: Int
    /// Where the frame's bytes are in the reader's window, until the next call of `next` or `rewind`.
    let range: Range<Int>

    /// Captured bytes.
    package var byteCount: Int { range.count }
}

/// Reads a pcap or pcapng file frame by frame through a window of bounded size, without allocating per frame.
///
///     var file = try CaptureFile(path: "sflow.pcap")
///     while let frame = try file.next() {
///         file.withBytes(of: frame) { bytes in … }
///     }
///
/// Sources: draft-ietf-opsawg-pcap and draft-ietf-opsawg-pcapng.
package struct CaptureFile: ~Copyable, Sendable {
    /// Captured bytes of one frame; the same limit as libpcap's for Ethernet.
    package static let frameLengthMaxBytes = 256 << 10
    /// Interfaces of one pcapng section; bounds the memory that a hostile file can claim.
    package static let interfaceCountMax = 4096

    /// What is known of an interface; a pcap file has exactly one.
    struct Interface {
        let linkType: LinkType
        /// 0 = no limit.
        let snapLengthBytes: Int
        let resolution: TimestampResolution
        /// Added to each time stamp. Unit: seconds.
        let offsetSeconds: Int64
    }

    enum Format {
        case pcap, pcapng
    }

    var window: ReadWindow
    var order = ByteOrder.big
    var interfaces: [Interface] = []
    var lastArrivalNanoseconds: Int64 = 0
    private var format = Format.pcap
    private var failure: CaptureError?

    /// Opens the file and reads its header.
    package init(path: String) throws(CaptureError) { try self.init(try ReadWindow(path: path)) }

    /// Reads a capture that is already in memory; `name` stands for the path in errors.
    package init(name: String, content: [UInt8]) throws(CaptureError) {
        try self.init(ReadWindow(name: name, content: content))
    }

    private init(_ window: ReadWindow) throws(CaptureError) {
        self.window = window
        try readFileHeader()
    }

    /// Hands over the bytes of the frame that `next` gave last. (A closure, so that nobody keeps the window's storage
    /// and makes the next read copy it.)
    package func withBytes<Result, Failure: Error>(
        of frame: CapturedFrame, _ body: (RawSpan) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        // Bytes have no invalid values; the range is checked.
        try body(unsafe window.bytes.span.bytes.extracting(frame.range))
    }

    /// The next frame, nil at the end. A fault ends the reading: every later call reports it again.
    package mutating func next() throws(CaptureError) -> CapturedFrame? {
        if let failure { throw failure }
        do throws(CaptureError) {
            return switch format {
            case .pcap: try nextPCAP()
            case .pcapng: try nextPCAPNG()
            }
        } catch {
            failure = error
            throw error
        }
    }

    /// Starts again with the first frame.
    package mutating func rewind() throws(CaptureError) {
        failure = nil
        interfaces = []
        lastArrivalNanoseconds = 0
        try window.rewind()
        try readFileHeader()
    }

    func fault(_ reason: CaptureError.Reason, at offset: Int64) -> CaptureError {
        CaptureError(reason, file: window.name, offsetBytes: offset)
    }

    /// Takes in a time stamp of `interface`.
    mutating func arrival(ticks: UInt64, of interface: Interface, at offset: Int64) throws(CaptureError) -> Int64 {
        guard let nanoseconds = interface.resolution.nanoseconds(ticks: ticks) else {
            throw fault(.timeOutOfRange, at: offset)
        }
        let (shift, tooFar) = interface.offsetSeconds.multipliedReportingOverflow(by: 1_000_000_000)
        let (sum, overflow) = nanoseconds.addingReportingOverflow(shift)
        guard !tooFar, !overflow else { throw fault(.timeOutOfRange, at: offset) }
        lastArrivalNanoseconds = sum
        return sum
    }

    private mutating func readFileHeader() throws(CaptureError) {
        guard try window.fill(4) else {
            throw fault(window.available == 0 ? .notACapture : .truncatedHeader, at: 0)
        }
        let magic = window.uint32(at: 0, .big)
        if magic == PCAPNGBlock.sectionHeader {
            format = .pcapng
            try readFirstSection()
        } else if let variant = PCAPVariant(magic: magic) {
            format = .pcap
            try readPCAPHeader(variant)
        } else {
            throw fault(magic >> 16 == 0x1F8B ? .compressed : .notACapture, at: 0)
        }
    }
}
