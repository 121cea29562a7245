// How followers come to have the leader's events and flow records: a stream each, on which every message is confirmed before the
// next one follows. The leader shows nobody a record that one of its followers has not confirmed, so that whichever of them leads
// next can go on with the next number.

internal import Cluster
internal import ClusterMember
internal import ShardEngine
internal import Synchronization
internal import Transport
internal import Wire

enum EventTailMessage: WireCodable, Sendable {
    /// Forget everything: all that the leader keeps follows.
    case clear
    /// Records, numbered from these on.
    case records(events: Int64, flows: Int64, Outbox)
    /// The follower has everything up to these numbers of this generation.
    case whole(events: Int64, flows: Int64, generation: UInt64)
    /// Where the clock of a capture stands that an ingest node replays.
    case time(SourceTime)

    func encode(into writer: inout WireWriter) {
        switch self {
        case .clear: writer.write(byte: 1)
        case .records(let events, let flows, let outbox):
            writer.write(byte: 2)
            writer.write(events)
            writer.write(flows)
            writer.write(outbox)
        case .whole(let events, let flows, let generation):
            writer.write(byte: 3)
            writer.write(events)
            writer.write(flows)
            writer.write(generation)
        case .time(let time):
            writer.write(byte: 4)
            writer.write(time)
        }
    }

    init(from reader: inout WireReader) throws(WireError) {
        func number() throws(WireError) -> Int64 {
            let number: Int64 = try reader.value()
            guard (0...EventNumbers.max).contains(number) else { throw reader.fault(.badValue) }
            return number
        }
        switch try reader.byte() {
        case 1: self = .clear
        case 2: self = .records(events: try number(), flows: try number(), try reader.value())
        case 3: self = .whole(events: try number(), flows: try number(), generation: try reader.value())
        case 4: self = .time(try reader.value())
        default: throw reader.fault(.badValue)
        }
    }
}

/// A follower as the leader sees it.
final class EventTail: Sendable {
    /// A follower that needs longer is left behind. It is noticed as soon as one that was paused for as long.
    private static let confirmTime = Duration.seconds(1)

    private let stream: MessageStream
    private let ended: AsyncStream<Void>
    private let end: AsyncStream<Void>.Continuation

    init(_ stream: MessageStream) {
        self.stream = stream
        (ended, end) = AsyncStream.makeStream()
    }

    /// - Returns: whether the follower has it.
    func deliver(_ message: EventTailMessage) async -> Bool {
        await withTaskGroup(of: Bool.self) { group in
            group.addTask { [stream] in
                do throws(PeerError) {
                    try await stream.send(message, compress: true)
                    return try await stream.receive(Bool.self) ?? false
                } catch {
                    return false
                }
            }
            group.addTask {
                try? await Task.sleep(for: EventTail.confirmTime)
                return false
            }
            defer { group.cancelAll() }
            return await group.next() ?? false
        }
    }

    func close() {
        stream.cancel()
        end.finish()
    }

    func waitUntilClosed() async { for await _ in ended {} }
}

/// The follower's side.
final class EventFollower: Sendable {
    private let events: EventLog
    private let view: ClusterView
    private let generation = Mutex<UInt64?>(nil)

    /// Between two attempts to follow. Unit: milliseconds.
    private static let pauseMilliseconds = 100

    init(_ events: EventLog, _ view: ClusterView) {
        self.events = events
        self.view = view
    }

    /// The generation of numbers of which this coordinator has everything; nil when it has been left behind, or never had it.
    var wholeGeneration: UInt64? {
        get { generation.withLock { $0 } }
        set { generation.withLock { $0 = newValue } }
    }

    /// Follows until the task is cancelled.
    func follow(_ leader: PeerClient) async {
        while !Task.isCancelled {
            do throws(PeerError) {
                let stream = try await leader.open(ClusterPath.events)
                while let message: EventTailMessage = try await stream.receive() {
                    take(message)
                    try await stream.send(true)
                }
            } catch {}
            try? await Task.sleep(for: .milliseconds(EventFollower.pauseMilliseconds))
        }
    }

    func take(_ message: EventTailMessage) {
        switch message {
        case .clear:
            wholeGeneration = nil
            events.clear()
        case .records(let firstEvent, let firstFlow, let outbox):
            events.goOn(event: firstEvent, flow: firstFlow)
            events.follow(outbox)
        case .whole(let event, let flow, let generation):
            events.goOn(event: event, flow: flow)
            wholeGeneration = generation
        case .time(let time): view.note(time)
        }
    }
}
