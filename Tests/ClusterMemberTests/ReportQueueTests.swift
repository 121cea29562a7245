// Reports to the leader: kept until it has them, told again on a new stream, the oldest lost and counted beyond the bound.

@testable import ClusterMember
import Testing

@Suite struct ReportQueueTests {
    @Test func reportsAreToldAgainUntilTaken() {
        var queue = ReportQueue()
        for byte: UInt8 in 1...3 { queue.add([byte]) }
        #expect(queue.takeUnsent().map(\.number) == [1, 2, 3])
        #expect(queue.takeUnsent().isEmpty)
        queue.taken(upTo: 2)
        queue.sendAgain()
        #expect(queue.takeUnsent().map(\.bytes) == [[3]])
    }

    @Test func theOldestGoFirstAndAreCounted() {
        var queue = ReportQueue()
        for _ in 0..<(ReportQueue.countMax + 5) { queue.add([0]) }
        #expect(queue.lost == 5)
        #expect(queue.takeUnsent().first?.number == 6)
    }
}

@Suite struct PeerAddressTests {
    @Test(arguments: ["10.0.0.1:7343", "[2001:db8::1]:1", "node-1.example:65535"]) func comesBack(text: String) throws {
        #expect(try #require(PeerAddress(text)).description == text)
    }

    @Test(arguments: ["", "host", ":1", "host:0", "host:65536", "host:x", "[]:1"]) func isRefused(text: String) {
        #expect(PeerAddress(text) == nil)
    }
}
