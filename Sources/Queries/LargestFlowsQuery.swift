// The largest flows of a host where one data source decides how large a flow is (modes `max` and `core`), without looking at
// the many flows that are small everywhere:
//
// 1. Each thread lists the flows that are among its own `maxFlows` largest. Whatever is among the largest of the host is
//    among the largest of the thread that has its largest rate, so it is in one of the lists.
// 2. The largest of the host are known then, and all threads say at how many of their data sources those are (`flowN`).
//
// What other hosts list is looked for in the same way.

package import ShardEngine

extension ActiveFlowsQuery {
    /// Whether a flow is as large as at the one data source where it is largest.
    package var isDecidedByLargest: Bool { mode.bound == .largest }

    /// Before the first shard.
    /// - Parameter flow: the query's definition.
    package func emptyLargest(_ flow: ActiveFlow) -> LargestFlows {
        let pattern = pattern(flow)
        return LargestFlows(limit: maxFlows, least: minValue) { pattern?.matches($0) ?? true }
    }

    /// What a thread found, as if each flow were nowhere but where it is largest.
    package func partial(_ largest: LargestFlows) -> FlowPartial {
        var flows: FlowPartial = [:]
        for flow in largest.found {
            let place = Place(agent: flow.agent, source: flow.source)
            flows[flow.reading.key, default: FlowTally(mode)].add(flow.reading, at: place, keepsRates: false)
        }
        return flows
    }
}

extension FlowTally {
    /// When the data sources were counted after the largest was found. It was there, whatever has become of it since.
    package func counted(_ count: Int) -> FlowTally {
        FlowTally(count: max(1, count), best: best, rates: rates, prefersSmallest: prefersSmallest)
    }
}

extension Shard {
    /// Adds this shard's flows as far as they may be among the largest.
    package func collect(_ query: ActiveFlowsQuery, at instant: Instant, into largest: inout LargestFlows) {
        guard let flow = flow(named: query.flow) else { return }
        forEachView(of: query.agents, at: instant) { view in
            largest.add(view, flow: flow) { query.selects(view, source: $0) }
        }
    }

    /// Adds the numbers of data sources that have certain flows, by the order of the keys.
    package func count(
        _ query: ActiveFlowsQuery, _ search: inout FlowSearch, at instant: Instant, into counts: inout [Int]
    ) {
        guard let flow = flow(named: query.flow) else { return }
        forEachView(of: query.agents, at: instant) { view in
            search.look(through: view, flow: flow)
            for find in search.finds where query.selects(view, source: Int(find.source)) { counts[Int(find.key)] += 1 }
        }
    }

    /// Adds what this shard has of certain flows, by the order of the keys.
    package func tally(
        _ query: ActiveFlowsQuery, _ search: inout FlowSearch, at instant: Instant, into tallies: inout [FlowTally]
    ) {
        guard let flow = flow(named: query.flow) else { return }
        forEachView(of: query.agents, at: instant) { view in
            search.look(through: view, flow: flow)
            for find in search.finds where query.selects(view, source: Int(find.source)) {
                guard let reading = view.reading(of: find, flow: flow) else { continue }
                let place = Place(agent: view.agent.address, source: view.agent.sources[Int(find.source)])
                tallies[Int(find.key)].add(reading, at: place, keepsRates: false)
            }
        }
    }
}
