// The books of an agent in a snapshot: sequences of its sub-agents and of its series of samples.

internal import SFlow
internal import Wire

extension SubAgent: WireCodable {
    package func encode(into writer: inout WireWriter) {
        writer.write(number)
        writer.write(run)
        writer.write(sequence.last)
        writer.write(sequence.uptimeMilliseconds)
        writer.write(sequence.isRunning)
        for index in sequence.recent.seen.indices { writer.write(word: sequence.recent.seen[index]) }
    }

    package init(from reader: inout WireReader) throws(WireError) {
        number = try reader.integer()
        run = try reader.integer()
        sequence.last = try reader.integer()
        sequence.uptimeMilliseconds = try reader.integer()
        sequence.isRunning = try reader.value()
        for index in sequence.recent.seen.indices { sequence.recent.seen[index] = try reader.word() }
    }
}

extension InstanceTable {
    /// In order of appearance.
    func write(into writer: inout WireWriter) {
        writer.write(unsigned: UInt64(count))
        for place in series.indices {
            series[place].write(into: &writer)
            losses(of: place).write(into: &writer)
        }
    }

    init(from reader: inout WireReader, _ bounds: AgentBounds) throws(WireError) {
        self.init()
        let count = try reader.count(minimumBytes: 40, limit: Limits.instancesPerAgent)
        for _ in 0..<count {
            let key = SampleInstance.Key(
                subAgent: try reader.integer(), kind: try reader.value(), dataSource: try reader.value())
            let source = try reader.place(below: bounds.sourceCount)
            guard place(of: key) == nil else { throw reader.fault(.badValue) }
            let place = add(key, source: source)
            try series[place].read(&reader)
            setLosses(try SampleLosses(from: &reader), of: place)
        }
    }
}

extension SampleKind: WireCodable {}

extension SampleSeries {
    fileprivate func write(into writer: inout WireWriter) {
        writer.write(key.subAgent)
        writer.write(key.kind)
        writer.write(key.dataSource)
        writer.write(unsigned: UInt64(source))
        for number in [sampling.pool, sampling.received] { writer.write(number: number) }
        for number in [sampling.declared, sampling.lastPool, run, lastDrops, sequence.last] { writer.write(number) }
        writer.write(samples)
        writer.write(sequence.isRunning)
        writer.write(byte: sequence.backsteps)
    }

    /// All but the key and the data source.
    fileprivate mutating func read(_ reader: inout WireReader) throws(WireError) {
        sampling.pool = try reader.amount()
        sampling.received = try reader.amount()
        sampling.declared = try reader.integer()
        sampling.lastPool = try reader.integer()
        run = try reader.integer()
        lastDrops = try reader.integer()
        sequence.last = try reader.integer()
        samples = try reader.unsigned()
        sequence.isRunning = try reader.value()
        sequence.backsteps = try reader.byte()
        guard sequence.backsteps <= SampleSequence.backstepsMax else { throw reader.fault(.badValue) }
    }
}

extension SampleLosses {
    fileprivate func write(into writer: inout WireWriter) {
        for count in [lost, duplicates, outOfOrder, drops] { writer.write(count) }
        writer.write(number: missed)
    }

    fileprivate init(from reader: inout WireReader) throws(WireError) {
        lost = try reader.unsigned()
        duplicates = try reader.unsigned()
        outOfOrder = try reader.unsigned()
        drops = try reader.unsigned()
        missed = try reader.finiteNumber()
    }
}
