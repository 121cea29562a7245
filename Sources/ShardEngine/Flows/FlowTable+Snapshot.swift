// A flow table in a snapshot: for each data source its landmark and its flows by key. Chunks, tags, the largest flow and the
// earliest arrival follow from these, and are worked out again.

internal import Bytes
internal import FlowLanguage
internal import Wire

extension FlowTable {
    /// Far above any sum of samples; below it no arithmetic on weights and rates overflows.
    private static let weightMax = 1e100

    /// - Parameter writeValues: writes what is kept of a flow beside the table, by its place.
    func write(into writer: inout WireWriter, _ writeValues: (Int, inout WireWriter) -> Void) {
        let sources = sources
        writer.write(unsigned: UInt64(sources.count))
        for source in sources {
            let chunk = chunks[Int(chunkOfSource[source])]
            let places = places(of: source).sorted { isKey(of: $0, before: $1) }
            writer.write(unsigned: UInt64(source))
            writer.write(signed: chunk.landmark)
            writer.write(signed: chunk.newest)
            writer.write(unsigned: UInt64(places.count))
            for place in places {
                writer.write(bytes: key(of: place))
                for weight in [chunks[weight: place], chunks[entry: place].error, chunks[entry: place].ingress] { writer.write(number: weight) }
                writer.write(signed: chunks[arrival: place])
                writeValues(place, &writer)
            }
        }
    }

    /// Reads what was written into a table that is empty.
    /// - Parameters:
    ///   - flow: hashes keys.
    ///   - scratch: memory for that.
    mutating func read(
        _ reader: inout WireReader, _ bounds: AgentBounds, of flow: CompiledFlow, _ scratch: inout FlowMatch,
        _ readValues: (Int, inout WireReader) throws(WireError) -> Void
    ) throws(WireError) {
        let count = try reader.count(minimumBytes: 4, limit: bounds.sourceCount)
        for _ in 0..<count {
            let source = try reader.place(below: bounds.sourceCount)
            guard places(of: source).isEmpty else { throw reader.fault(.badValue) }
            let landmark = try reader.time(until: bounds.newest), newest = try reader.time(until: bounds.newest)
            let flows = try reader.count(minimumBytes: 26, limit: shape.capacity)
            guard landmark <= newest, flows > 0 else { throw reader.fault(.badValue) }
            let chunk = open(source, at: newest)
            chunks[chunk].landmark = landmark
            for _ in 0..<flows {
                flow.fill(&scratch, key: try reader.flowKey())
                try readValues(try readFlow(&reader, source, chunk, scratch), &reader)
            }
            findTop(chunk)
        }
    }

    /// Reads a flow behind its key, and says its place.
    private mutating func readFlow(
        _ reader: inout WireReader, _ source: Int, _ chunk: Int, _ match: borrowing FlowMatch
    ) throws(WireError) -> Int {
        let weight = try reader.amount(), error = try reader.amount(), ingress = try reader.amount()
        let arrival = try reader.time(until: chunks[chunk].newest)
        guard error <= weight, weight <= FlowTable.weightMax, ingress <= FlowTable.weightMax else { throw reader.fault(.badValue) }
        let key = match.head
        let tag = FlowTable.tag(hash: key.hash, keyBytes: key.byteCount)
        let place: Int? = match.withKey { bytes in
            let (found, free) = find(tag, key, bytes, chunk)
            return found == nil ? insert(key, bytes, tag, source, chunk, at: arrival, into: free) : nil
        }
        guard let place else { throw reader.fault(.badValue) }
        chunks[weight: place] = weight
        chunks[entry: place].error = error
        if error > 0 { chunks[place / FlowChunks.places].hasInherited = true }
        chunks[entry: place].ingress = ingress
        return place
    }
}
