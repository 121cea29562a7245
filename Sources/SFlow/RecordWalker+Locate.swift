// Where the fields of a record start, for readers that take some of them and want no call for each.

import Bytes

extension RecordWalker {
    /// Fills `offsets` with the start of each field of the layout, bytes from the start of the body; fields that an
    /// older form lacks start at or behind its end. False: the record is to be rejected.
    public static func locateFields(_ layout: RecordLayout, _ body: RawSpan, into offsets: inout [Int]) -> Bool {
        offsets.removeAll(keepingCapacity: true)
        guard body.byteCount >= layout.minimumBytes else { return false }
        var walker = RecordWalker(layout)
        var nobody = NoVisitor()
        for field in form(of: layout, body) {
            offsets.append(walker.offset)
            guard (try? walker.walk([field], body, into: &nobody)) != nil else { return false }
        }
        return true
    }
}
