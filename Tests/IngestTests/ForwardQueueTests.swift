// What waits for one worker: sent once, confirmed in order, sent again after a broken stream, and never more than its bound.

@testable import Ingest
import NIOCore
import Testing

private let byte = ByteBuffer(repeating: 0, count: 1)

@Suite struct ForwardQueueTests {
    private static func filled(_ count: Int, bytesMax: Int = 1_000) -> ForwardQueue {
        var queue = ForwardQueue(bytesMax: bytesMax)
        for number in 0..<count { queue.add(number: UInt64(number) + 1, datagrams: 2, byte, at: .now) }
        return queue
    }

    private static func sendAll(_ queue: inout ForwardQueue) -> [UInt64] {
        var numbers: [UInt64] = []
        while let message = queue.next(bytesMax: 0).first { numbers.append(message.number) }
        return numbers
    }

    @Test func messagesAreSentOnceAndKeptUntilConfirmed() {
        var queue = Self.filled(4)
        queue.begin(after: 0)
        #expect(Self.sendAll(&queue) == [1, 2, 3, 4])
        #expect(Self.sendAll(&queue).isEmpty)
        #expect(queue.datagramCount == 8)
        queue.confirm(upTo: 3)
        #expect(queue.datagramCount == 2)
        #expect(queue.byteCount == 1)
        // What came between was for other workers.
        queue.add(number: 9, datagrams: 1, byte, at: .now)
        #expect(Self.sendAll(&queue) == [9])
    }

    @Test func aNewStreamGoesOnWhereTheWorkerStands() {
        var queue = Self.filled(5)
        queue.begin(after: 0)
        _ = Self.sendAll(&queue)
        queue.confirm(upTo: 1)
        // The worker had taken in two more than it could confirm.
        queue.begin(after: 3)
        #expect(queue.messages.map(\.number) == [4, 5])
        #expect(Self.sendAll(&queue) == [4, 5])
    }

    @Test func aWorkerThatKnowsNothingGetsWhatIsLeft() {
        var queue = Self.filled(3)
        queue.begin(after: 0)
        _ = Self.sendAll(&queue)
        queue.confirm(upTo: 2)
        queue.begin(after: 0)
        #expect(Self.sendAll(&queue) == [3])
    }

    @Test func theBoundHoldsButOneMessageIsAlwaysPossible() {
        var queue = ForwardQueue(bytesMax: 10)
        #expect(queue.hasRoom(forBytes: 1_000))
        queue.add(number: 1, datagrams: 1, ByteBuffer(repeating: 0, count: 8), at: .now)
        #expect(queue.hasRoom(forBytes: 2))
        #expect(!queue.hasRoom(forBytes: 3))
    }

    @Test func severalAreSentAtOnce() {
        var queue = Self.filled(5)
        queue.begin(after: 0)
        #expect(queue.next(bytesMax: 0).map(\.number) == [1], "one whatever its size")
        #expect(queue.next(bytesMax: 3).map(\.number) == [2, 3, 4])
        #expect(queue.next(bytesMax: 3).map(\.number) == [5])
        #expect(queue.next(bytesMax: 3).isEmpty)
    }

    @Test func theOldestSaysSinceWhen() {
        let begin = ContinuousClock.now
        var queue = ForwardQueue(bytesMax: 100)
        #expect(queue.waitingSince == nil)
        for seconds in 0..<3 { queue.add(number: UInt64(seconds) + 1, datagrams: 1, byte, at: begin + .seconds(seconds)) }
        queue.begin(after: 0)
        _ = Self.sendAll(&queue)
        #expect(queue.waitingSince == begin)
        queue.confirm(upTo: 2)
        #expect(queue.waitingSince == begin + .seconds(2))
        queue.confirm(upTo: 3)
        #expect(queue.waitingSince == nil)
    }

    /// Whatever breaks and is confirmed in whatever order: the worker gets every message once and in order.
    @Test(arguments: 0..<20) func eachMessageOnce(seed: Int) {
        var random = SystemRandomNumberGenerator()
        var queue = ForwardQueue(bytesMax: 1 << 20)
        var taken: [UInt64] = []
        var onTheWay: [UInt64] = []
        var added: [UInt64] = []
        queue.begin(after: 0)
        for _ in 0..<500 {
            switch Int.random(in: 0..<5, using: &random) {
            case 0:
                added.append((added.last ?? 0) + UInt64.random(in: 1...3, using: &random))
                queue.add(number: added.last ?? 0, datagrams: 1, byte, at: .now)
            case 1: onTheWay += queue.next(bytesMax: Int.random(in: 0...3, using: &random)).map(\.number)
            case 2:
                if let number = onTheWay.first {
                    onTheWay.removeFirst()
                    taken.append(number)
                }
            case 3: queue.confirm(upTo: taken.last ?? 0)
            default:
                onTheWay = []
                queue.begin(after: taken.last ?? 0)
            }
        }
        #expect(taken == Array(added.prefix(taken.count)))
    }
}
