// What can be wrong with a capture file, in one type, so that the command line prints one clear line and a metric has a
// bounded label.

/// A capture file that cannot be read or written any further.
package struct CaptureError: Error, Hashable, Sendable, CustomStringConvertible {
    /// Bounded: safe as a metric label.
    package enum Reason: String, CaseIterable, Sendable {
        case cannotOpen, cannotRead, cannotRewind, cannotWrite
        case notACapture, compressed, unsupportedVersion
        case truncatedHeader, truncatedRecord
        case lengthTooLarge, badBlockLength, badByteOrder, unknownInterface, tooManyInterfaces, timeOutOfRange
        case payloadTooLong
    }

    package let reason: Reason
    /// Path as the user gave it.
    package let file: String
    /// Where the faulty header, record or block starts. Unit: bytes from the start of the file.
    package let offsetBytes: Int64
    /// The operating system's error number; 0 when it has no part in this.
    package let systemError: Int32

    init(_ reason: Reason, file: String, offsetBytes: Int64, systemError: Int32 = 0) {
        self.reason = reason
        self.file = file
        self.offsetBytes = offsetBytes
        self.systemError = systemError
    }

    package var description: String {
        let cause = systemError == 0 ? "" : ": \(systemErrorText(systemError))"
        return switch reason {
        case .cannotOpen, .cannotRewind, .notACapture, .compressed: "\(file): \(explanation)\(cause)"
        default: "\(file): \(explanation) (byte \(offsetBytes))\(cause)"
        }
    }

    private var explanation: String {
        switch reason {
        case .cannotOpen: "cannot be opened"
        case .cannotRead: "reading failed"
        case .cannotRewind: "cannot be read again from its start"
        case .cannotWrite: "writing failed"
        case .notACapture: "is neither a pcap nor a pcapng file"
        case .compressed: "is compressed with gzip: decompress it first"
        case .unsupportedVersion: "has a file format version that is not supported"
        case .truncatedHeader: "ends within the file header"
        case .truncatedRecord: "ends within a record"
        case .lengthTooLarge: "has a record longer than \(CaptureFile.frameLengthMaxBytes) bytes"
        case .badBlockLength: "has a block whose lengths contradict each other"
        case .badByteOrder: "has a section without a byte-order mark"
        case .unknownInterface: "has a packet of an interface that it does not describe"
        case .tooManyInterfaces: "describes more than \(CaptureFile.interfaceCountMax) interfaces"
        case .timeOutOfRange: "has a time outside of what can be represented"
        case .payloadTooLong: "cannot hold a payload that exceeds a UDP datagram"
        }
    }
}
