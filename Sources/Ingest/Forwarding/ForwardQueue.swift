// Messages for one worker: those that wait to be sent and those that it has not confirmed, in one bounded queue. After a
// broken stream the unconfirmed go again, after what the worker says it has: each is taken in once.

internal import NIOCore

struct ForwardQueue: Sendable {
    struct Message: Sendable {
        let number: UInt64
        let bytes: ByteBuffer
        let datagrams: Int
        /// When it was put here.
        let since: ContinuousClock.Instant
    }

    /// Unit: bytes of all messages.
    let bytesMax: Int
    private(set) var messages: [Message] = []
    private(set) var byteCount = 0
    private(set) var lastNumber: UInt64 = 0
    /// Of the messages, how many were sent on the present stream.
    private var sentCount = 0

    init(bytesMax: Int) { self.bytesMax = bytesMax }

    /// Datagrams that are not confirmed.
    var datagramCount: Int { messages.reduce(0) { $0 + $1.datagrams } }

    /// Since when the oldest message waits; nil when there is none.
    var waitingSince: ContinuousClock.Instant? { messages.first?.since }

    /// One message is always possible, however large.
    func hasRoom(forBytes count: Int) -> Bool { messages.isEmpty || byteCount + count <= bytesMax }

    /// - Parameters:
    ///   - number: higher than that of any message before.
    ///   - now: on a clock that only goes forward.
    mutating func add(number: UInt64, datagrams: Int, _ bytes: ByteBuffer, at now: ContinuousClock.Instant) {
        lastNumber = number
        messages.append(Message(number: number, bytes: bytes, datagrams: datagrams, since: now))
        byteCount += bytes.readableBytes
    }

    /// A new stream begins at a worker that has everything up to a number.
    mutating func begin(after number: UInt64) {
        confirm(upTo: number)
        sentCount = 0
    }

    /// The next messages to send: at least one if there is any, and as many more as have no more than `bytesMax` with it.
    mutating func next(bytesMax: Int) -> ArraySlice<Message> {
        let first = sentCount
        var byteCount = 0
        while sentCount < messages.count {
            byteCount += messages[sentCount].bytes.readableBytes
            guard sentCount == first || byteCount <= bytesMax else { break }
            sentCount += 1
        }
        return messages[first..<sentCount]
    }

    mutating func confirm(upTo number: UInt64) {
        let count = messages.prefix { $0.number <= number }.count
        byteCount -= messages[..<count].reduce(0) { $0 + $1.bytes.readableBytes }
        messages.removeFirst(count)
        sentCount = max(0, sentCount - count)
    }
}
