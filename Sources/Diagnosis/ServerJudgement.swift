// What is wrong with the server: what it could not receive, what it refused, and in a cluster who is missing.

package struct ServerJudgement: Sendable {
    private let before: ServerLook
    private let now: ServerLook

    package init(before: ServerLook, now: ServerLook) {
        self.before = before
        self.now = now
    }

    package func findings() -> [Finding] {
        [nothingArrives, kernelDrops, truncated, receiveErrors].compactMap { $0 } + refusals + cluster
    }

    private func growth(_ name: String) -> Double { now.figure(name) - before.figure(name) }

    /// "12 datagrams, and it goes on" or "12 datagrams, none in the last seconds".
    private func told(_ name: String) -> String {
        counted(now.figure(name), "datagram") + (growth(name) > 0 ? ", and it is going on" : ", none in the last seconds")
    }

    // MARK: Receiving

    private var nothingArrives: Finding? {
        guard now.figure("sFlowDatagramsReceived") == 0 else { return nil }
        return .fault(
            "No datagram has arrived since the server started, \(spoken(seconds: now.figure("uptime") / 1000)) ago.",
            advice: "Point an agent at UDP port 6343 of the machine that receives. Does it send, `tcpdump -ni any udp port 6343` shows it; "
                + "if it does, a firewall is in the way (`nft list ruleset`). `weir simulate --target HOST:6343` sends something to try with.")
    }

    private var kernelDrops: Finding? {
        guard now.figure("sFlowDatagramsDiscarded") > 0 else { return nil }
        return .fault(
            "The kernel dropped \(told("sFlowDatagramsDiscarded")): the receive buffer was full.",
            advice: "Raise net.core.rmem_max to 16777216 where sFlow is received and start that process again; if it goes on, more "
                + "`sflow.sockets`, or in a cluster more ingest nodes.")
    }

    private var truncated: Finding? {
        guard now.figure("ingest.truncated") > 0 else { return nil }
        return .fault(
            "\(told("ingest.truncated")): longer than any sFlow datagram, and cut off.",
            advice: "Something else sends to this port.")
    }

    private var receiveErrors: Finding? {
        guard now.figure("ingest.receive_errors") > 0 else { return nil }
        return .fault("Receiving failed \(counted(now.figure("ingest.receive_errors"), "time")).", advice: "The server's log says why.")
    }

    private var refusals: [Finding] {
        now.reasons("shards.refused.").map { reason, _ in
            .fault("Refused: \(told("shards.refused.\(reason)")) (\(harmless(reason))).", advice: ServerJudgement.advice(onRefusal: reason))
        }
    }

    private static func advice(onRefusal reason: String) -> String {
        switch reason {
        case "foreign_version":
            "Something that is not sFlow comes to this port: NetFlow and IPFIX exporters are often pointed here by mistake. "
                + "`tcpdump -ni any udp port 6343` shows who sends."
        case "unsupported_version": "An agent sends sFlow version 2 or 4: set version 5 on the device, or update its software."
        case "too_many_agents": "More agents than a shard takes; forged agent addresses do that, too. See who is in /agents/json."
        default: "They are cut off or damaged: an old device, a tunnel that fragments, or something else that sends to this port."
        }
    }

    // MARK: Cluster

    private var cluster: [Finding] {
        guard now.role == "coordinator" else { return [] }
        var findings: [Finding] = []
        if now.leader.isEmpty {
            findings.append(
                .fault("No coordinator leads.", advice: "For some seconds after one died this is so; longer: the store (etcd, API server) is not reached."))
        }
        if now.missingShards > 0 {
            findings.append(
                .fault(
                    "\(counted(now.missingShards, "shard")) of \(Int(now.shards)) are missing: answers lack their agents.",
                    advice: "Too few workers are there; start those that are gone."))
        }
        if now.isFrozen {
            findings.append(
                .fault("So many workers went at once that ownership is frozen.", advice: "Bring back workers or the network between; it then goes on by itself."))
        }
        for member in now.members where member.state != "up" && member.state != "draining" {
            findings.append(
                .fault("\(member.role) \(member.name) is \(member.state).", advice: "See whether the process runs, its log, and its way to the coordinator."))
        }
        if !now.members.isEmpty, !now.members.contains(where: { $0.role == "ingest" }) {
            findings.append(.fault("No ingest node is there: nothing can be received.", advice: "Start `weir ingest --coordinator …`."))
        }
        return findings + drops
    }

    private var drops: [Finding] {
        let earlier = Dictionary(before.members.map { ($0.name, $0.dropped) }, uniquingKeysWith: { first, _ in first })
        return now.members.filter { $0.dropped > 0 }.map { member in
            let isGoingOn = member.dropped > earlier[member.name] ?? 0
            let what = "\(member.role) \(member.name) dropped \(counted(member.dropped, "datagram"))"
            guard isGoingOn else {
                return .hint("\(what), none in the last seconds.", advice: "As when a worker dies or comes: its copies of what was queued.")
            }
            return .fault(
                "\(what), and it is going on.",
                advice: member.queued > 0
                    ? "Workers cannot keep up: more of them, or more processors each."
                    : "Its receive buffer is small: raise net.core.rmem_max on its machine.")
        }
    }
}

/// When the server itself is the trouble.
extension Finding {
    package static func unreachable(_ server: String, why: String) -> Finding {
        .fault(
            "Nobody answers at \(server): \(why).",
            advice: "Does it run (`systemctl status weir`; on Kubernetes `kubectl -n weir get pods`)? Is this its address? With Kubernetes: "
                + "`kubectl -n weir port-forward service/weir 8008:8008`. `--server` names another one.")
    }

    package static func notReady(_ server: String, _ path: String) -> Finding {
        .fault(
            "\(server) has no answer yet (503 to \(path)): no coordinator leads, or no worker has joined.",
            advice: "For some seconds after a start or a failure this is so. Longer: see /readyz at the cluster ports, and the coordinators' logs.")
    }

    package static func notOurs(_ server: String) -> Finding {
        .fault("\(server) answers, but not as Weir does.", advice: "Something else has that port, or `--server` lacks a path prefix.")
    }
}
