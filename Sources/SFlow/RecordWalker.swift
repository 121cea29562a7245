// Interprets a layout over a body: the one reader for all records that have no reader of their own. It checks
// everything that comes from outside: lengths and counts against the bytes that are there, counts against their limits,
// address types, values that a field cannot have.

import Bytes

/// Walks the fields of one record. Complexity: linear in the body.
public struct RecordWalker {
    let layout: RecordLayout
    /// Where the next field starts.
    var offset = 0
    /// Families of the address fields met last bound the prefix lengths behind them.
    var prefixLengthMaximum: UInt32 = 128
    /// Elements of lists inside lists so far, over the whole record.
    var nestedElementCount = 0
    var nestedRecordCount = 0

    init(_ layout: RecordLayout) { self.layout = layout }

    /// Visits every field of `body`. Offsets in errors count from the start of the body.
    /// Throws: the record is to be rejected, and what was visited before the error with it.
    public static func walk<Visitor: FieldVisitor & ~Copyable>(
        _ layout: RecordLayout, _ body: RawSpan, into visitor: inout Visitor
    ) throws(DecodeError) {
        guard body.byteCount >= layout.minimumBytes else { throw DecodeError(.recordTooShort, at: 0) }
        var walker = RecordWalker(layout)
        try walker.walk(form(of: layout, body), body, into: &visitor)
    }

    /// The fields that the body consists of: of several layouts under one number, the first that uses it up exactly.
    static func form(of layout: RecordLayout, _ body: RawSpan) -> [Field] {
        guard !layout.alternatives.isEmpty else { return layout.fields }
        if uses(layout.fields, of: layout, allOf: body) { return layout.fields }
        return layout.alternatives.first { uses($0, of: layout, allOf: body) } ?? layout.fallback
    }

    private static func uses(_ fields: [Field], of layout: RecordLayout, allOf body: RawSpan) -> Bool {
        var walker = RecordWalker(layout)
        var nobody = NoVisitor()
        guard (try? walker.walk(fields, body, into: &nobody)) != nil else { return false }
        return walker.offset == body.byteCount
    }

    mutating func walk<Visitor: FieldVisitor & ~Copyable>(
        _ fields: [Field], _ body: RawSpan, into visitor: inout Visitor
    ) throws(DecodeError) {
        for field in fields {
            if layout.hasOlderForm, body.byteCount - offset < field.type.minimumBytes {
                visitor.field(field, .absent, isUnknown: true)
            } else {
                try walk(field, body, depth: 0, into: &visitor)
            }
        }
    }

    /// - Parameter depth: lists around the field; bounded by the layouts, which nest two at most.
    private mutating func walk<Visitor: FieldVisitor & ~Copyable>(
        _ field: Field, _ body: RawSpan, depth: Int, into visitor: inout Visitor
    ) throws(DecodeError) {
        switch field.type {
        case .list(let elements, let limit):
            let minimumBytes = elements.reduce(0) { $0 + $1.type.minimumBytes }
            let count = try readCount(body, minimumBytes: minimumBytes, limit: limit)
            if depth > 0 { try countNestedElements(count, of: limit) }
            visitor.beginList(field, count: count)
            for index in 0..<count {
                visitor.beginElement(index)
                for element in elements { try walk(element, body, depth: depth + 1, into: &visitor) }
            }
            visitor.endList(field)
        case .flowRecords:
            try walkNestedRecords(body, into: &visitor)
        default:
            let start = offset
            let (value, isUnknown) = try readValue(field, body)
            if isUnknown, field.isStrict { throw DecodeError(.badEnumeration, at: start) }
            visitor.field(field, value, isUnknown: isUnknown)
        }
    }

    /// A count is checked against the bytes that are there by division: a product of outside values may overflow.
    private mutating func readCount(_ body: RawSpan, minimumBytes: Int, limit: Int) throws(DecodeError) -> Int {
        let start = offset
        let count = Int(try body.word(at: start))
        offset += 4
        guard count <= limit else { throw DecodeError(.arrayTooLong, at: start) }
        guard count <= (body.byteCount - offset) / max(minimumBytes, 4) else {
            throw DecodeError(.arrayCountExceedsBytes, at: start)
        }
        return count
    }

    /// The limit of an AS path's members holds for the sum over its segments.
    private mutating func countNestedElements(_ count: Int, of limit: Int) throws(DecodeError) {
        nestedElementCount += count
        guard layout.tag != Tag(0, 1003) || nestedElementCount <= limit else {
            throw DecodeError(.arrayTooLong, at: offset - 4)
        }
    }

    /// One aggregated frame: a count, then framed flow records. They may not nest again.
    private mutating func walkNestedRecords<Visitor: FieldVisitor & ~Copyable>(
        _ body: RawSpan, into visitor: inout Visitor
    ) throws(DecodeError) {
        let count = try readCount(body, minimumBytes: Frame.headBytes, limit: Limits.recordsPerSample)
        nestedRecordCount += count
        guard nestedRecordCount <= Limits.recordsPerSample else { throw DecodeError(.arrayTooLong, at: offset - 4) }
        for _ in 0..<count {
            let frame = try Frame(body, at: offset, end: body.byteCount, of: .record)
            guard frame.tag != layout.tag else { throw DecodeError(.nestedTooDeep, at: offset) }
            let known = FlowLayoutID(frame.tag)
            if let known, frame.byteCount < known.minimumBytes { throw DecodeError(.recordTooShort, at: frame.start) }
            visitor.nestedRecord(frame.tag, known, body.extracting(frame.start..<frame.end))
            offset = frame.end
        }
    }
}

/// For measuring a body without using it.
struct NoVisitor: FieldVisitor {
    mutating func field(_ field: Field, _ value: FieldValue, isUnknown: Bool) {}
    mutating func beginList(_ field: Field, count: Int) {}
    mutating func beginElement(_ index: Int) {}
    mutating func endList(_ field: Field) {}
    mutating func nestedRecord(_ tag: Tag, _ layout: FlowLayoutID?, _ body: RawSpan) {}
}
