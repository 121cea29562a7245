// The one error type of this module. Its reason is a small closed set, so that every refusal and every repair can be
// counted under a metric label; where it happened is an offset, never free text.

/// Why bytes were refused or repaired, and where.
public struct DecodeError: Error, Hashable, Sendable {
    /// Bounded: raw values are metric labels and never change.
    public enum Reason: String, CaseIterable, Sendable {
        // The whole datagram is refused.
        case tooShort = "too_short"
        case unsupportedVersion = "unsupported_version"
        case foreignVersion = "foreign_version"
        case badAddressType = "bad_address_type"

        // The walk over the samples.
        case paddedNullAddress = "padded_null_address"
        case sampleCountExceedsBytes = "sample_count_exceeds_bytes"
        case tooManySamples = "too_many_samples"
        case sampleTruncated = "sample_truncated"
        case sampleTooShort = "sample_too_short"
        case sampleLengthUnaligned = "sample_length_unaligned"
        case trailingBytes = "trailing_bytes"
        case badInterfaceFormat = "bad_interface_format"
        case nestedTooDeep = "nested_too_deep"

        // The walk over the records of a sample.
        case recordCountExceedsBytes = "record_count_exceeds_bytes"
        case tooManyRecords = "too_many_records"
        case recordTruncated = "record_truncated"
        case recordTooShort = "record_too_short"
        case recordLengthUnaligned = "record_length_unaligned"
        case headerClamped = "header_clamped"

        // Inside one record or named sample.
        case fieldTruncated = "field_truncated"
        case arrayCountExceedsBytes = "array_count_exceeds_bytes"
        case arrayTooLong = "array_too_long"
        case badEnumeration = "bad_enumeration"
        case badName = "bad_name"
        case valueTooLong = "value_too_long"
        case valueNotFinite = "value_not_finite"
    }

    public var reason: Reason
    /// Bytes from the start of the datagram for everything that ``decode(_:udpSource:into:)`` reports; from the start
    /// of the body for readers that were given only a body.
    public var offset: Int

    public init(_ reason: Reason, at offset: Int) {
        self.reason = reason
        self.offset = offset
    }
}
