// What is wrong with agents, from their books at two moments some seconds apart.

package struct AgentJudgement: Sendable {
    private let before: [String: ServerLook.Agent]
    private let now: ServerLook

    /// Agents report counters every 20 to 30 seconds: who has missed two reports is silent. Unit: seconds.
    package static let silenceMax = 60.0
    /// Lost datagrams of all that were sent: below this, and not growing, it is history.
    private static let lossShareMax = 0.001

    package init(before: ServerLook, now: ServerLook) {
        self.before = Dictionary(before.agents.map { ($0.address, $0) }, uniquingKeysWith: { first, _ in first })
        self.now = now
    }

    // MARK: One agent

    /// - Parameter name: address or host name, as the user wrote it.
    package func findings(of name: String) -> [Finding] {
        let known = now.agents.filter { $0.address == name || $0.hostName == name }
        guard known.isEmpty else { return known.flatMap { findings([$0]) + detail($0) } }
        let senders = now.agents.filter { $0.sources.contains(name) }
        guard senders.isEmpty else {
            return [
                .fault(
                    "\(name) is no agent by this name, but datagrams come from it: they say that their agent is \(listed(senders.map(\.name))).",
                    advice: "An agent is known by the address inside its datagrams. Ask by that, or set the agent's address on the device "
                        + "(`agent-ip`, `agent` or `source`).")
            ]
        }
        return [
            .fault(
                "No datagram of \(name) has ever arrived, or it was forgotten after ten minutes of silence.",
                advice: "On the device: is sFlow on, is the collector this machine's address and UDP port, and does its route or "
                    + "management network lead here? Here: `tcpdump -ni any udp port 6343` shows whether anything arrives; if so, a "
                    + "firewall of this machine drops it. An agent may also be known by another of its addresses: see /agents/json.")
        ]
    }

    /// What only matters when somebody asks for this agent.
    private func detail(_ agent: ServerLook.Agent) -> [Finding] {
        var findings: [Finding] = []
        if agent.counterSamples == 0 {
            findings.append(
                .hint("\(agent.name) sends no counters.", advice: "Set a polling interval on the device (20 s) if you want its interface metrics."))
        }
        if agent.flowSamples == 0 {
            findings.append(
                .hint("\(agent.name) sends no packet samples.", advice: "Set a sampling rate on the device's ports if you want flows of it."))
        }
        if agent.outOfOrder > 0 {
            findings.append(
                .hint(
                    "\(counted(agent.outOfOrder, "datagram")) of \(agent.name) came out of order.",
                    advice: "Several paths lead here. They are counted all the same, and nothing is lost by it."))
        }
        return findings
    }

    // MARK: All agents

    /// One finding a kind, with the agents that have it.
    package func findings() -> [Finding] { findings(now.agents) }

    private func findings(_ agents: [ServerLook.Agent]) -> [Finding] {
        [silent(agents), losing(agents), twice(agents), restarting(agents), dropping(agents), damaged(agents)].compactMap { $0 }
    }

    private func silent(_ agents: [ServerLook.Agent]) -> Finding? {
        let silent = agents.filter { $0.silence > AgentJudgement.silenceMax }.sorted { $0.silence > $1.silence }
        guard let first = silent.first else { return nil }
        let others = now.agents.count - silent.count
        let advice =
            others == 0
            ? "All are silent, so look at what they have in common: this machine's firewall, its address, the network before it, or "
                + "with a NodePort the pods behind it."
            : "Others are heard (\(others)), so it is these or their way here. For each: is sFlow still on, is the "
                + "device up, does `tcpdump -ni any udp port 6343` show datagrams from it here?"
        let who = silent.count == 1 ? "\(first.name) is" : "\(counted(Double(silent.count), "agent")) are"
        let names = silent.count == 1 ? "" : ": \(listed(silent.map(\.name)))"
        return .fault("\(who) silent: the last datagram came \(spoken(seconds: first.silence)) ago\(names).", advice: advice)
    }

    private func losing(_ agents: [ServerLook.Agent]) -> Finding? {
        let losing = agents.filter { $0.lost > 0 }.sorted { $0.lost > $1.lost }
        guard !losing.isEmpty else { return nil }
        let lost = losing.reduce(0) { $0 + $1.lost }
        let sent = losing.reduce(lost) { $0 + $1.received }
        let growth = losing.reduce(0) { $0 + $1.lost - min($1.lost, before[$1.address]?.lost ?? 0) }
        let inKernel = now.figure("sFlowDatagramsDiscarded")
        let cause =
            inKernel > 0
            ? "This server's kernel has dropped \(counted(inKernel, "datagram")): mend that first, it may be all of it."
            : "The server itself has dropped none: they are lost on the way. Look at the drops of the switches between, at policers for "
                + "management traffic, and at the agent's own export; fewer samples (a larger sampling rate) ease all of these."
        let what =
            "\(counted(lost, "datagram")) of \(listed(losing.map(\.name))) never arrived, \(percent(lost / sent)) of what was sent"
            + (growth > 0 ? ", and it is going on." : "; none in the last seconds.")
        return growth > 0 || lost / sent > AgentJudgement.lossShareMax ? .fault(what, advice: cause) : .hint(what, advice: cause)
    }

    private func twice(_ agents: [ServerLook.Agent]) -> Finding? {
        let doubled = agents.filter { $0.duplicates > 0 }
        guard !doubled.isEmpty else { return nil }
        return .hint(
            "Datagrams of \(listed(doubled.map(\.name))) arrive twice. Each is counted once.",
            advice: "Two collectors configured on the device that both lead here, or a switch that copies the packets, cost bandwidth for nothing.")
    }

    private func restarting(_ agents: [ServerLook.Agent]) -> Finding? {
        let restarting = agents.filter { $0.restarts >= 3 }
        guard !restarting.isEmpty else { return nil }
        let shared = restarting.filter { $0.sources.count > 1 }
        return .fault(
            "\(listed(restarting.map(\.name))) began counting anew \(counted(restarting.map(\.restarts).reduce(0, +), "time")).",
            advice: shared.isEmpty
                ? "The agent restarts again and again: see the device's log."
                : "Datagrams of \(listed(shared.map(\.name))) come from several addresses (\(listed(shared.flatMap(\.sources)))): two devices "
                    + "may have the same agent address. Give each its own.")
    }

    private func dropping(_ agents: [ServerLook.Agent]) -> Finding? {
        let dropping = agents.filter { $0.agentDrops > 0 && $0.agentDrops > AgentJudgement.lossShareMax * $0.flowSamples }
        guard !dropping.isEmpty else { return nil }
        return .fault(
            "\(listed(dropping.map(\.name))) could not sample \(counted(dropping.map(\.agentDrops).reduce(0, +), "packet")) for want of resources.",
            advice: "The device is asked for more samples than it can take: a larger sampling rate (1 in 10000 instead of 1 in 1000).")
    }

    private func damaged(_ agents: [ServerLook.Agent]) -> Finding? {
        let damaged = agents.filter { !$0.faults.isEmpty }
        guard !damaged.isEmpty else { return nil }
        let reasons = Set(damaged.flatMap(\.faults.keys)).sorted()
        return .fault(
            "Datagrams of \(listed(damaged.map(\.name))) have damaged parts (\(listed(reasons))). The rest of them counts.",
            advice: "The device's software writes wrong sFlow: update it, and tell its vendor.")
    }

    private func percent(_ share: Double) -> String {
        let tenths = Int(exactly: (share * 1000).rounded()) ?? 0
        return tenths == 0 ? "under 0.1 %" : "\(tenths / 10).\(tenths % 10) %"
    }
}
