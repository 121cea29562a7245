// How attributes are read: find the header, check that the field lies in the part of it that is there, read.
//
// All `Fields+…` files are tables of these calls. Each returns nil when the packet has no such header or was cut before
// the field. `occurrence` counts headers of the same family from the outermost, 0 first, as flow keys number them
// (`ipsource`, `ipsource.1`). `header` must be the bytes that were dissected; other bytes give wrong values or nil, no
// trap.
import Bytes

extension LayerStack {
    @inline(__always)
    func uint8(_ kind: LayerKind, _ occurrence: Int, at field: Int, in header: RawSpan) -> UInt8? {
        guard let layer = nth(kind, occurrence) else { return nil }
        return layer.uint8(at: field, in: header)
    }

    @inline(__always)
    func uint16(_ kind: LayerKind, _ occurrence: Int, at field: Int, in header: RawSpan) -> UInt16? {
        guard let layer = nth(kind, occurrence) else { return nil }
        return layer.uint16(at: field, in: header)
    }

    @inline(__always)
    func uint32(_ kind: LayerKind, _ occurrence: Int, at field: Int, in header: RawSpan) -> UInt32? {
        guard let layer = nth(kind, occurrence) else { return nil }
        return layer.uint32(at: field, in: header)
    }

    @inline(__always)
    func mac(_ kind: LayerKind, _ occurrence: Int, at field: Int, in header: RawSpan) -> MACAddress? {
        guard let layer = nth(kind, occurrence) else { return nil }
        return layer.mac(at: field, in: header)
    }
}

extension Layer {
    @inline(__always)
    func uint8(at field: Int, in header: RawSpan) -> UInt8? {
        guard field + 1 <= Int(length) else { return nil }
        return try? header.uint8(at: Int(offset) + field)
    }

    @inline(__always)
    func uint16(at field: Int, in header: RawSpan) -> UInt16? {
        guard field + 2 <= Int(length) else { return nil }
        return try? header.uint16(at: Int(offset) + field)
    }

    @inline(__always)
    func uint32(at field: Int, in header: RawSpan) -> UInt32? {
        guard field + 4 <= Int(length) else { return nil }
        return try? header.uint32(at: Int(offset) + field)
    }

    @inline(__always)
    func mac(at field: Int, in header: RawSpan) -> MACAddress? {
        guard field + 6 <= Int(length) else { return nil }
        return try? header.mac(at: Int(offset) + field)
    }

    @inline(__always)
    func ipv6(at field: Int, in header: RawSpan) -> IPAddress? {
        guard field + 16 <= Int(length) else { return nil }
        return try? header.ipv6(at: Int(offset) + field)
    }
}
