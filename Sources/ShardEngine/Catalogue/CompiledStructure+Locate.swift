// Finding fields in records whose parts are of variable size.

internal import Bytes
internal import SFlow

extension CompiledStructure {
    /// Where each field of the record starts; false when the record is to be rejected.
    func locateFields(in body: RawSpan, into offsets: inout [Int]) -> Bool {
        RecordWalker.locateFields(layout, body, into: &offsets)
    }

    /// The number in a field of the record or of one of its elements, nil when it is not there.
    func number(ofField name: String, in body: RawSpan, elementOffset: Int) -> UInt32? {
        guard let offset = fields.first(where: { $0.name == name })?.offset else { return nil }
        return try? body.uint32(at: elementOffset + offset)
    }

    /// Where each element of one of the record's lists starts; empty when the record is to be rejected.
    func elementOffsets(ofList name: String, in body: RawSpan) -> [Int] {
        var offsets: [Int] = []
        let record = layout.fields
        guard let place = record.firstIndex(where: { $0.name == name }),
            case .list(let elements, _) = record[place].type,
            RecordWalker.locateFields(layout, body, into: &offsets),
            let count = try? body.uint32(at: offsets[place])
        else { return [] }
        let size = elements.reduce(0) { $0 + $1.type.minimumBytes }
        return (0..<Int(count)).map { offsets[place] + 4 + $0 * size }
    }
}
