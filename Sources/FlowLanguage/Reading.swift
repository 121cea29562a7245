// From an attribute to its value in the sample at hand: the switch that every key goes through, and the facts of the
// sample itself. The other `Reading` files hold one family of attributes each.

internal import Bytes
internal import Packets
internal import SFlow

extension SampleFacts {
    /// - Parameters:
    ///   - occurrence: which of several headers or records, the outermost or first being 0.
    ///   - header: the sampled bytes; empty unless they were dissected.
    ///   - text: where texts are written to.
    @inline(__always)
    func read(
        _ origin: KeyOrigin, occurrence: Int, _ datagram: RawSpan, _ header: RawSpan, _ text: inout FixedBytes
    ) -> Value {
        switch origin {
        case .ipv4(let attribute): readIPv4(attribute, occurrence, header, &text)
        case .transport(let attribute): readTransport(attribute, occurrence, header, &text)
        case .sample(let attribute): readSample(attribute, datagram, header, &text)
        case .link(let attribute): readLink(attribute, occurrence, header, &text)
        case .ipv6(let attribute): readIPv6(attribute, occurrence, header, &text)
        case .overlay(let attribute): readOverlay(attribute, occurrence, header, &text)
        case .routing(let attribute): readRouting(attribute, datagram, header, &text)
        case .socket(let attribute): readSocket(attribute, datagram)
        case .record(let field): read(field, occurrence: occurrence, datagram, &text)
        case .unknown: .null
        }
    }

    func readSample(
        _ attribute: SampleAttribute, _ datagram: RawSpan, _ header: RawSpan, _ text: inout FixedBytes
    ) -> Value {
        switch attribute {
        case .agent: return .address(agent)
        case .dataSource:
            if let named { return text.appendText(named.dataSource) }
            return text.append(dataSource)
        case .inputIfIndex: return kind == .named ? .null : readInterface(input, &text)
        case .outputIfIndex: return kind == .named ? .null : readInterface(output, &text)
        case .direction:
            switch direction {
            case .unknown: return .null
            case .ingress: return text.appendLabel(SampleFacts.ingress)
            case .egress: return text.appendLabel(SampleFacts.egress)
            }
        case .reason:
            if kind == .notification { return text.appendText(DiscardReason.name(reason)) }
            return output.kind == .discarded ? text.appendText(DiscardReason.name(output.value)) : .null
        case .stripped: return hasHeader ? .number(stripped) : .null
        case .bytes: return .number(frameLength ?? sum(in: datagram, &text) { $0.bytes })
        case .frames: return isPacket ? .number(1 as UInt8) : .null
        case .requests: return isRequest ? .number(1 as UInt8) : .null
        case .duration: return .number(sum(in: datagram, &text) { $0.duration })
        }
    }

    private static let ingress = Array("ingress".utf8)
    private static let egress = Array("egress".utf8)

    @inline(__always)
    private func readInterface(_ interface: Interface, _ text: inout FixedBytes) -> Value {
        switch interface.kind {
        case .single: .number(interface.value)
        case .unknown where interface.value == 0: .number(0 as UInt8)
        case .unknown: text.appendText("unknown")
        case .internal: text.appendText("internal")
        case .multiple: text.appendText("multiple")
        case .discarded: text.appendText("discard")
        }
    }

    /// Whether the sample describes a packet. A notification does even if it holds no header.
    private var isPacket: Bool {
        kind == .notification || has(FlowLayoutID.sampledHeader.index) || has(FlowLayoutID.sampledEthernet.index)
            || has(FlowLayoutID.sampledIPv4.index) || has(FlowLayoutID.sampledIPv6.index)
    }

    /// Transactions, and the packets that are one: DNS and ARP messages.
    private var isRequest: Bool {
        kind == .named || isTransaction || stack.kinds.contains(.dns) || stack.kinds.contains(.arp)
    }

    var isTransaction: Bool { Transactions.layouts.contains { has($0.layout) } }

    /// Of the first record that describes a transaction, the sum of some fields.
    private func sum(
        in datagram: RawSpan, _ text: inout FixedBytes, _ fields: (Transactions) -> [RecordField]
    ) -> UInt64? {
        for transaction in Transactions.layouts where has(transaction.layout) {
            var sum: UInt64?
            for field in fields(transaction) {
                let value = read(field, occurrence: 0, datagram, &text)
                if value.kind == .number { sum = (sum ?? 0) &+ value.low }
            }
            if let sum { return sum }
        }
        return nil
    }
}

/// The records that say what a transaction moved and how long it took.
struct Transactions {
    let layout: UInt8
    /// Request and response.
    let bytes: [RecordField]
    /// Unit: microseconds.
    let duration: [RecordField]

    static let layouts: [Transactions] = [
        Transactions(
            .httpRequest, bytes: [.at(2206, texts: 7, lead: 8, .u64), .at(2206, texts: 7, lead: 8, tail: 8, .u64)],
            duration: [.at(2206, texts: 7, lead: 8, tail: 16, .u32)]),
        Transactions(
            FlowLayoutID(Tag(0, 2201)),
            bytes: [
                .at(2201, texts: 6, lead: 8, .u64, form: .withProtocol),
                .at(2201, texts: 7, lead: 4, .u64, form: .withForwardedFor),
                .at(2201, texts: 7, lead: 4, tail: 8, .u64, form: .withForwardedFor),
            ],
            duration: [
                .at(2201, texts: 6, lead: 8, tail: 8, .u32, form: .withProtocol),
                .at(2201, texts: 7, lead: 4, tail: 16, .u32, form: .withForwardedFor),
            ]),
        Transactions(
            .memcacheOperation, bytes: [.at(2200, texts: 1, lead: 8, tail: 4, .u32)],
            duration: [.at(2200, texts: 1, lead: 8, tail: 8, .u32)]),
        Transactions(
            .appOperation, bytes: [.at(2202, texts: 4, .u64), .at(2202, texts: 4, tail: 8, .u64)],
            duration: [.at(2202, texts: 4, tail: 16, .u32)]),
        Transactions(
            FlowLayoutID(Tag(0, 2000)), bytes: [.at(2000, lead: 16, .u64), .at(2000, lead: 24, .u64)],
            duration: [.at(2000, lead: 8, .u32)]),
    ]

    private init(_ layout: FlowLayoutID?, bytes: [RecordField], duration: [RecordField]) {
        self.layout = layout?.index ?? UInt8.max
        self.bytes = bytes
        self.duration = duration
    }
}
