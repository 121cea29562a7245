// What two workers say on a stream of `ClusterPath.shards`: the new owner of shards asks, one request after the other.

internal import Cluster
internal import ClusterMember
internal import NIOCore
internal import Transport
internal import Wire

enum ShardRequest: WireCodable, Sendable {
    /// Answered with a `ShardHead`, then the bytes of its pieces one after another in messages of any length.
    case state(shard: Int)
    /// Answered with a `ShardCheck`.
    case check(shard: Int)

    var shard: Int {
        switch self {
        case .state(let shard), .check(let shard): shard
        }
    }

    func encode(into writer: inout WireWriter) {
        if case .state = self { writer.write(byte: 0) } else { writer.write(byte: 1) }
        writer.write(unsigned: UInt64(shard))
    }

    init(from reader: inout WireReader) throws(WireError) {
        let kind = try reader.byte()
        let shard = try reader.unsigned()
        guard kind <= 1, shard < UInt64(ClusterLimits.shardsMax) else { throw reader.fault(.badValue) }
        self = kind == 0 ? .state(shard: Int(shard)) : .check(shard: Int(shard))
    }
}

struct ShardHead: WireCodable, Sendable {
    let positions: BatchPositions
    let hash: UInt64
    /// Unit: bytes.
    let pieceLengths: [Int]

    /// A shard is a thousandth of what a cluster knows. Unit: bytes.
    static let bytesMax = 1 << 30

    init(_ state: ShardState) {
        positions = state.positions
        hash = state.hash
        pieceLengths = state.pieces.map(\.count)
    }

    func encode(into writer: inout WireWriter) {
        writer.write(positions)
        writer.write(hash)
        writer.write(pieceLengths)
    }

    init(from reader: inout WireReader) throws(WireError) {
        positions = try reader.value()
        hash = try reader.value()
        pieceLengths = try reader.value()
        var left = ShardHead.bytesMax
        for length in pieceLengths {
            guard length >= 0, length <= left else { throw reader.fault(.badValue) }
            left -= length
        }
    }
}

extension ShardCheck: WireCodable {
    func encode(into writer: inout WireWriter) {
        writer.write(positions)
        writer.write(advanced)
        writer.write(swept)
        writer.write(hash)
    }

    init(from reader: inout WireReader) throws(WireError) {
        self.init(
            positions: try reader.value(), advanced: try reader.value(), swept: try reader.value(), hash: try reader.value())
    }
}

/// The old owner's end.
struct ShardGiver {
    let stream: MessageStream
    let running: RunningShards

    /// Unit: bytes.
    private static let chunkBytes = 1 << 20

    func serve() async throws {
        while let request: ShardRequest = try await stream.receive() {
            let shard = request.shard
            guard shard < running.pool.shardCount, running.gives(shard) else {
                try await stream.send(Answer<Bool>.refused("shard \(shard) is not here (epoch \(running.epoch))"))
                continue
            }
            let executor = running.pool.executor(of: shard)
            switch request {
            case .state: try await send(await executor.state(of: shard))
            case .check: try await stream.send(Answer.part(await executor.check(of: shard)))
            }
        }
    }

    private func send(_ state: ShardState) async throws {
        try await stream.send(Answer.part(ShardHead(state)))
        var chunk = ByteBuffer()
        for piece in state.pieces {
            chunk.writeBytes(piece)
            if chunk.readableBytes >= ShardGiver.chunkBytes {
                try await stream.send(chunk, compress: true)
                chunk = ByteBuffer()
            }
        }
        if chunk.readableBytes > 0 { try await stream.send(chunk, compress: true) }
    }
}

/// The new owner's end.
struct ShardTaker {
    let stream: MessageStream

    func state(of shard: Int) async throws -> ShardState {
        let head: ShardHead = try await ask(.state(shard: shard))
        let total = head.pieceLengths.reduce(0, +)
        var bytes = ByteBuffer()
        while bytes.readableBytes < total {
            guard var chunk = try await stream.receive() else { throw PeerError(.closed, "closed amid a shard") }
            guard chunk.readableBytes > 0, chunk.readableBytes <= total - bytes.readableBytes else {
                throw PeerError(.protocolError, "more of a shard than was announced")
            }
            bytes.writeBuffer(&chunk)
        }
        return ShardState(
            positions: head.positions, pieces: head.pieceLengths.map { bytes.readBytes(length: $0) ?? [] }, hash: head.hash)
    }

    func check(of shard: Int) async throws -> ShardCheck { try await ask(.check(shard: shard)) }

    private func ask<Part: WireCodable & Sendable>(_ request: ShardRequest) async throws -> Part {
        try await stream.send(request)
        switch try await stream.receive(Answer<Part>.self) {
        case .part(let part)?: return part
        case .refused(let why)?: throw ShardRefusal(why)
        case .older(let epoch)?: throw ShardRefusal("the owner goes by map \(epoch)")
        case nil: throw PeerError(.closed, "closed by the owner of the shard")
        }
    }
}
