// What the store keeps of the numbers of events and flow records, so that none is ever given to two of them: not the records, which
// followers have, but where numbering may go on. Pure.

internal import Wire

struct EventNumbers: WireCodable, Hashable, Sendable {
    static let key = "event-numbers"
    /// Numbers are taken from the store so many at a time.
    private static let block: Int64 = 1 << 16
    /// Beyond it a number would not be exact in every client.
    static let max: Int64 = 1 << 53

    /// No number from these on has been given out.
    var events: Int64 = 0, flows: Int64 = 0
    /// Grows with each leader, and whenever a leader goes on without a coordinator that had followed it. Who has followed to the
    /// end of the present one has everything, and goes on with the next number; anybody else begins behind all that are taken.
    var generation: UInt64 = 0

    init() {}

    /// Makes sure that numbers up to these may be given out.
    /// - Returns: whether the store has to be told before.
    mutating func reserve(events: Int64, flows: Int64) -> Bool {
        let before = self
        if events > self.events { self.events = events + EventNumbers.block }
        if flows > self.flows { self.flows = flows + EventNumbers.block }
        return self != before
    }

    func encode(into writer: inout WireWriter) {
        writer.write(events)
        writer.write(flows)
        writer.write(generation)
    }

    init(from reader: inout WireReader) throws(WireError) {
        events = try reader.value()
        flows = try reader.value()
        generation = try reader.value()
        guard (0...EventNumbers.max).contains(events), (0...EventNumbers.max).contains(flows), generation < UInt64(Int64.max)
        else { throw reader.fault(.badValue) }
    }
}
