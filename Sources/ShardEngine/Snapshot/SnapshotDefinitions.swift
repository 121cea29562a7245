// What a snapshot takes for granted: that both shards have the same definitions in force, and the same catalogue. They are
// not sent; digests of them are, and a shard with others refuses the snapshot.

internal import FlowLanguage
internal import Wire

/// The definitions of a shard in an order that every process has: by name.
struct SnapshotDefinitions {
    /// Places in the shard's list.
    let flows: [Int], thresholds: [Int]
    /// Of the catalogue, and of each definition in that order.
    let digests: [UInt64]
    /// Where each place of the shard's lists stands in that order.
    let orderOfThreshold: [Int]

    init(_ shard: Shard) {
        let digestsOfFlows = shard.flows.map(\.snapshotDigest), digestsOfThresholds = shard.thresholds.map(\.snapshotDigest)
        flows = shard.flows.indices.sorted {
            (shard.flows[$0].name, digestsOfFlows[$0]) < (shard.flows[$1].name, digestsOfFlows[$1])
        }
        thresholds = shard.thresholds.indices.sorted {
            (shard.thresholds[$0].name, digestsOfThresholds[$0]) < (shard.thresholds[$1].name, digestsOfThresholds[$1])
        }
        digests = [shard.catalogue.snapshotDigest, UInt64(flows.count)] + flows.map { digestsOfFlows[$0] }
            + thresholds.map { digestsOfThresholds[$0] }
        var order = Array(repeating: 0, count: thresholds.count)
        for (index, place) in thresholds.enumerated() { order[place] = index }
        orderOfThreshold = order
    }
}

extension ActiveFlow {
    /// Of the name and of everything that the user has defined.
    fileprivate var snapshotDigest: UInt64 {
        let definition = compiled.definition
        var writer = WireWriter()
        for list in [[name], definition.keys, [definition.value], definition.values, definition.ipfixCollectors] {
            writer.write(list)
        }
        writer.write(definition.filter)
        writer.write(definition.n)
        writer.write(definition.t)
        writer.write(text: definition.fs)
        for flag in [definition.dropped, definition.log, definition.flowStart] { writer.write(flag) }
        writer.write(definition.activeTimeout)
        writer.write(definition.aggMode)
        return SnapshotDigest(writer.bytes).value
    }
}

extension ActiveThreshold {
    fileprivate var snapshotDigest: UInt64 {
        var writer = WireWriter()
        writer.write(text: name)
        // The metric under the name that it is kept under: aliases are a setting.
        writer.write(counter)
        writer.write(level)
        writer.write(filter)
        writer.write(byFlow)
        writer.write(timeout)
        return SnapshotDigest(writer.bytes).value
    }
}

extension Catalogue {
    /// Of what rows consist of.
    fileprivate var snapshotDigest: UInt64 {
        var writer = WireWriter()
        for structure in structures {
            for count in [structure.numberCount, structure.counterWordCount, structure.textCount] { writer.write(count) }
            for column in structure.columns {
                writer.write(text: column.prefix)
                writer.write(column.suffix)
            }
        }
        return SnapshotDigest(writer.bytes).value
    }
}
