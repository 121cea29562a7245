// What is wrong on the machine that the doctor runs on: whether somebody listens, whether the kernel drops, and whether a tracked
// connection leads an agent's datagrams nowhere.

package struct MachineJudgement: Sendable {
    /// Where sFlow is received, as far as is known.
    package enum Receiving: Sendable {
        /// On this machine, if at all.
        case expected
        /// On this machine, or from a capture: datagrams are being taken in.
        case seen
        case elsewhere
    }

    private let look: MachineLook
    private let sflowPort: Int
    private let nodePort: Int
    private let receiving: Receiving
    /// Addresses of the agent that the user asks for; empty for all.
    private let senders: Set<String>

    /// Programs that hold a container's published port for it.
    private static let containerProxies: Set = ["conmon", "docker-proxy"]
    /// Receive buffer that Weir asks for; see the setting `sflow.rcvbuf`. Unit: bytes.
    private static let receiveBufferWanted = 16 << 20

    package init(_ look: MachineLook, sflowPort: Int, nodePort: Int, receiving: Receiving, senders: Set<String> = []) {
        self.look = look
        self.sflowPort = sflowPort
        self.nodePort = nodePort
        self.receiving = receiving
        self.senders = senders
    }

    package func findings() -> [Finding] { [listener, drops, buffer, tracking].compactMap { $0 } + blackHoles + translations }

    private func sockets(_ port: Int) -> [MachineLook.Socket] { look.sockets.filter { $0.port == port } }

    /// For the summary: "1 socket of weir".
    package var listeners: String {
        let found = sockets(sflowPort)
        guard !found.isEmpty else { return "nobody listens" }
        let owners = Set(found.compactMap(\.owner)).sorted()
        return counted(Double(found.count), "socket") + (owners.isEmpty ? "" : " of \(listed(owners.map(harmless)))")
    }

    private var listener: Finding? {
        let found = sockets(sflowPort)
        guard !found.isEmpty else {
            let what = "Nobody listens on UDP port \(sflowPort) of this machine."
            let advice = "Start Weir, or see its log for why it could not take the port"
            switch receiving {
            case .expected: return .fault(what, advice: "\(advice); `--sflow-port` names another port to look at.")
            case .seen: return nil
            case .elsewhere: return .hint(what, advice: "Where agents send to, ask the doctor there.")
            }
        }
        let foreign = Set(found.compactMap(\.owner)).filter { $0 != "weir" && !MachineJudgement.containerProxies.contains($0) }.sorted()
        guard receiving == .expected, !foreign.isEmpty else { return nil }
        return .fault(
            "UDP port \(sflowPort) is taken by \(listed(foreign.map(harmless))).",
            advice: "Only one program gets an agent's datagrams: stop the other one, or let Weir listen elsewhere (`--sflow-port`).")
    }

    private var drops: Finding? {
        let dropped = sockets(sflowPort).reduce(0) { $0 &+ $1.drops }
        guard dropped > 0 else { return nil }
        return .fault(
            "Sockets on UDP port \(sflowPort) of this machine have dropped \(counted(Double(dropped), "datagram")): their receive buffers were full.",
            advice: "Raise net.core.rmem_max (below) and start the process again; then more `sflow.sockets`.")
    }

    private var buffer: Finding? {
        guard let most = look.receiveBufferMax, most < MachineJudgement.receiveBufferWanted, !sockets(sflowPort).isEmpty else { return nil }
        return .hint(
            "net.core.rmem_max is \(most): a receive buffer holds less than the \(MachineJudgement.receiveBufferWanted) bytes that Weir asks for.",
            advice: "`sysctl -w net.core.rmem_max=\(MachineJudgement.receiveBufferWanted)`, and the same in /etc/sysctl.d; or grant CAP_NET_ADMIN.")
    }

    // MARK: Connection tracking

    private var tracking: Finding? {
        guard look.tracked == nil, !senders.isEmpty else { return nil }
        return .hint(
            "Tracked connections cannot be read here.",
            advice: "As root, `conntrack -L -p udp --orig-port-dst \(nodePort)` on the node shows what a NodePort does with an agent's datagrams.")
    }

    private var relevant: [MachineLook.TrackedFlow] {
        (look.tracked ?? []).filter { flow in
            (flow.port == sflowPort || flow.port == nodePort || flow.realPort == sflowPort)
                && (senders.isEmpty || senders.contains(flow.source))
        }
    }

    /// A NodePort's port is never listened on: whoever is not translated was tracked when there was no pod, and each datagram
    /// renews that.
    private var blackHoles: [Finding] {
        let lost = relevant.filter { $0.port == nodePort && !$0.isTranslated && !sockets(nodePort).contains { $0.owner == "weir" } }
        guard !lost.isEmpty else { return [] }
        return [
            .fault(
                "Datagrams of \(listed(Set(lost.map(\.source)).sorted())) to node port \(nodePort) lead nowhere: the kernel began to track "
                    + "them when no pod was behind the port, and every datagram renews that.",
                advice: "`conntrack -D -p udp --orig-port-dst \(nodePort)` on this node; the next datagram finds the way. With "
                    + "`externalTrafficPolicy: Local` it also means that this node has no ingest pod: point the agent at one that has, or use "
                    + "`Cluster`. overlays/hostnetwork has neither trouble.")
        ]
    }

    private var translations: [Finding] {
        guard !senders.isEmpty else { return [] }
        let translated = Set(relevant.filter(\.isTranslated).map { "\($0.realDestination):\($0.realPort)" }).sorted()
        guard !translated.isEmpty else { return [] }
        return [
            .hint(
                "This node passes its datagrams on to \(listed(translated)).",
                advice: "Is that a living ingest pod (`kubectl -n weir get pods -o wide`)? If not: `conntrack -D -p udp --orig-port-dst \(nodePort)`.")
        ]
    }
}
