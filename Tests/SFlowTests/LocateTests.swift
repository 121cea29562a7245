// Where fields start, against the walk that visits them.

import Bytes
import SFlow
import Testing

@Suite struct LocateTests {
    private func locate(_ layout: RecordLayout, _ body: [UInt8]) -> [Int]? {
        var offsets: [Int] = [1, 2, 3]
        return RecordWalker.locateFields(layout, body.span.bytes, into: &offsets) ? offsets : nil
    }

    @Test func fixedLayoutsAreWhereTheTableSays() {
        for layout in FlowLayouts.all + CounterLayouts.all where layout.fields.allSatisfy({ $0.type.fixedBytes != nil }) {
            let size = layout.fields.reduce(0) { $0 + ($1.type.fixedBytes ?? 0) }
            let offsets = locate(layout, [UInt8](repeating: 0, count: size))
            #expect(offsets == layout.fields.compactMap(\.offset), "\(layout.name)")
        }
    }

    @Test func variableFieldsMoveWhatFollows() throws {
        let body = WireBuilder.build { w in
            w.u32(7)
            w.text("acl-1")
            w.u32(2)
        }
        #expect(locate(try flowLayout(0, 1037), body) == [0, 4, 16])
        #expect(locate(try flowLayout(0, 1037), Array(body.dropLast(4))) == nil)
        #expect(locate(try flowLayout(0, 1037), []) == nil)
    }

    @Test func olderFormEndsBeforeTheFieldsThatItLacks() throws {
        let offsets = try #require(locate(try counterLayout(0, 2003), [UInt8](repeating: 0, count: 68)))
        #expect(offsets.count == 20)
        #expect(offsets.suffix(3) == [68, 68, 68])
    }
}
