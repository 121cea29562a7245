// The types that fields of records have on the wire. XDR (RFC 4506): big-endian, every item a multiple of 4 bytes.

public indirect enum FieldType: Hashable, Sendable {
    case u32
    case u64
    case i32
    /// IEEE 754 single precision. Not finite, negative or above 10^6 is the unknown marker: all floats of the
    /// standard records are load averages.
    case f32
    /// Hundredths of a percent in 4 bytes; all ones, and anything above 100 %, is the unknown marker.
    case percent
    /// 6 address bytes and 2 of padding.
    case mac
    /// 6 address bytes alone: a vendor's deviation.
    case unpaddedMAC
    case ip4
    case ip6
    /// A type word, then nothing (0), 4 bytes (1) or 16 bytes (2).
    case address
    /// Type 0 followed by 4 zero bytes: what encoders write that take "not IPv6" for IPv4.
    case paddedNullAddress
    /// Length of an address prefix, bounded by the family of the address field before it.
    case prefixLength
    /// A length word, that many bytes of text, padding. Shown up to `limit` bytes.
    case string(limit: Int)
    /// A length word, that many bytes, padding.
    case opaque
    /// Bytes without a length word, padded.
    case fixedOpaque(Int)
    /// Class and index words. (0, 0) is the unknown marker.
    case dataSource
    /// A count word, then that many elements of these fields; more than `limit` rejects the record.
    case list(of: [Field], limit: Int)
    /// A count word, then that many framed flow records.
    case flowRecords

    /// Bytes on the wire, when they do not depend on the contents.
    public var fixedBytes: Int? {
        switch self {
        case .u32, .i32, .f32, .percent, .ip4, .prefixLength: 4
        case .u64, .mac, .dataSource, .paddedNullAddress: 8
        case .unpaddedMAC: 6
        case .ip6: 16
        case .fixedOpaque(let count): (count + 3) & ~3
        case .address, .string, .opaque, .list, .flowRecords: nil
        }
    }

    /// Bytes below which the field cannot be: of the variable ones, their first word.
    public var minimumBytes: Int { fixedBytes ?? 4 }
}
