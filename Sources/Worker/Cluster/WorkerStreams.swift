// The streams that a worker serves on its cluster port: envelopes from ingest nodes, questions from coordinators, shards to
// other workers.

internal import Bytes
internal import ClusterMember
internal import Cluster
internal import Datagrams
internal import NIOCore
package import Transport
internal import Wire

extension WorkerNode: StreamAcceptor {
    package func accepts(path: String) -> Bool { [ClusterPath.envelopes, ClusterPath.ask, ClusterPath.shards].contains(path) }

    package func serve(_ stream: MessageStream) async throws {
        guard let running else { throw StreamRefusal(status: 503, message: "this worker has not joined a cluster yet") }
        switch stream.path {
        case ClusterPath.envelopes:
            guard let text = stream.headers[ClusterPath.incarnationField], let ingest = UInt64(text) else {
                throw StreamRefusal(status: 400, message: "no \(ClusterPath.incarnationField) that says who sends")
            }
            defer { running.forgetTime(of: ingest) }
            try await takeEnvelopes(from: stream, of: ingest, running)
        case ClusterPath.shards: try await ShardGiver(stream: stream, running: running).serve()
        default:
            try await Answerer(stream: stream, running: running, logger: logger).answer()
        }
    }

    private func takeEnvelopes(from stream: MessageStream, of ingest: UInt64, _ running: RunningShards) async throws {
        try await stream.send(running.lastTaken(from: ingest))
        // Only the newest matters: a confirmation counts for all messages before it.
        let (finished, finish) = AsyncStream.makeStream(of: UInt64.self, bufferingPolicy: .bufferingNewest(1))
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { for await number in finished { try await stream.send(number) } }
            group.addTask {
                while true {
                    let messages = try await stream.receive(bytesMax: RunningShards.messageBytesMax)
                    if messages.isEmpty { break }
                    for message in messages { try await self.take(message, of: ingest, running) { finish.yield($0) } }
                }
                finish.finish()
            }
            defer { group.cancelAll() }
            try await group.next()
            try await group.next()
        }
    }

    private func take(
        _ message: ByteBuffer, of ingest: UInt64, _ running: RunningShards, finished: @escaping @Sendable (UInt64) -> Void
    ) async throws {
        guard message.readableBytes <= RunningShards.messageBytesMax else {
            running.noteMalformed()
            throw PeerError(.messageTooLarge, "a message of \(message.readableBytes) bytes")
        }
        let batch = await running.batches.takeSuspending()
        // The message's memory stays as it is while the batch holds it, too.
        message.withUnsafeReadableBytesWithStorageManagement { bytes, storage in
            batch.borrow(bytes, of: storage.takeUnretainedValue())
        }
        do throws(EnvelopeMessage.Malformed) {
            let header = try batch.readMessage(byteCount: message.readableBytes, shardCount: running.pool.shardCount)
            let number = header.number
            switch header.kind {
            case .datagrams: running.take(batch, header, from: ingest) { finished(number) }
            case .time:
                batch.startReading(by: 1)
                batch.finishReading()
                await running.advance(to: header.time, message: number, from: ingest)
                finished(number)
            }
        } catch {
            batch.startReading(by: 1)
            batch.finishReading()
            running.noteMalformed()
            throw PeerError(.protocolError, "a message of an ingest node makes no sense at byte \(error.offset)")
        }
    }
}

extension DatagramBatch {
    /// Reads the message that the batch has borrowed; its datagrams become the batch's.
    fileprivate func readMessage(byteCount: Int, shardCount: Int) throws(EnvelopeMessage.Malformed) -> EnvelopeMessage.Header {
        let whole = Envelope(offset: 0, byteCount: byteCount, udpSource: IPAddress(v4: 0), arrival: 0, shard: 0)
        let result: Result<EnvelopeMessage.Header, EnvelopeMessage.Malformed> = withBytes(of: whole) { bytes in
            do throws(EnvelopeMessage.Malformed) {
                let header = try EnvelopeMessage.readHeader(bytes)
                try EnvelopeMessage.readEnvelopes(bytes, header, shardCount: shardCount, into: &envelopes)
                return .success(header)
            } catch {
                return .failure(error)
            }
        }
        return try result.get()
    }
}
