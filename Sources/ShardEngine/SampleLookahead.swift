// What the flow samples of the next datagrams are going to touch, fetched from memory all at once before the first of them
// is taken in. An agent's series and flow tables are cold in the processor's caches whenever its next datagram comes; one
// after the other, each sample would wait for each of its lines.

internal import Bytes
internal import SFlow

/// The next datagrams of some shards and the series of their flow samples, in the order in which they are going to be taken
/// in. Hints only: what is told of a datagram that never comes, or not in its turn, costs time and changes nothing.
struct SampleLookahead: ~Copyable {
    /// Datagrams that are looked at together. Their lines must not drive each other out of the nearest caches.
    static let datagramsMax = 8
    /// Samples of a datagram that are looked for: more than fit into an Ethernet frame.
    private static let samplesMax = 16

    private struct Item: BitwiseCopyable {
        var dataSource = DataSource(classNumber: 0, index: 0)
        var hash: UInt64 = 0
        /// In the agent's table; -1 for a series that was not there.
        var place = -1
    }

    private struct Datagram: BitwiseCopyable {
        var agent: Uncounted<Agent>?
        var subAgent: UInt32 = 0
        var firstItem = 0, itemCount = 0

        var items: Range<Int> { firstItem..<firstItem + itemCount }
    }

    private var items = Slab<Item>(repeating: Item(), count: datagramsMax * samplesMax)
    private var itemCount = 0
    private var datagrams = Slab<Datagram>(repeating: Datagram(), count: datagramsMax)
    private var datagramCount = 0
    /// Datagrams whose turn has come.
    private var begun = 0
    private var isFetched = true
    /// What is left of the items of the datagram at hand.
    private var left = 0..<0

    // MARK: Looking ahead

    /// Notes a datagram. What the next steps read is asked for.
    /// - Parameter agent: nil for one that is not known. Not touched before `fetch`.
    mutating func expect(_ header: DatagramHeader, _ bytes: RawSpan, of agent: Uncounted<Agent>?) {
        if begun == datagramCount { forget() }
        guard datagramCount < SampleLookahead.datagramsMax else { return }
        if let agent { RecentAgents.prefetch(agent) }
        let first = itemCount
        var glance = FlowSourceGlance(header)
        while agent != nil, itemCount - first < SampleLookahead.samplesMax, let source = glance.next(in: bytes) {
            let hash = InstanceTable.hash(of: SampleLookahead.key(header.subAgent, source))
            items[itemCount] = Item(dataSource: source, hash: hash)
            itemCount += 1
        }
        datagrams[datagramCount] = Datagram(agent: agent, subAgent: header.subAgent, firstItem: first, itemCount: itemCount - first)
        datagramCount += 1
        isFetched = false
    }

    /// Fetches what the noted datagrams are going to touch, in rounds over all of them: each asks for what the next reads.
    mutating func fetch() {
        guard !isFetched else { return }
        isFetched = true
        for place in begun..<datagramCount {
            let datagram = datagrams[place]
            datagram.agent?.with { agent in
                agent.prefetchBooks()
                prefetchSlots(datagram.items, agent.instanceTable)
            }
        }
        for place in begun..<datagramCount {
            let datagram = datagrams[place]
            datagram.agent?.with { agent in
                agent.prefetchFlows()
                prefetchSeries(datagram.items, agent.instanceTable)
            }
        }
        for place in begun..<datagramCount {
            let datagram = datagrams[place]
            datagram.agent?.with { findSeries(datagram, $0.instanceTable, $0.flowReferences) }
        }
    }

    private func prefetchSlots(_ range: Range<Int>, _ instances: borrowing InstanceTable) {
        for index in range { instances.prefetchSlots(hash: items[index].hash) }
    }

    private func prefetchSeries(_ range: Range<Int>, _ instances: borrowing InstanceTable) {
        for index in range { instances.prefetchSeries(hash: items[index].hash) }
    }

    private mutating func findSeries(
        _ datagram: Datagram, _ instances: borrowing InstanceTable, _ flows: [Uncounted<FlowState>?]
    ) {
        for index in datagram.items {
            let key = SampleLookahead.key(datagram.subAgent, items[index].dataSource)
            guard let place = instances.place(of: key, hash: items[index].hash) else { continue }
            items[index].place = place
            let source = instances.source(of: place)
            for flow in flows { flow?.with { $0.prefetch(source: source) } }
        }
    }

    // MARK: In turn

    /// The turn of the next datagram.
    /// - Returns: false when none was noted.
    mutating func begin() -> Bool {
        guard begun < datagramCount else {
            left = 0..<0
            return false
        }
        left = datagrams[begun].items
        begun += 1
        return true
    }

    /// The place of the next sample's series, when it is the one that was looked for, and known.
    mutating func takeNext(_ key: SampleInstance.Key, in instances: borrowing InstanceTable) -> Int? {
        guard let index = left.first, items[index].dataSource.index == key.dataSource.index,
            items[index].dataSource.classNumber == key.dataSource.classNumber
        else { return nil }
        left = index + 1..<left.upperBound
        let place = items[index].place
        // The agent may be another one by now.
        guard place >= 0, place < instances.count, instances.series[place].key == key else { return nil }
        return place
    }

    /// Agents may have gone: those that were noted are not touched any more.
    mutating func forgetAgents() {
        for place in begun..<datagramCount { datagrams[place].agent = nil }
    }

    private mutating func forget() { (itemCount, datagramCount, begun, left) = (0, 0, 0, 0..<0) }

    private static func key(_ subAgent: UInt32, _ dataSource: DataSource) -> SampleInstance.Key {
        SampleInstance.Key(subAgent: subAgent, kind: .flow, dataSource: dataSource)
    }
}
