// Puts fragmented datagrams together again: a large sFlow datagram (up to 65,507 bytes of payload) crosses the network
// in pieces. Time and memory are bounded whatever arrives: a fixed number of datagrams in progress, of at most 64 KiB
// and a fixed number of gaps each, given up 30 s after their first fragment on the capture's own clock.
//
// Fragments that overlap spoil their datagram, as RFC 5722 demands for IPv6: no sender makes them but to deceive. An
// exact repetition of bytes at hand (a frame captured twice) is let pass.

import Bytes

struct FragmentReassembler: Sendable {
    /// With 64 KiB each, at most 4 MiB are held.
    static let datagramsInProgressMax = 64
    /// RFC 791 suggests 15 s, RFC 8200 wants 60 s, Linux takes 30 s.
    static let timeoutNanoseconds: Int64 = 30_000_000_000
    /// Longest payload of an IP packet.
    static let lengthMaxBytes = 65_535
    /// Separate pieces of one datagram; in order there is only one.
    static let piecesMax = 256

    enum Outcome: Equatable {
        case held
        case refused
        /// The whole is in `completed`; its first header is of this type.
        case complete(nextHeader: UInt8)
    }

    private struct Key: Hashable {
        let source: IPAddress
        let destination: IPAddress
        let identification: UInt32
    }

    private struct Progress {
        let key: Key
        let startNanoseconds: Int64
        var bytes: [UInt8] = []
        /// What has arrived: sorted, neither touching nor overlapping.
        var pieces: [Range<Int>] = []
        /// Known once the last fragment is here.
        var lengthBytes: Int?
        /// That of the first fragment: the others' need not agree (RFC 8200, section 4.5).
        var nextHeader: UInt8?
    }

    /// The datagram completed last.
    private(set) var completed: [UInt8] = []
    private var inProgress: [Progress] = []

    mutating func forget() { inProgress.removeAll() }

    mutating func add(
        _ fragment: RawSpan, _ place: IPPacket.Fragment, of packet: IPPacket, at now: Int64,
        counting counters: inout FrameCounters
    ) -> Outcome {
        expire(now, &counters)
        let range = place.offset..<(place.offset + fragment.byteCount)
        guard !range.isEmpty, range.upperBound <= FragmentReassembler.lengthMaxBytes,
            place.isLast || range.count % 8 == 0
        else { return .refused }

        let key = Key(source: packet.source, destination: packet.destination, identification: place.identification)
        let index = slot(for: key, now, &counters)
        switch FragmentReassembler.insert(fragment, range, isLast: place.isLast, into: &inProgress[index]) {
        case .contradiction:
            inProgress.remove(at: index)
            return .refused
        case .known:
            return .held
        case .new:
            break
        }
        if place.offset == 0 { inProgress[index].nextHeader = packet.transport }
        guard let nextHeader = inProgress[index].nextHeader, let length = inProgress[index].lengthBytes,
            inProgress[index].pieces == [0..<length]
        else { return .held }
        completed = inProgress.remove(at: index).bytes
        return .complete(nextHeader: nextHeader)
    }

    // MARK: Datagrams in progress

    /// The capture's clock may be set back; what then lies in the future is given up as well.
    private mutating func expire(_ now: Int64, _ counters: inout FrameCounters) {
        let count = inProgress.count
        inProgress.removeAll { progress in
            let (age, overflow) = now.subtractingReportingOverflow(progress.startNanoseconds)
            return overflow || age.magnitude > FragmentReassembler.timeoutNanoseconds.magnitude
        }
        counters.reassemblyTimeouts += count - inProgress.count
    }

    private mutating func slot(for key: Key, _ now: Int64, _ counters: inout FrameCounters) -> Int {
        if let index = inProgress.firstIndex(where: { $0.key == key }) { return index }
        if inProgress.count == FragmentReassembler.datagramsInProgressMax {
            // In the order in which they began: the first is the oldest.
            inProgress.removeFirst()
            counters.reassemblyEvictions += 1
        }
        inProgress.append(Progress(key: key, startNanoseconds: now))
        return inProgress.count - 1
    }

    // MARK: Pieces

    private enum Insertion {
        case new, known, contradiction
    }

    private static func insert(
        _ fragment: RawSpan, _ range: Range<Int>, isLast: Bool, into progress: inout Progress
    ) -> Insertion {
        if let piece = progress.pieces.first(where: { $0.overlaps(range) }) {
            let isRepetition =
                piece.lowerBound <= range.lowerBound && range.upperBound <= piece.upperBound
                && (!isLast || progress.lengthBytes == range.upperBound)
                && fragment.equals(Array(progress.bytes[range]), at: 0)
            return isRepetition ? .known : .contradiction
        }
        if isLast {
            guard progress.lengthBytes == nil, (progress.pieces.last?.upperBound ?? 0) <= range.lowerBound else {
                return .contradiction
            }
            progress.lengthBytes = range.upperBound
        } else if let length = progress.lengthBytes, range.upperBound > length {
            return .contradiction
        }
        if progress.bytes.count < range.upperBound {
            progress.bytes += repeatElement(0, count: range.upperBound - progress.bytes.count)
        }
        for index in 0..<fragment.byteCount {
            guard let byte = try? fragment.uint8(at: index) else { return .contradiction }
            progress.bytes[range.lowerBound + index] = byte
        }
        return join(range, into: &progress.pieces)
    }

    /// Adds a piece that overlaps none, and melts it with its neighbours.
    private static func join(_ range: Range<Int>, into pieces: inout [Range<Int>]) -> Insertion {
        let index = pieces.firstIndex { $0.lowerBound >= range.upperBound } ?? pieces.count
        var joined = range
        var replaced = index..<index
        if index < pieces.count, pieces[index].lowerBound == range.upperBound {
            joined = joined.lowerBound..<pieces[index].upperBound
            replaced = index..<(index + 1)
        }
        if index > 0, pieces[index - 1].upperBound == range.lowerBound {
            joined = pieces[index - 1].lowerBound..<joined.upperBound
            replaced = (index - 1)..<replaced.upperBound
        }
        pieces.replaceSubrange(replaced, with: CollectionOfOne(joined))
        return pieces.count <= piecesMax ? .new : .contradiction
    }
}
