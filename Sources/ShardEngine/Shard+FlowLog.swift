// Logged and exported flows: what has ended becomes a record in the outbox.

internal import Bytes
internal import FlowLanguage

extension Shard {
    /// Notes that time has come so far: flows that have been silent too long are reported. The content of the records does
    /// not depend on when this is called, as long as no datagram with an earlier arrival comes after it.
    package func advance(to instant: Int64) {
        guard !loggedFlows.isEmpty else { return }
        for agent in agents.values {
            for place in loggedFlows {
                guard let state = agent.flow(place) else { continue }
                state.log?.advance(to: max(0, instant), into: &endedFlows)
                reportEnded(state, of: agent)
            }
        }
    }

    /// Adds the sample at hand to the log.
    func log(_ match: borrowing FlowMatch, _ state: FlowState, source: Int, of agent: Agent, arrival: Int64) {
        state.log?.add(match, source: source, at: arrival, into: &endedFlows)
        reportEnded(state, of: agent)
    }

    /// Reports what an agent that leaves has not finished.
    func closeLogs(of agent: Agent) {
        for place in loggedFlows {
            guard let state = agent.flow(place) else { continue }
            state.log?.close(into: &endedFlows)
            reportEnded(state, of: agent)
        }
    }

    private func reportEnded(_ state: FlowState, of agent: Agent) {
        guard !endedFlows.isEmpty else { return }
        for flow in endedFlows {
            outbox.add(
                FlowRecord(
                    name: state.flow.name, agent: agent.address, source: agent.sources[flow.source],
                    flowKey: state.flow.keyText(flow.key), value: flow.value, values: flow.furtherValues,
                    start: flow.start, end: flow.end, isLogged: state.flow.compiled.definition.log,
                    exported: state.flow.exportLayout.map { ExportedFlow(layout: $0, key: flow.key) }))
        }
        endedFlows.removeAll(keepingCapacity: true)
    }
}
