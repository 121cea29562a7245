// The first question of a DNS message. RFC 1035 section 4.1.
//
// The name is the one attribute of variable length in the module, and its bytes come from anybody: it is bounded by the
// protocol's own limits, never follows a pointer, and comes out as printable ASCII.
import Bytes

extension LayerStack {
    package func dnsIdentifier(in header: RawSpan, occurrence: Int = 0) -> UInt16? {
        uint16(.dns, occurrence, at: 0, in: header)
    }

    package func dnsIsResponse(in header: RawSpan, occurrence: Int = 0) -> Bool? {
        uint8(.dns, occurrence, at: 2, in: header).map { $0 & 0x80 != 0 }
    }

    /// 0 query, 4 notify, 5 update.
    package func dnsOpcode(in header: RawSpan, occurrence: Int = 0) -> UInt8? {
        uint8(.dns, occurrence, at: 2, in: header).map { $0 >> 3 & 0x0F }
    }

    /// 0 no error, 2 server failure, 3 name error. 4 bits: the extension of RFC 6891 stands at the message's end.
    package func dnsResponseCode(in header: RawSpan, occurrence: Int = 0) -> UInt8? {
        uint8(.dns, occurrence, at: 3, in: header).map { $0 & 0x0F }
    }

    /// Type of the first question: 1 A, 28 AAAA.
    package func dnsQuestionType(in header: RawSpan, occurrence: Int = 0) -> UInt16? {
        guard let layer = nth(.dns, occurrence), let end = layer.questionNameEnd(in: header) else { return nil }
        return layer.uint16(at: end, in: header)
    }

    package func dnsQuestionClass(in header: RawSpan, occurrence: Int = 0) -> UInt16? {
        guard let layer = nth(.dns, occurrence), let end = layer.questionNameEnd(in: header) else { return nil }
        return layer.uint16(at: end + 2, in: header)
    }

    /// Appends the name of the first question in lower case without the final dot, `.` for the root; bytes that are not
    /// printable, dots and backslashes inside a label as in RFC 4343 section 2.1 (`\.`, `\032`). At most 1,012 bytes.
    /// False, and nothing appended, when there is no question, or its name is cut, too long or compressed.
    package func appendDNSQuestionName(to text: inout [UInt8], in header: RawSpan, occurrence: Int = 0) -> Bool {
        guard let layer = nth(.dns, occurrence), let end = layer.questionNameEnd(in: header) else { return false }
        var field = LayerStack.dnsHeaderLength
        if end == field + 1 { text.append(UInt8(ascii: ".")) }
        while field < end - 1, let length = layer.uint8(at: field, in: header) {
            if field > LayerStack.dnsHeaderLength { text.append(UInt8(ascii: ".")) }
            for index in 0..<Int(length) {
                guard let byte = layer.uint8(at: field + 1 + index, in: header) else { break }
                appendPresentation(of: byte, to: &text)
            }
            field += 1 + Int(length)
        }
        return true
    }

    /// The same as text.
    package func dnsQuestionName(in header: RawSpan, occurrence: Int = 0) -> String? {
        var text: [UInt8] = []
        guard appendDNSQuestionName(to: &text, in: header, occurrence: occurrence) else { return nil }
        return String(decoding: text, as: UTF8.self)
    }

    static let dnsHeaderLength = 12
}

extension Layer {
    /// RFC 1035 section 2.3.4.
    private static var nameLengthMax: Int { 255 }

    /// First byte behind the first question's name, from the start of the message. nil without a question, for a name
    /// cut, longer than 255 bytes, or with a label of another type than plain: pointers have no use in a first name.
    fileprivate func questionNameEnd(in header: RawSpan) -> Int? {
        guard let questionCount = uint16(at: 4, in: header), questionCount > 0 else { return nil }
        var field = LayerStack.dnsHeaderLength
        let limit = field + Layer.nameLengthMax
        while let labelLength = uint8(at: field, in: header), labelLength < 64 {
            field += 1 + Int(labelLength)
            if field > limit { return nil }
            // The root's empty label ends a name.
            if labelLength == 0 { return field }
        }
        return nil
    }
}

private func appendPresentation(of byte: UInt8, to text: inout [UInt8]) {
    switch byte {
    case UInt8(ascii: "A")...UInt8(ascii: "Z"): text.append(byte | 0x20)
    case UInt8(ascii: "."), UInt8(ascii: "\\"):
        text.append(UInt8(ascii: "\\"))
        text.append(byte)
    case 0x21...0x7E: text.append(byte)
    default:
        text.append(UInt8(ascii: "\\"))
        for divisor: UInt8 in [100, 10, 1] { text.append(UInt8(ascii: "0") + byte / divisor % 10) }
    }
}
