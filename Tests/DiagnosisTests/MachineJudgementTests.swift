// What is said of a machine, from texts as the kernel writes them (Linux 6.1).

import Diagnosis
import Testing

@Suite struct MachineJudgementTests {
    private static let udp = """
           sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode ref pointer drops
          118: 00000000:18C7 00000000:0000 07 00000000:00000A00 00:00000000 00000000  6343        0 5001 2 0000000000000000 17
          119: 0100007F:0035 00000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 5002 2 0000000000000000 0
        """
    /// A node: one agent's datagrams go to a pod, another one's were tracked before there was any.
    private static let tracked = """
        ipv4     2 udp      17 29 src=192.0.2.1 dst=10.77.0.12 sport=5000 dport=30343 [UNREPLIED] src=10.78.1.5 dst=192.0.2.1 sport=6343 dport=5000 mark=0 use=2
        ipv4     2 udp      17 29 src=192.0.2.2 dst=10.77.0.12 sport=5001 dport=30343 [UNREPLIED] src=10.77.0.12 dst=192.0.2.2 sport=30343 dport=5001 mark=0 use=2
        ipv4     2 tcp      6 86390 ESTABLISHED src=192.0.2.3 dst=10.77.0.12 sport=5 dport=30343 src=10.77.0.12 dst=192.0.2.3 sport=30343 dport=5 [ASSURED] use=1
        """

    private func judgement(_ look: MachineLook, receiving: MachineJudgement.Receiving = .expected, senders: Set<String> = []) -> MachineJudgement {
        MachineJudgement(look, sflowPort: 6343, nodePort: 30343, receiving: receiving, senders: senders)
    }

    private func look(owner: String? = "weir", drops: Int = 0) -> MachineLook {
        var look = MachineLook()
        look.sockets = MachineLook.sockets(Self.udp, ports: [6343])
        look.sockets[0].owner = owner
        look.sockets[0].drops = drops
        look.receiveBufferMax = 16 << 20
        look.tracked = []
        return look
    }

    @Test func socketsAreRead() {
        let sockets = MachineLook.sockets(Self.udp, ports: [6343, 30343])
        #expect(sockets.map(\.port) == [6343] && sockets.map(\.inode) == [5001])
        #expect(sockets.map(\.drops) == [17] && sockets.map(\.waiting) == [0xA00])
    }

    @Test(arguments: ["", "x", "a b c", "head\n1: 00:18C7", "head\n 1: zz:zzzz a b c:d e f g h i j k l", "src=1 dst= udp dport=x ==="])
    func textsOfAnyShapeDoNoHarm(text: String) {
        #expect(MachineLook.sockets(text, ports: [6343]) == [])
        #expect(MachineLook.tracked(text) == [])
    }

    @Test func aMachineThatListensIsWell() {
        #expect(judgement(look()).findings() == [])
        #expect(judgement(look()).listeners == "1 socket of weir")
    }

    @Test func nobodyListens() {
        var empty = look()
        empty.sockets = []
        #expect(judgement(empty).findings().map(\.weight) == [.fault])
        #expect(judgement(empty, receiving: .elsewhere).findings().map(\.weight) == [.hint])
        #expect(judgement(empty, receiving: .seen).findings() == [])
    }

    @Test func somebodyElseListens() {
        #expect(judgement(look(owner: "hsflowd")).findings().map(\.what) == ["UDP port 6343 is taken by hsflowd."])
        #expect(judgement(look(owner: "conmon")).findings() == [])
        // An ordinary user does not see whose a socket is.
        #expect(judgement(look(owner: nil)).findings() == [])
    }

    @Test func aFullBufferIsTold() {
        var small = look(drops: 17)
        small.receiveBufferMax = 212_992
        let findings = judgement(small).findings()
        #expect(findings.map(\.weight) == [.fault, .hint])
        #expect(findings[0].what.contains("17 datagrams") && findings[1].what.contains("212992"))
    }

    @Test func aTrackedConnectionThatLeadsNowhereIsFound() throws {
        var node = look()
        node.tracked = MachineLook.tracked(Self.tracked)
        #expect(node.tracked?.count == 2)
        let findings = judgement(node).findings()
        #expect(findings.count == 1 && findings[0].weight == .fault)
        #expect(findings[0].what.contains("192.0.2.2") && !findings[0].what.contains("192.0.2.1 "))
        #expect(findings[0].advice.contains("conntrack -D -p udp --orig-port-dst 30343"))
        #expect(judgement(node, senders: ["192.0.2.1"]).findings().map(\.what) == ["This node passes its datagrams on to 10.78.1.5:6343."])
    }

    @Test func whereTrackingCannotBeReadTheCommandIsTold() {
        var unread = look()
        unread.tracked = nil
        #expect(judgement(unread).findings() == [])
        #expect(judgement(unread, senders: ["192.0.2.1"]).findings()[0].advice.contains("conntrack -L"))
    }
}
