// The bytes of one message while they are put together. Apart from the encoder, which decides what goes in.

internal import Bytes

struct IPFIXMessageBuilder {
    /// RFC 7011 section 3.1.
    private static let version: UInt16 = 10
    /// Set number of templates, RFC 7011 section 3.3.2.
    private static let templateSet: UInt16 = 2
    private static let setHeaderBytes = 4

    private var bytes: [UInt8] = []
    private(set) var recordCount = 0
    /// The set that is open: its number, and where it starts in bytes from the start of the message.
    private var openSet: (number: UInt16, start: Int)?

    /// - Parameter sequence: data records before this message.
    init(exportSeconds: UInt32, sequence: UInt32, domain: UInt32) {
        bytes.append(bigEndian: IPFIXMessageBuilder.version)
        // The length, known at the end.
        bytes.append(bigEndian: UInt16(0))
        bytes.append(bigEndian: exportSeconds)
        bytes.append(bigEndian: sequence)
        bytes.append(bigEndian: domain)
    }

    func hasRoom(for recordBytes: Int, set: UInt16, bytesMax: Int) -> Bool {
        let header = openSet?.number == set ? 0 : IPFIXMessageBuilder.setHeaderBytes
        return bytes.count + header + recordBytes <= bytesMax
    }

    mutating func append(templates: [(number: UInt16, elements: [InformationElement])]) {
        open(set: IPFIXMessageBuilder.templateSet)
        for template in templates {
            bytes.append(bigEndian: template.number)
            bytes.append(bigEndian: UInt16(truncatingIfNeeded: template.elements.count))
            for element in template.elements {
                bytes.append(bigEndian: element.rawValue)
                bytes.append(bigEndian: UInt16(truncatingIfNeeded: element.byteCount))
            }
        }
    }

    mutating func append(record: [UInt8], set: UInt16) {
        if openSet?.number != set { open(set: set) }
        bytes += record
        recordCount += 1
    }

    /// The message with its lengths.
    func finished() -> [UInt8] {
        var message = self
        message.closeSet()
        message.write(length: message.bytes.count, at: 2)
        return message.bytes
    }

    private mutating func open(set number: UInt16) {
        closeSet()
        openSet = (number, bytes.count)
        bytes.append(bigEndian: number)
        bytes.append(bigEndian: UInt16(0))
    }

    private mutating func closeSet() {
        guard let set = openSet else { return }
        write(length: bytes.count - set.start, at: set.start + 2)
        openSet = nil
    }

    /// - Parameter length: below 2^16, as the encoder keeps messages.
    private mutating func write(length: Int, at offset: Int) {
        bytes[offset] = UInt8(truncatingIfNeeded: length >> 8)
        bytes[offset + 1] = UInt8(truncatingIfNeeded: length)
    }
}

extension [UInt8] {
    mutating func append(bigEndian value: some FixedWidthInteger) {
        append(number: UInt64(truncatingIfNeeded: value), byteCount: value.bitWidth / 8)
    }

    private mutating func append(number: UInt64, byteCount: Int) {
        for index in (0..<byteCount).reversed() { append(UInt8(truncatingIfNeeded: number >> UInt64(8 * index))) }
    }

    /// False, and nothing appended, when the field is of another kind or too large.
    mutating func append(_ field: FlowExportField, as content: InformationElement.Content) -> Bool {
        switch (content, field) {
        case (.number(let byteCount), .number(let number)):
            guard byteCount == 8 || number >> UInt64(8 * byteCount) == 0 else { return false }
            append(number: number, byteCount: byteCount)
        case (.ipv4, .address(let address)) where !address.isIPv6:
            append(number: address.low, byteCount: 4)
        case (.ipv6, .address(let address)) where address.isIPv6:
            append(number: address.high, byteCount: 8)
            append(number: address.low, byteCount: 8)
        case (.mac, .mac(let mac)):
            append(number: mac.bits, byteCount: 6)
        default:
            return false
        }
        return true
    }
}
