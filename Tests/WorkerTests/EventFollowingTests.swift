// What a follower has of the leader's events, and the numbers that none of two leaders may give out twice.

import Bytes
import Cluster
import ClusterMember
@testable import Coordinator
import Datagrams
import Logging
import NIOPosix
import SFlow
import ShardEngine
import Testing
import Wire

@Suite struct EventFollowingTests {
    private static func event(_ number: Int) -> ThresholdEvent {
        ThresholdEvent(
            time: Int64(number), threshold: "t", metric: "m", level: 1, value: 2, agent: IPAddress(v4: 1),
            source: .numbered(DataSource(classNumber: 0, index: 1)), flowKey: nil, values: [])
    }

    private static func ids(_ log: EventLog) -> [Int64] { log.events.kept.map(\.id) }

    @Test func aFollowerHasTheSameRecordsUnderTheSameNumbers() {
        let log = EventLog(eventsMax: 10, flowsMax: 10), clock = StateClock(.machine)
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let peers = PeerDialer(group: MultiThreadedEventLoopGroup.singleton, tls: nil, logger: logger)
        let follower = EventFollower(log, ClusterView(clock: clock, peers: peers))
        follower.take(.clear)
        follower.take(.records(events: 5, flows: 0, Outbox(events: [Self.event(5), Self.event(6)])))
        follower.take(.records(events: 900, flows: 0, Outbox(events: [Self.event(900)])))
        #expect(follower.wholeGeneration == nil)
        follower.take(.whole(events: 901, flows: 3, generation: 4))
        #expect(follower.wholeGeneration == 4)
        #expect(Self.ids(log) == [5, 6, 900])
        #expect(log.events.nextID == 901)
        #expect(log.flows.nextID == 3)
        // What a worker tells again after the leader's death is known.
        let fresh = log.fresh(Outbox(events: [Self.event(6), Self.event(7), Self.event(7)]))
        #expect(fresh.events.map(\.time) == [7])
        // Telling is not taking.
        #expect(log.fresh(Outbox(events: [Self.event(7)])).events.count == 1)
        log.append(fresh)
        #expect(log.fresh(Outbox(events: [Self.event(7)])).isEmpty)
        follower.take(.clear)
        #expect(follower.wholeGeneration == nil)
        #expect(Self.ids(log) == [])
        follower.take(.time(SourceTime(isCapture: true, watermark: 77)))
        #expect(clock.now == 77)
    }

    @Test func numbersAreTakenInBlocks() {
        var numbers = EventNumbers()
        func reserve(_ events: Int64, _ flows: Int64) -> Bool { numbers.reserve(events: events, flows: flows) }
        #expect([reserve(0, 0), reserve(1, 0)] == [false, true])
        let first = numbers.events
        #expect(first > 1)
        #expect([reserve(first, 0), reserve(first + 1, 7)] == [false, true])
        #expect(numbers.events > first && numbers.flows > 7)
    }

    @Test(arguments: [(-1, 0), (0, .max)] as [(Int64, Int64)]) func numbersThatNobodyWroteAreRefused(events: Int64, flows: Int64) {
        var writer = WireWriter()
        writer.write(events)
        writer.write(flows)
        writer.write(UInt64(1))
        #expect(throws: WireError.self) { try EventNumbers(wireBytes: writer.bytes) }
        var message = WireWriter()
        message.write(byte: 2)
        message.write(events)
        message.write(flows)
        message.write(Outbox())
        #expect(throws: WireError.self) { try EventTailMessage(wireBytes: message.bytes) }
    }

    @Test func messagesComeBack() throws {
        let message = EventTailMessage.records(events: 3, flows: 4, Outbox(events: [Self.event(1)]))
        guard case .records(3, 4, let outbox) = try EventTailMessage(wireBytes: message.wireBytes) else {
            Issue.record("another message")
            return
        }
        #expect(outbox.events == [Self.event(1)])
    }
}
