// What the walk over a record hands out.

public import Bytes

/// A field's value as it stands on the wire.
public enum FieldValue: Hashable, Sendable {
    case unsigned(UInt64)
    case signed(Int64)
    /// Load averages as they are; percentages in percent (50.5, not 5050).
    case float(Double)
    case mac(MACAddress)
    /// Nil: the record says that there is none.
    case address(IPAddress?)
    case text(String)
    /// Bytes of the body.
    case bytes(Range<Int>)
    case dataSource(DataSource)
    /// The body ends before this field: an older form of the record.
    case absent
}

/// Receives a record's fields in wire order.
public protocol FieldVisitor: ~Copyable {
    /// - Parameter isUnknown: the value is the marker for "not available", or one that the field cannot have. To be
    ///   shown as absent, never as the number it is.
    mutating func field(_ field: Field, _ value: FieldValue, isUnknown: Bool)
    /// A list of `count` elements begins. Each comes with ``beginElement(_:)`` and its fields; lists may be nested.
    mutating func beginList(_ field: Field, count: Int)
    /// - Parameter index: from 0.
    mutating func beginElement(_ index: Int)
    mutating func endList(_ field: Field)
    /// A flow record inside a record (extended_80211_aggregation); its layout is nil when it is unknown.
    mutating func nestedRecord(_ tag: Tag, _ layout: FlowLayoutID?, _ body: RawSpan)
}
