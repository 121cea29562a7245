// What the flow samples of a datagram are going to touch, fetched from memory all at once before the first of them is
// taken in. An agent's series and flow tables are cold in the processor's caches whenever its next datagram comes; one
// after the other, each sample would wait for each of its lines.

internal import Bytes
internal import SFlow

/// The series of the flow samples of the datagram at hand, in wire order. One object a shard, filled again for each
/// datagram.
struct SampleLookahead: ~Copyable {
    private struct Item: BitwiseCopyable {
        var dataSource: DataSource
        var hash: UInt64
        /// In the agent's table; -1 for a series that is not there yet.
        var place: Int
    }

    /// Samples that are looked for: more than fit into a datagram of an Ethernet frame.
    private static let limit = 16

    private var items = Slab<Item>(
        repeating: Item(dataSource: DataSource(classNumber: 0, index: 0), hash: 0, place: -1), count: limit)
    private var count = 0
    private var next = 0

    /// Three rounds over the samples: each asks for what the next one reads.
    mutating func look(
        at datagram: RawSpan, _ header: DatagramHeader, in instances: borrowing InstanceTable, _ flows: [FlowState?]
    ) {
        (count, next) = (0, 0)
        var glance = FlowSourceGlance(header)
        while count < SampleLookahead.limit, let dataSource = glance.next(in: datagram) {
            let hash = InstanceTable.hash(of: SampleLookahead.key(header.subAgent, dataSource))
            items[count] = Item(dataSource: dataSource, hash: hash, place: -1)
            instances.prefetchSlots(hash: hash)
            count += 1
        }
        for index in 0..<count { instances.prefetchSeries(hash: items[index].hash) }
        for index in 0..<count {
            let key = SampleLookahead.key(header.subAgent, items[index].dataSource)
            guard let place = instances.place(of: key, hash: items[index].hash) else { continue }
            items[index].place = place
            for flow in flows { flow?.prefetch(source: instances.source(of: place)) }
        }
    }

    /// The place of the next sample's series, when it is the one that was looked for and known.
    mutating func takeNext(_ dataSource: DataSource) -> Int? {
        guard next < count, items[next].dataSource.index == dataSource.index,
            items[next].dataSource.classNumber == dataSource.classNumber
        else { return nil }
        next += 1
        return items[next - 1].place < 0 ? nil : items[next - 1].place
    }

    private static func key(_ subAgent: UInt32, _ dataSource: DataSource) -> SampleInstance.Key {
        SampleInstance.Key(subAgent: subAgent, kind: .flow, dataSource: dataSource)
    }
}
