// Finding the headers of a sampled packet: entry, loop and the rules that hold for every header.
//
// Each kind of header has one step (in the `Dissection+…` files): it looks at the bytes at the cursor, records the
// header, moves the cursor behind it and names the kind that follows, or nil. The loop ends when a step names none,
// throws because the bytes ended, or a limit is reached. What a step recorded before it threw stays: cut packets are
// the normal case.
//
// Invariants: the cursor never moves back, its end only shrinks, and each step that names a successor has moved or
// passed on to a kind that does.
import Bytes

/// Bounds on the work that one sample can cause. Real traffic stays far below; crafted samples end here.
package enum DissectionLimits {
    /// Bytes at the start of a packet that are looked at.
    package static let headerBytesMax = 512
    package static let vlanTagCountMax = 8
    package static let labelCountMax = 16
    package static let extensionHeaderCountMax = 16
    /// Packets inside packets.
    package static let encapsulationDepthMax = 4
}

/// Where dissection stands in the packet.
struct Cursor {
    /// Next byte to look at, from the start of the sampled bytes. May lie behind `end`: then nothing is there.
    var offset: Int
    /// First byte that may not be read: the capture's end, or the end that an outer length field gives.
    var end: Int
    /// First byte behind the packet as it was on the wire; nil when the agent did not say.
    var frameEnd: Int?
    var isInsideIPv6 = false
    var vlanTagCount = 0
    var labelCount = 0
    var extensionHeaderCount = 0
    var encapsulationDepth = 0

    /// Makes `end` smaller where a length field says that the payload ends earlier; never larger.
    mutating func shrink(to newEnd: Int) {
        if newEnd < end { end = newEnd }
    }
}

extension LayerStack {
    /// Replaces the stack by that of another packet.
    /// - Parameters:
    ///   - header: The sampled bytes. Only the first 512 are used.
    ///   - headerProtocol: What they start with: sFlow version 5, enum header_protocol. Unknown ones give no layers.
    ///   - frameLength: Bytes of the packet on the wire, 0 when unknown. Helps to tell what lies under MPLS labels.
    package mutating func dissect(_ header: RawSpan, headerProtocol: UInt32, frameLength: UInt32 = 0) {
        var cursor = Cursor(
            offset: 0, end: min(header.byteCount, DissectionLimits.headerBytesMax),
            frameEnd: frameLength == 0 ? nil : Int(frameLength))
        reset()
        guard headerProtocol != 1 else { return run(header, from: .ethernet, &cursor) }
        do throws(OutOfBounds) {
            guard let first = try outermost(headerProtocol, header.extracting(0..<cursor.end), &cursor) else { return }
            run(header, from: first, &cursor)
        } catch {
            ending = .truncated
        }
    }

    mutating func reset() {
        count = 0
        kinds = []
        isLastCut = false
        ending = .complete
        endKind = nil
    }

    /// Takes steps from `first` on until one says that nothing follows.
    mutating func run(_ header: RawSpan, from first: LayerKind, _ cursor: inout Cursor) {
        var kind = first
        while true {
            do throws(OutOfBounds) {
                // In range: `end` starts within the header and only shrinks.
                guard let next = try step(kind, header.extracting(0..<cursor.end), &cursor) else { break }
                if LayerStack.isEncapsulation(kind, next) { cursor.encapsulationDepth += 1 }
                kind = next
            } catch {
                end(.truncated, at: isLastCut ? layers[count - 1].kind : kind)
                return
            }
            // A step records at most one header.
            guard count < LayerStack.layerCountMax,
                cursor.encapsulationDepth <= DissectionLimits.encapsulationDepthMax
            else {
                end(.limitExceeded, at: kind)
                return
            }
        }
        if ending == .complete, isLastCut { end(.truncated, at: layers[count - 1].kind) }
    }

    @inline(__always)
    private mutating func step(
        _ kind: LayerKind, _ area: RawSpan, _ cursor: inout Cursor
    ) throws(OutOfBounds) -> LayerKind? {
        switch kind {
        case .ethernet: try ethernet(area, &cursor)
        case .ipv4: try ipv4(area, &cursor)
        case .ipv6: try ipv6(area, &cursor)
        case .tcp: try tcp(area, &cursor)
        case .udp, .udpLite: try udp(kind, area, &cursor)
        case .vlan: try vlan(area, &cursor)
        case .mpls: try mpls(area, &cursor)
        case .arp: try fixed(.arp, 28, area, &cursor)
        case .icmp, .icmp6: try icmp(kind, area, &cursor)
        case .llc: try llc(area, &cursor)
        case .snap: try snap(area, &cursor)
        case .pppoe: try pppoe(area, &cursor)
        case .ppp: try ppp(area, &cursor)
        case .hdlc: try hdlc(area, &cursor)
        case .frameRelay: try frameRelay(area, &cursor)
        case .tokenRing: try tokenRing(area, &cursor)
        case .fddi: try fddi(area, &cursor)
        case .wlan: try wlan(area, &cursor)
        case .backboneTag: try backboneTag(area, &cursor)
        case .macsec: try macsec(area, &cursor)
        case .eTag: try bridgeTag(.eTag, 8, area, &cursor)
        case .vnTag: try bridgeTag(.vnTag, 6, area, &cursor)
        case .serviceHeader: try serviceHeader(area, &cursor)
        case .trill: try trill(area, &cursor)
        case .controlWord: try controlWord(area, &cursor)
        case .ipv6Fragment: try ipv6Fragment(area, &cursor)
        case .ipv6HopByHop, .ipv6Routing, .ipv6DestinationOptions, .ipv6Mobility, .ipv6HIP, .ipv6Shim6, .ah:
            try extensionHeader(kind, area, &cursor)
        case .esp: try fixed(.esp, 8, area, &cursor)
        case .igmp: try fixed(.igmp, 8, area, &cursor)
        case .sctp: try fixed(.sctp, 16, area, &cursor)
        case .dccp: try fixed(.dccp, 16, area, &cursor)
        case .ospf: try fixed(.ospf, 24, area, &cursor)
        case .etherIP: try etherIP(area, &cursor)
        case .gre, .nvgre: try gre(area, &cursor)
        case .erspan: try erspan(area, &cursor)
        case .vxlan: try vxlan(area, &cursor)
        case .vxlanGPE: try vxlanGPE(area, &cursor)
        case .geneve: try geneve(area, &cursor)
        case .gtp: try gtp(area, &cursor)
        case .teredo: try teredo(area, &cursor)
        case .l2tp: try l2tp(area, &cursor)
        case .lisp: try lisp(area, &cursor)
        case .gue: try gue(area, &cursor)
        case .capwap: try capwap(area, &cursor)
        case .infinibandGRH: try infinibandGRH(area, &cursor)
        case .infinibandBTH: try infinibandBTH(area, &cursor)
        case .dns: try dns(area, &cursor)
        }
    }

    /// Whether `next` starts a packet inside the one that `kind` belongs to, and is not merely its next header.
    private static func isEncapsulation(_ kind: LayerKind, _ next: LayerKind) -> Bool {
        switch next {
        case .ethernet, .wlan: true
        case .ipv4, .ipv6, .mpls, .ppp: kind.carriesPackets
        default: false
        }
    }
}

// What the steps are made of.
extension LayerStack {
    /// Records a header of `length` bytes at `offset`, as much of it as is there. Throws when not one byte is.
    @inline(__always)
    mutating func push(_ kind: LayerKind, _ length: Int, at offset: Int, in area: RawSpan) throws(OutOfBounds) {
        guard offset < area.byteCount else { throw OutOfBounds(offset: offset) }
        setLayer(count, kind, length, at: offset, in: area)
        count += 1
        kinds.insert(LayerKindSet(kind))
    }

    /// Gives the header recorded last another length, once it is known.
    @inline(__always)
    mutating func resizeLast(_ length: Int, in area: RawSpan) {
        let last = layers[count - 1]
        setLayer(count - 1, last.kind, length, at: Int(last.offset), in: area)
    }

    @inline(__always)
    private mutating func setLayer(_ index: Int, _ kind: LayerKind, _ length: Int, at offset: Int, in area: RawSpan) {
        let present = area.byteCount - offset
        isLastCut = length > present
        // Both conversions are exact: an area has at most 512 bytes.
        layers[index] = Layer(
            kind: kind, offset: UInt16(truncatingIfNeeded: offset),
            length: UInt16(truncatingIfNeeded: isLastCut ? present : length))
    }

    /// Records why dissection ends; nil, so that a step can return it.
    @discardableResult
    mutating func end(_ reason: Ending, at kind: LayerKind) -> LayerKind? {
        ending = reason
        endKind = kind
        return nil
    }

    /// A header of fixed size that nothing known follows.
    mutating func fixed(
        _ kind: LayerKind, _ length: Int, _ area: RawSpan, _ cursor: inout Cursor
    ) throws(OutOfBounds) -> LayerKind? {
        try push(kind, length, at: cursor.offset, in: area)
        return nil
    }

    /// IPv4 or IPv6 by the version nibble; malformed when it is neither.
    mutating func ipByVersion(_ area: RawSpan, at offset: Int) throws(OutOfBounds) -> LayerKind? {
        switch try area.uint8(at: offset) >> 4 {
        case 4: .ipv4
        case 6: .ipv6
        default: end(.malformed, at: .ipv4)
        }
    }
}
