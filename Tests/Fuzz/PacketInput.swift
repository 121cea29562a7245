// Sampled packets: dissection, then fields of the layers found.

import Bytes
import Packets

/// The first byte of the input is sFlow's header protocol, the rest the sampled bytes.
func fuzzPacket(_ input: [UInt8]) {
    guard let headerProtocol = input.first else { return }
    let bytes = input.span.bytes
    dissect(bytes.extracting(1...), headerProtocol: UInt32(headerProtocol), frameLength: 0)
    dissect(bytes.extracting(1...), headerProtocol: UInt32(headerProtocol), frameLength: 1500)
}

func dissect(_ header: RawSpan, headerProtocol: UInt32, frameLength: UInt32) {
    var stack = LayerStack()
    stack.dissect(header, headerProtocol: headerProtocol, frameLength: frameLength)
    var text: [UInt8] = []
    stack.appendStack(to: &text)
    for kind in LayerKind.allCases {
        let count = stack.count(of: kind)
        check(count <= LayerStack.layerCountMax, "layers are bounded")
        for occurrence in 0..<count {
            guard let offset = stack.offset(of: kind, occurrence) else { return check(false, "each layer has its place") }
            check((0...header.byteCount).contains(offset), "a layer is inside the sampled bytes")
        }
    }
    readFields(of: stack, header)
}

/// Every field that involves more than a read at a fixed place.
private func readFields(of stack: borrowing LayerStack, _ header: RawSpan) {
    for occurrence in 0..<DissectionLimits.encapsulationDepthMax {
        _ = stack.ipv4Source(in: header, occurrence: occurrence)
        _ = stack.ipv6Extensions(occurrence: occurrence)
        _ = stack.ipv6FragmentOffset(in: header, occurrence: occurrence)
        _ = stack.vlanID(in: header, occurrence: occurrence)
        _ = stack.mplsLabel(in: header, occurrence: occurrence)
        _ = stack.arpSenderMAC(in: header, occurrence: occurrence)
        _ = stack.wlanBSSID(in: header, occurrence: occurrence)
        _ = stack.tcpFlags(in: header, occurrence: occurrence)
        _ = stack.dnsQuestionType(in: header, occurrence: occurrence)
        _ = stack.dnsQuestionName(in: header, occurrence: occurrence)
        _ = stack.ibRDMALength(in: header, occurrence: occurrence)
        _ = stack.icmpUnreachableHost(in: header, occurrence: occurrence)
        for kind in LayerKind.allCases { _ = stack.quotedPacket(kind, in: header, occurrence: occurrence) }
    }
    if let ip = stack.outermostIP(in: header) { check(ip.offset <= header.byteCount, "IP is inside the sampled bytes") }
}
