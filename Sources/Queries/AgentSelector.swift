// The `{agents}` part of a query: which agents, and which of their rows.

package import Bytes
package import ShardEngine

package enum AgentSelector: Hashable, Sendable {
    case all
    /// Agents by address, by host name, or by the name of their node in the topology.
    case listed(addresses: Set<IPAddress>, names: Set<String>)
    /// Rows that the topology names. Without a topology these select nothing.
    case topology, edge, core

    /// Reads `ALL`, `TOPOLOGY`, `EDGE`, `CORE`, or addresses and host names separated by `;` or `,`.
    package init(_ text: String) throws(QueryError) {
        let parts = text.split(whereSeparator: { $0 == ";" || $0 == "," }).map(String.init)
        guard let first = parts.first else {
            throw QueryError("no agent named: use an address, a host name, a list, or ALL")
        }
        guard parts.count <= QueryLimits.agentsMax else {
            throw QueryError("\(parts.count) agents named: at most \(QueryLimits.agentsMax)")
        }
        if parts.count == 1, let selector = AgentSelector.words[first] {
            self = selector
            return
        }
        // Taken for the name of an agent it would leave out, without a word, what was meant to be added.
        if let word = parts.first(where: { AgentSelector.words[$0] != nil }) {
            throw QueryError("\(word) cannot stand in a list of agents: ask for it alone")
        }
        self.init(listing: parts)
    }

    private static let words: [String: AgentSelector] = ["ALL": .all, "TOPOLOGY": .topology, "EDGE": .edge, "CORE": .core]

    package init(listing parts: [String]) {
        var addresses: Set<IPAddress> = [], names: Set<String> = []
        for part in parts {
            if let address = IPAddress(part) { addresses.insert(address.unmapped) } else { names.insert(part) }
        }
        self = .listed(addresses: addresses, names: names)
    }

    package func selects(_ view: AgentView) -> Bool {
        switch self {
        case .all: true
        case .topology, .edge, .core: view.nodeName != nil
        case .listed(let addresses, let names):
            addresses.contains(view.agent.address)
                || !names.isEmpty
                    && (view.hostName.map { names.contains($0) || names.contains(shortName($0)) } == true
                        || view.nodeName.map(names.contains) == true)
        }
    }

    /// Whether a row of a selected agent belongs to the answer.
    package func selects(_ view: AgentView, source: Int) -> Bool {
        switch self {
        case .all, .listed, .topology: true
        case .edge: view.portClass(source) == .edge
        case .core: view.portClass(source) == .core
        }
    }

    /// A host name before its domain.
    private func shortName(_ name: String) -> String { String(name.prefix { $0 != "." }) }
}

extension Shard {
    /// The agents that a query selects and that are still alive at its instant, by address.
    package func views(of selector: AgentSelector, at instant: Instant) -> [AgentView] {
        var views: [AgentView] = []
        forEachView(of: selector, at: instant) { views.append($0) }
        return views
    }

    /// The same one after the other, without a list of them.
    package func forEachView(of selector: AgentSelector, at instant: Instant, _ body: (AgentView) -> Void) {
        let candidates: [Agent]
        if case .listed(let addresses, let names) = selector, names.isEmpty {
            candidates = addresses.compactMap { agents[$0] }.sorted { $0.address < $1.address }
        } else {
            candidates = sortedAgents
        }
        for agent in candidates {
            let view = AgentView(agent, at: instant, of: self)
            if view.isVisible, selector.selects(view) { body(view) }
        }
    }
}
