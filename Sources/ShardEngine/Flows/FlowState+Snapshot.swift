// One definition's flows at one agent in a snapshot.

internal import FlowLanguage
internal import Wire

extension FlowState {
    func write(into writer: inout WireWriter) {
        writer.write(signed: newestArrival)
        table.write(into: &writer) { place, writer in values?.write(place, into: &writer) }
        log?.write(into: &writer)
    }

    /// Reads what was written of the same definition; into a new state.
    func read(_ reader: inout WireReader, _ bounds: AgentBounds, _ scratch: inout FlowMatch) throws(WireError) {
        newestArrival = try reader.time(until: bounds.newest)
        try table.read(&reader, bounds, of: flow.compiled, &scratch) { (place, reader) throws(WireError) in
            try values?.read(place, &reader, newest: bounds.newest)
        }
        try log?.read(&reader, bounds, of: flow.compiled, &scratch)
    }
}
