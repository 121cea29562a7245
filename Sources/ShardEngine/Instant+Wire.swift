// Times as nodes send them to each other. All are within what datagrams are stamped with, from the epoch on: the
// difference of two such never overflows.

package import Wire

extension Instant: WireCodable {
    package func encode(into writer: inout WireWriter) { writer.write(signed: nanoseconds) }

    package init(from reader: inout WireReader) throws(WireError) { self.init(nanoseconds: try reader.time()) }
}

extension WireReader {
    /// Unit: nanoseconds since the Unix epoch; not negative.
    package mutating func time() throws(WireError) -> Int64 {
        let time = try signed()
        guard time >= 0 else { throw fault(.badValue) }
        return time
    }
}
