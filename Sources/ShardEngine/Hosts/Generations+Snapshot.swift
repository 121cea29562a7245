// Generations in a snapshot. The current one is there as a whole, because its size decides what is refused; of the one
// before only what can still be seen.

internal import Wire

extension Generations {
    /// - Parameters:
    ///   - newest: arrival of the agent's last datagram.
    ///   - isBefore: the order of the keys.
    ///   - body: writes a key and its value.
    func write(
        into writer: inout WireWriter, until newest: Int64, lifetime: Int64, isBefore: (Key, Key) -> Bool,
        _ body: (Key, Value, inout WireWriter) -> Void
    ) {
        writer.write(signed: began)
        writer.write(signed: self.newest)
        for generation in [current, previous.filter { newest - $0.value.arrival <= lifetime }] {
            writer.write(unsigned: UInt64(generation.count))
            for (key, entry) in generation.sorted(by: { isBefore($0.key, $1.key) }) {
                body(key, entry.value, &writer)
                writer.write(signed: entry.arrival)
            }
        }
    }

    /// - Parameters:
    ///   - limit: of the keys of one generation.
    ///   - minimumBytes: of a key with its value and its time.
    ///   - body: reads what was written of a key and its value.
    init(
        from reader: inout WireReader, _ bounds: AgentBounds, limit: Int, minimumBytes: Int,
        _ body: (inout WireReader) throws(WireError) -> (Key, Value)
    ) throws(WireError) {
        self.init()
        began = try reader.time(until: bounds.newest)
        newest = try reader.time(until: bounds.newest)
        func generation() throws(WireError) -> [Key: Entry] {
            var generation: [Key: Entry] = [:]
            for _ in 0..<(try reader.count(minimumBytes: minimumBytes, limit: limit)) {
                let (key, value) = try body(&reader)
                let entry = Entry(value: value, arrival: try reader.time(until: bounds.newest))
                guard generation.updateValue(entry, forKey: key) == nil else { throw reader.fault(.badValue) }
            }
            return generation
        }
        current = try generation()
        previous = try generation()
    }
}
