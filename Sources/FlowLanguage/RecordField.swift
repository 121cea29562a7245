// Fields of flow records as plain data: how to find one in a body and what its bytes are.
//
// Records are XDR: fixed words, and texts with their length in front. In nearly all of them a field is found by
// stepping over some fixed bytes, some texts, and some fixed bytes more; those are described here and read without
// interpreting a layout. The rest has readers of its own (`Reading+Routing.swift`).

internal import Bytes
internal import SFlow

/// How a field's bytes become a value.
enum FieldShape: UInt8, BitwiseCopyable {
    case u32
    /// All ones is "not known".
    case u32OrAllOnes
    case u64
    /// A VLAN number: above 4095 is unusable.
    case vlan
    /// A port, if the word at 4 says TCP or UDP: sampled_ipv4 and the records that share its layout.
    case tcpPort, udpPort
    /// tcp_flags of the same records, if they say TCP.
    case tcpFlags
    case ipv4, ipv6, mac
    case text
    /// Traffic class: whole, as DSCP, as name, as ECN.
    case tos, dscp, dscpName, ecn
    case dataSource
    /// rtt less min_rtt of extended_tcp_info: time spent in queues.
    case waitingTime
    /// The path of a URL or of an HTTP request line.
    case uriPath
    /// 802.1Q tags, outermost first: their VLAN numbers joined with dots.
    case tagList
    case httpMethod, memcacheProtocol, memcacheCommand, memcacheStatus, applicationStatus, transactionDirection
    case transactionStatus, packetDirection, aclDirection, urlDirection
}

/// Of the record number that bears two layouts, the one that the body must be for the field to exist.
enum DeprecatedForm: UInt8, BitwiseCopyable {
    case any
    /// method, protocol, 6 texts, 16 bytes.
    case withProtocol
    /// method, 7 texts, 24 bytes.
    case withForwardedFor
}

struct RecordField: BitwiseCopyable {
    /// Index of the ``FlowLayoutID``.
    var layout: UInt8
    /// Bytes before the first text.
    var lead: UInt8
    /// Texts to step over.
    var textCount: UInt8
    /// Bytes behind them.
    var tail: UInt8
    var shape: FieldShape
    /// Bytes of a text that are shown.
    var limit: UInt8
    var form: DeprecatedForm
}

extension SampleFacts {
    func read(
        _ field: RecordField, occurrence: Int, _ datagram: RawSpan, _ text: inout FixedBytes
    ) -> Value {
        guard let place = body(of: field.layout, occurrence: occurrence, in: datagram) else { return .null }
        return (try? field.read(datagram.extracting(place), into: &text)) ?? .null
    }
}

extension RecordField {
    func read(_ body: RawSpan, into text: inout FixedBytes) throws(OutOfBounds) -> Value {
        guard try hasForm(body) else { return .null }
        let start = try RecordField.offset(lead: lead, textCount: textCount, in: body) + Int(tail)
        switch shape {
        case .u32: return .number(try body.uint32(at: start))
        case .u32OrAllOnes:
            let word = try body.uint32(at: start)
            return word == UInt32.max ? .null : .number(word)
        case .waitingTime:
            let (time, least) = (try body.uint32(at: start), try body.uint32(at: start + 16))
            return least == UInt32.max ? .null : .number(time > least ? time - least : 0)
        case .u64: return .number(try body.uint64(at: start))
        case .vlan:
            let word = try body.uint32(at: start)
            return word > 4095 ? .null : .number(word)
        case .tcpPort: return try body.uint32(at: 4) == 6 ? .number(try body.uint32(at: start)) : .null
        case .udpPort: return try body.uint32(at: 4) == 17 ? .number(try body.uint32(at: start)) : .null
        case .tcpFlags: return try body.uint32(at: 4) == 6 ? .bits(try body.uint32(at: start) & 0x1FF, 9) : .null
        case .ipv4: return .ipv4(try body.uint32(at: start))
        case .ipv6: return .address(try body.ipv6(at: start))
        case .mac: return .mac(try body.mac(at: start))
        case .text: return try readText(body, at: start, into: &text)
        case .uriPath:
            let url = try readText(body, at: start, into: &text)
            return URLPart.path.find(in: url, of: text)
        case .tos: return .bits(try body.uint32(at: start) & 0xFF, 8)
        case .dscp: return .number(try body.uint32(at: start) >> 2 & 0x3F)
        case .dscpName: return text.appendText(DSCP.name(UInt8(try body.uint32(at: start) >> 2 & 0x3F)))
        case .ecn: return .bits(try body.uint32(at: start) & 3, 2)
        case .dataSource:
            let source = DataSource(classNumber: try body.uint32(at: start), index: try body.uint32(at: start + 4))
            return source.classNumber == 0 && source.index == 0 ? .null : text.append(source)
        case .tagList: return try text.appendList(of: body, at: start) { UInt64($0 & 0xFFF) }
        default: return text.appendName(of: try body.uint32(at: start), in: shape.enumeration)
        }
    }

    private func readText(
        _ body: RawSpan, at start: Int, into text: inout FixedBytes
    ) throws(OutOfBounds) -> Value {
        let byteCount = Int(try body.uint32(at: start))
        guard byteCount <= body.byteCount - start - 4 else { return .null }
        return byteCount == 0 ? .null : text.appendForeign(body, at: start + 4, count: min(byteCount, Int(limit)))
    }

    /// The offset behind `lead` bytes and `textCount` texts with their padding.
    private static func offset(
        lead: UInt8, textCount: UInt8, in body: RawSpan
    ) throws(OutOfBounds) -> Int {
        var offset = Int(lead)
        for _ in 0..<textCount {
            let byteCount = Int(try body.uint32(at: offset))
            guard byteCount <= body.byteCount - offset - 4 else { throw OutOfBounds(offset: offset) }
            offset += 4 + (byteCount + 3) & ~3
        }
        return offset
    }

    private func hasForm(_ body: RawSpan) throws(OutOfBounds) -> Bool {
        switch form {
        case .any: return true
        case .withProtocol: return RecordField.isWithProtocol(body)
        case .withForwardedFor:
            guard !RecordField.isWithProtocol(body) else { return false }
            return try RecordField.offset(lead: 4, textCount: 7, in: body) + 24 == body.byteCount
        }
    }

    private static func isWithProtocol(_ body: RawSpan) -> Bool {
        guard let end = try? RecordField.offset(lead: 8, textCount: 6, in: body) else { return false }
        return end + 16 == body.byteCount
    }
}

extension FieldShape {
    fileprivate var enumeration: Enumeration {
        switch self {
        case .httpMethod: .httpMethod
        case .memcacheProtocol: .memcacheProtocol
        case .memcacheCommand: .memcacheCommand
        case .memcacheStatus: .memcacheStatus
        case .applicationStatus: .applicationStatus
        case .transactionDirection: .transactionDirection
        case .transactionStatus: .transactionStatus
        case .packetDirection: .packetDirection
        case .aclDirection: .aclDirection
        default: .urlDirection
        }
    }
}
