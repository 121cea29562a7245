// The gzip codecs against each other and against damage.

import NIOCore
import SeededRandom
import Testing
@testable import Transport

@Suite struct GzipTests {
    private func compress(_ chunks: [ByteBuffer], level: Int = 1, sync: Bool = false) throws -> ByteBuffer {
        var compressor = try GzipCompressor(level: level)
        var output = ByteBuffer()
        for chunk in chunks { compressor.compress(chunk, flush: sync ? .sync : .none, into: &output) }
        compressor.compress(ByteBuffer(), flush: .finish, into: &output)
        return output
    }

    private func decompress(_ pieces: [ByteBuffer], bound: Int) throws -> (ByteBuffer, finished: Bool) {
        var decompressor = try GzipDecompressor(maxOutputBytes: bound)
        var output = ByteBuffer()
        for piece in pieces { try decompressor.decompress(piece, into: &output) }
        return (output, decompressor.isFinished)
    }

    @Test func roundTripOfRandomSizesAndPieces() throws {
        let seed = UInt64.random(in: .min ... .max)
        print("seed \(seed)")
        var random = SeededGenerator(seed: seed)
        for _ in 0..<60 {
            let count = Int.random(in: 0...200_000, using: &random)
            let isNoise = Bool.random(using: &random)
            let plain = ByteBuffer(bytes: (0..<count).map { _ in isNoise ? UInt8.random(in: 0...255, using: &random) : UInt8.random(in: 0...2, using: &random) })
            let packed = try compress(pieces(of: plain, &random), level: Int.random(in: -1...11, using: &random), sync: Bool.random(using: &random))
            let (unpacked, finished) = try decompress(pieces(of: packed, &random), bound: count)
            #expect(unpacked == plain)
            #expect(finished)
        }
    }

    @Test func syncFlushMakesEverythingSoFarReadable() throws {
        var compressor = try GzipCompressor()
        var decompressor = try GzipDecompressor(maxOutputBytes: 1000)
        for event in ["one", "two", "three"] {
            var packed = ByteBuffer()
            compressor.compress(ByteBuffer(string: event), flush: .sync, into: &packed)
            var plain = ByteBuffer()
            try decompressor.decompress(packed, into: &plain)
            #expect(String(buffer: plain) == event)
        }
        let isFinished = decompressor.isFinished
        #expect(!isFinished)
    }

    @Test func bombStopsAtTheBound() throws {
        let bomb = try compress(Array(repeating: ByteBuffer(repeating: 0, count: 1 << 20), count: 64))
        #expect(bomb.readableBytes < 512 * 1024)
        var decompressor = try GzipDecompressor(maxOutputBytes: 100_000)
        var output = ByteBuffer()
        do throws(GzipError) {
            try decompressor.decompress(bomb, into: &output)
            Issue.record("no error")
        } catch {
            #expect(error.reason == .outputTooLarge)
        }
        #expect(output.readableBytes <= 100_001)
    }

    @Test func damageIsAnErrorAndTruncationIsUnfinished() throws {
        let plain = ByteBuffer(string: bigText)
        let packed = try compress([plain])
        for index in stride(from: 0, to: packed.readableBytes, by: 7) {
            var damaged = packed
            damaged.setInteger(damaged.getInteger(at: index, as: UInt8.self)! ^ 0x55, at: index)
            // A flipped bit may hit a field without meaning (the time stamp); it never yields other text as finished.
            if let (text, finished) = try? decompress([damaged], bound: 1 << 20), finished { #expect(text == plain) }
            let (_, finished) = try decompress([packed.getSlice(at: 0, length: index)!], bound: 1 << 20)
            #expect(!finished)
        }
        var trailing = packed
        trailing.writeString("x")
        #expect(throws: GzipError(reason: .corrupt)) { try decompress([trailing], bound: 1 << 20) }
        #expect(throws: GzipError(reason: .corrupt)) { try decompress([packed, ByteBuffer(string: "x")], bound: 1 << 20) }
        #expect(throws: GzipError(reason: .corrupt)) { try decompress([ByteBuffer(string: "not gzip at all")], bound: 100) }
    }

    private func pieces(of buffer: ByteBuffer, _ random: inout SeededGenerator) -> [ByteBuffer] {
        var (rest, result) = (buffer, [ByteBuffer]())
        while rest.readableBytes > 0 {
            let count = min(rest.readableBytes, Int.random(in: 1...(1 + rest.readableBytes), using: &random))
            result.append(rest.readSlice(length: count)!)
        }
        return result
    }
}
