// Live sFlow over real sockets of the loopback interface: what is sent is counted to the datagram, or the kernel says how
// much it dropped.

import Bytes
import DatagramBuilding
import Datagrams
import Ingest
import Testing

@Suite(.serialized, .timeLimit(.minutes(2))) struct UDPReceiverTests {
    private struct Running {
        let receiver: UDPReceiver
        let sink: CollectingSink
        let counters: IngestCounters
    }

    private func started(
        shards: Int = 1, _ configure: (inout UDPReceiver.Configuration) -> Void = { _ in }
    ) throws -> Running {
        var configuration = UDPReceiver.Configuration(port: 0)
        configure(&configuration)
        let (sink, counters) = (CollectingSink(shardCount: shards), IngestCounters())
        let receiver = try UDPReceiver(configuration, sink: sink, counters: counters)
        receiver.start()
        return Running(receiver: receiver, sink: sink, counters: counters)
    }

    @Test(arguments: LoopbackSender.hasIPv6 ? LoopbackSender.Family.allCases : [.ipv4])
    func bothFamiliesOnOnePort(family: LoopbackSender.Family) async throws {
        let running = try started()
        #expect(running.receiver.port > 0, "a free one, told")
        let sender = try LoopbackSender(family)
        for number in 1...5 { try sender.send(datagram(number), to: running.receiver.port) }
        try await waitUntil("five datagrams arrive") { running.sink.count == 5 }
        running.receiver.stop()
        let received = running.sink.received
        #expect(received.map(\.bytes) == (1...5).map { datagram($0) }, "whole and in order")
        let source = IPAddress(family == .ipv4 ? "127.0.0.1" : "::1")
        #expect(received.allSatisfy { $0.udpSource == source })
        #expect(received.map(\.arrival) == received.map(\.arrival).sorted())
    }

    /// Only the addresses asked for.
    @Test func oneAddress() async throws {
        let running = try started { $0.address = IPAddress("127.0.0.1") }
        defer { running.receiver.stop() }
        try LoopbackSender(.ipv4).send(datagram(1), to: running.receiver.port)
        try await waitUntil("it arrives") { running.sink.count == 1 }
        #expect(throws: (any Error).self) {
            _ = try UDPReceiver(
                .init(address: IPAddress("192.0.2.1"), port: 0), sink: CollectingSink(), counters: IngestCounters())
        }
    }

    @Test(arguments: [1, 2]) func twentyThousand(sockets: Int) async throws {
        let running = try started(shards: 7) { $0.sockets = sockets }
        let senders = try (0..<4).map { _ in try LoopbackSender(.ipv4) }
        let total = 20_000
        for number in 1...total {
            let agent = IPAddress(v4: 0x0A00_0000 + UInt32(number % 50))
            try senders[number % senders.count].send(datagram(number, agent: agent), to: running.receiver.port)
            // Paced by what has arrived: a small receive buffer is enough.
            if number % 64 == 0 {
                try await waitUntil("the receiver keeps up") {
                    number - Int(running.counters.snapshot.datagramsReceived) < 64
                }
            }
        }
        try await waitUntil("all arrive") { running.sink.count == total }
        running.receiver.stop()
        let books = running.counters.snapshot
        #expect(books.datagramsReceived == UInt64(total) && books.droppedByKernel == 0 && books.datagramsTruncated == 0)
        #expect(books.bytesReceived == UInt64(total * datagram(1).count))
        let received = running.sink.received
        #expect(Set(received.map(\.bytes)).count == total, "each once")
        #expect(Set(received.map(\.shard)).count > 1 && received.allSatisfy { (0..<7).contains($0.shard) })
    }

    /// The order of one sender's datagrams is kept whatever the number of sockets.
    @Test func orderOfASender() async throws {
        let running = try started { $0.sockets = 2 }
        let sender = try LoopbackSender(.ipv4)
        for number in 1...500 { try sender.send(datagram(number), to: running.receiver.port) }
        try await waitUntil("all arrive") { running.sink.count == 500 }
        running.receiver.stop()
        #expect(running.sink.received.map(\.bytes) == (1...500).map { datagram($0) })
    }

    @Test(arguments: [1, 2]) func portInUse(sockets: Int) throws {
        let other = try LoopbackSender(.ipv4)
        let port = try other.bind()
        var configuration = UDPReceiver.Configuration(address: IPAddress("127.0.0.1"), port: port)
        configuration.sockets = sockets
        let error = try #require(throws: IngestError.self) {
            _ = try UDPReceiver(configuration, sink: CollectingSink(), counters: IngestCounters())
        }
        #expect(
            error.description
                == "UDP port \(port) is in use: another collector listens there; choose another with --sflow-port")
    }

    /// Two receivers that share a port get everything between them, each sender's at one of them; when one stops, the other
    /// gets all.
    @Test func sharedPort() async throws {
        let first = try started { $0.sharesPort = true }
        let port = first.receiver.port
        let second = try started { ($0.sharesPort, $0.port) = (true, port) }
        let senders = try (0..<32).map { _ in try LoopbackSender(.ipv4) }
        for number in 1...320 { try senders[number % 32].send(datagram(number), to: port) }
        try await waitUntil("all arrive") { first.sink.count + second.sink.count == 320 }
        #expect(first.sink.count % 10 == 0 && second.sink.count % 10 == 0, "a sender stays where it is")
        first.receiver.stop()
        for number in 321...640 { try senders[number % 32].send(datagram(number), to: port) }
        try await waitUntil("all arrive at the one that is left") { first.sink.count + second.sink.count == 640 }
        second.receiver.stop()
        #expect(Set((first.sink.received + second.sink.received).map(\.bytes)).count == 640, "each once")
    }

    /// A port is shared with those only who share it themselves.
    @Test func sharedPortInUse() throws {
        let other = try LoopbackSender(.ipv4)
        var configuration = UDPReceiver.Configuration(address: IPAddress("127.0.0.1"), port: try other.bind())
        configuration.sharesPort = true
        #expect(throws: IngestError.self) {
            _ = try UDPReceiver(configuration, sink: CollectingSink(), counters: IngestCounters())
        }
    }

    /// What arrived before the start, and before the stop, is handed on.
    @Test func nothingIsLeftInTheSocket() async throws {
        let (sink, counters) = (CollectingSink(), IngestCounters())
        let receiver = try UDPReceiver(.init(port: 0), sink: sink, counters: counters)
        let sender = try LoopbackSender(.ipv4)
        for number in 1...50 { try sender.send(datagram(number), to: receiver.port) }
        receiver.start()
        try await waitUntil("the early ones arrive") { sink.count == 50 }
        for number in 51...150 { try sender.send(datagram(number), to: receiver.port) }
        receiver.stop()
        #expect(sink.count == 150 && counters.snapshot.datagramsReceived == 150)
    }

    /// With a buffer for a few datagrams and nobody receiving, the kernel drops, and says how many.
    @Test func kernelDrops() async throws {
        let (sink, counters) = (CollectingSink(), IngestCounters())
        var configuration = UDPReceiver.Configuration(port: 0)
        configuration.receiveBufferBytes = 4096
        let receiver = try UDPReceiver(configuration, sink: sink, counters: counters)
        #expect(receiver.receiveBufferBytes < 16_384)
        let sender = try LoopbackSender(.ipv4)
        for number in 1...500 { try sender.send(datagram(number), to: receiver.port) }
        receiver.start()
        // The count comes with a datagram that was accepted after the drops, so a few more are needed.
        var sent = 500
        var isBalanced = false
        while !isBalanced, sent < 520 {
            sent += 1
            try sender.send(datagram(sent), to: receiver.port)
            isBalanced = try await holds(within: 1) { sink.count + Int(counters.snapshot.droppedByKernel) == sent }
        }
        receiver.stop()
        #expect(isBalanced, "received \(sink.count), dropped \(counters.snapshot.droppedByKernel), sent \(sent)")
        #expect(counters.snapshot.droppedByKernel > 0)
        #expect(counters.snapshot.datagramsReceived == UInt64(sink.count))
    }

    /// Of every size that UDP has, and of sizes that no sFlow has; in one batch those that have room side by side and those
    /// that lie apart.
    @Test func sizes() async throws {
        let running = try started()
        let sender = try LoopbackSender(.ipv4)
        let sizes = [0, 1, 65_507, 27, 28, 1_400, 1_599, 1_600, 1_601, 9_000, 1_400, 1_602]
        let sent = sizes.map { size in (0..<size).map { UInt8(truncatingIfNeeded: 1 + $0 + $0 >> 8 + size) } }
        for bytes in sent { try sender.send(bytes, to: running.receiver.port) }
        try await waitUntil("all arrive") { running.sink.count == sizes.count }
        running.receiver.stop()
        #expect(running.sink.received.map(\.bytes) == sent)
        #expect(running.counters.snapshot.datagramsTruncated == 0)
        #expect(running.sink.received.allSatisfy { $0.shard == 0 }, "who names no agent is counted in shard 0")
    }
}
