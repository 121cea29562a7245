// Numbers of distinct values in a snapshot. The hashes of values are the same in every process.

internal import Wire

extension DistinctCounter: WireCodable {
    package func encode(into writer: inout WireWriter) {
        writer.write(signed: number)
        current.write(into: &writer)
        previous.write(into: &writer)
    }

    package init(from reader: inout WireReader) throws(WireError) {
        number = try reader.time()
        current = try Window(from: &reader)
        previous = try Window(from: &reader)
    }
}

extension DistinctCounter.Window {
    fileprivate func write(into writer: inout WireWriter) {
        writer.write(!sketch.isEmpty)
        guard sketch.isEmpty else {
            for rank in sketch { writer.write(byte: rank) }
            return
        }
        writer.write(unsigned: UInt64(exact.count))
        for hash in exact.sorted() { writer.write(word: hash) }
    }

    fileprivate init(from reader: inout WireReader) throws(WireError) {
        guard try !reader.value(Bool.self) else {
            sketch.reserveCapacity(DistinctCounter.registers)
            for _ in 0..<DistinctCounter.registers {
                sketch.append(try reader.byte())
                guard sketch.last.map({ $0 <= DistinctCounter.rankMax }) ?? true else { throw reader.fault(.badValue) }
            }
            return
        }
        let count = try reader.count(minimumBytes: 8, limit: DistinctCounter.exactMax)
        for _ in 0..<count {
            let hash = try reader.word()
            if let last = exact.last, last >= hash { throw reader.fault(.badValue) }
            exact.append(hash)
        }
    }
}
