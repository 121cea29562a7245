// What a server says of itself and of its agents at one moment: answers of its REST API, read leniently. A member that is missing
// counts as 0, so that older servers, and sFlow-RT, can be asked as well.

package import Definitions

package struct ServerLook: Sendable {
    /// The books of one agent, from `/agents/json`. Counts are since the agent was first heard.
    package struct Agent: Sendable {
        package var address: String
        package var hostName: String?
        /// Addresses that its datagrams came from.
        package var sources: [String] = []
        package var received = 0.0, lost = 0.0, outOfOrder = 0.0, duplicates = 0.0, restarts = 0.0
        package var flowSamples = 0.0, counterSamples = 0.0
        /// Packets that the agent itself could not sample for want of resources.
        package var agentDrops = 0.0
        /// Damaged parts by reason.
        package var faults: [String: Double] = [:]
        /// Since its last, and its first, datagram. Unit: seconds.
        package var silence = 0.0, known = 0.0

        package init(address: String) { self.address = address }

        /// As people call it.
        var name: String { hostName.map { "\(address) (\($0))" } ?? address }
    }

    package struct Member: Sendable {
        package var name: String
        package var role: String
        package var state: String
        package var dropped = 0.0, queued = 0.0
    }

    package var agents: [Agent]
    /// Members of `/analyzer/json` that are numbers, and of its stages by `stage.entry`.
    package var figures: [String: Double] = [:]
    package var version = ""
    /// `serve` or `coordinator`; empty where nothing is said.
    package var role = ""
    package var leader = ""
    package var shards = 0.0, missingShards = 0.0, warmingShards = 0.0
    package var isFrozen = false
    package var members: [Member] = []

    /// - Parameters: bodies of `/agents/json`, `/analyzer/json` and `/cluster/json`; the last is nil where it is not answered.
    package init(agents: JSONValue, analyzer: JSONValue, cluster: JSONValue?) {
        self.agents = (agents.object?.members ?? []).map { Agent(harmless($0.name), $0.value) }
        for member in analyzer.object?.members ?? [] {
            if let number = member.value.number { figures[member.name] = number }
        }
        for stage in analyzer["stages"]?.object?.members ?? [] {
            for entry in stage.value.object?.members ?? [] { figures["\(stage.name).\(entry.name)"] = entry.value.number ?? 0 }
        }
        version = harmless(analyzer["version"]?.text ?? "")
        guard let cluster else { return }
        role = harmless(cluster["role"]?.text ?? "")
        leader = harmless(cluster["leader"]?.text ?? "")
        shards = cluster.number("shards")
        missingShards = cluster.number("missingShards")
        warmingShards = cluster.number("warmingShards")
        isFrozen = cluster["frozen"] == .bool(true)
        members = (cluster["members"]?.list ?? []).map { member in
            Member(
                name: harmless(member["name"]?.text ?? "?"), role: harmless(member["role"]?.text ?? "?"),
                state: harmless(member["state"]?.text ?? "?"), dropped: member["load"]?.number("dropped") ?? 0,
                queued: member["load"]?.number("queued") ?? 0)
        }
    }

    /// 0 when it is not there.
    package func figure(_ name: String) -> Double { figures[name] ?? 0 }

    /// Entries of a stage that begin with a prefix and are above 0, without it, the largest first.
    func reasons(_ prefix: String) -> [(reason: String, count: Double)] {
        figures.filter { $0.key.hasPrefix(prefix) && $0.value > 0 }
            .map { (String($0.key.dropFirst(prefix.count)), $0.value) }
            .sorted { ($1.count, $0.reason) < ($0.count, $1.reason) }
    }
}

extension ServerLook.Agent {
    init(_ address: String, _ books: JSONValue) {
        self.init(address: address)
        hostName = books["hostName"]?.text.map(harmless)
        sources = (books["sFlowDatagramSource"]?.list ?? []).compactMap { $0.text.map(harmless) }
        received = books.number("sFlowDatagramsReceived")
        lost = books.number("sFlowDatagramsLost")
        outOfOrder = books.number("sFlowDatagramsOutOfOrder")
        duplicates = books.number("sFlowDatagramsDuplicates")
        restarts = books.number("sFlowRestarts")
        flowSamples = books.number("sFlowFlowSamples")
        counterSamples = books.number("sFlowCounterSamples")
        agentDrops = books.number("sFlowFlowDrops")
        for fault in books["faults"]?.object?.members ?? [] { faults[harmless(fault.name)] = fault.value.number ?? 0 }
        silence = books.number("lastSeen") / 1000
        known = books.number("firstSeen") / 1000
    }
}

extension JSONValue {
    fileprivate subscript(name: String) -> JSONValue? { object?[name] }
    fileprivate func number(_ name: String) -> Double { self[name]?.number ?? 0 }

    fileprivate var number: Double? {
        if case .number(let number) = self, number.isFinite { number } else { nil }
    }
    fileprivate var text: String? {
        if case .string(let text) = self { text } else { nil }
    }
    fileprivate var list: [JSONValue]? {
        if case .array(let list) = self { list } else { nil }
    }
}
