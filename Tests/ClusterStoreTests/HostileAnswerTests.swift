// Servers that answer nonsense: whatever comes, a store answers with a value or a fault, in bounded time, and goes on.

@testable import ClusterStore
import NIOCore
import NIOPosix
import SeededRandom
import Synchronization
import Testing

@Suite(.serialized) struct HostileAnswerTests {
    /// Answers each request with what `answer` makes of its number.
    private final class Server: Sendable {
        private let channel: any Channel
        let url: String

        init(_ answer: @escaping @Sendable (UInt64) -> [UInt8]) async throws {
            let count = Counter()
            channel = try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
                .childChannelInitializer { channel in
                    channel.eventLoop.makeCompletedFuture {
                        try channel.pipeline.syncOperations.addHandler(Answering { answer(count.next()) })
                    }
                }
                .bind(host: "127.0.0.1", port: 0).get()
            url = "http://127.0.0.1:\(channel.localAddress?.port ?? 0)"
        }

        func close() async { try? await channel.close() }
    }

    private final class Answering: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        private let answer: () -> [UInt8]

        init(_ answer: @escaping () -> [UInt8]) { self.answer = answer }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            let context = NIOLoopBound(context, eventLoop: context.eventLoop)
            context.value.writeAndFlush(NIOAny(ByteBuffer(bytes: answer()))).whenComplete { _ in
                context.value.close(promise: nil)
            }
        }
    }

    private static func http(_ body: [UInt8], status: Int = 200) -> [UInt8] {
        Array("HTTP/1.1 \(status) X\r\ncontent-length: \(body.count)\r\nconnection: close\r\n\r\n".utf8) + body
    }

    /// Answers as they should be, to be spoiled.
    private static let samples = [
        #"{"header":{"cluster_id":"1","member_id":"2","revision":"7","raft_term":"2"},"kvs":[{"key":"YQ==","create_revision":"5","mod_revision":"6","version":"2","value":"e30=","lease":"9"}],"count":"1"}"#,
        #"{"header":{"revision":"7"},"succeeded":true,"responses":[{"response_put":{"header":{"revision":"7"}}}]}"#,
        #"{"header":{"revision":"7"},"responses":[{"response_range":{"kvs":[{"create_revision":"5","mod_revision":"6"}]}}]}"#,
        #"{"header":{"revision":"7"},"ID":"9","TTL":"3"}"#,
        #"{"result":{"header":{"revision":"7"},"ID":"9","TTL":"3","created":true}}"#,
        #"{"error":"etcdserver: request timed out","code":14,"message":"etcdserver: request timed out"}"#,
        #"{"kind":"List","metadata":{"resourceVersion":"7"},"items":[{"metadata":{"name":"a","resourceVersion":"6","annotations":{"weir-run":"x","weir-address":"a:1"}},"spec":{"holderIdentity":"a","leaseDurationSeconds":6,"leaseTransitions":3,"acquireTime":"x"},"binaryData":{"value.gz":"H4sIAAAAAAAAAwMAAAAAAAAAAAA="}}]}"#,
        #"{"kind":"Status","message":"no","code":409}"#,
    ]
    private static let replacements = [
        "\"18446744073709551616\"", "-1", "1e308", "null", "[]", "{}", "\"\\u0000\"", "true", "\"9223372036854775807\"",
        "9223372036854775807", "\"-9223372036854775808\"", "4294967296", "\"====\"", "[[]]", "[null]", "0.5",
    ]

    @Sendable private static func spoiled(seed: UInt64) -> [UInt8] {
        var random = SeededGenerator(seed: seed)
        switch random.next() % 12 {
        case 0: return (0..<Int(random.next() % 300)).map { _ in UInt8.random(in: .min ... .max, using: &random) }
        case 1: return http((0..<Int(random.next() % 300)).map { _ in UInt8.random(in: .min ... .max, using: &random) })
        case 2: return http(Array(String(repeating: "[", count: 100_000).utf8))
        case 3: return Array("HTTP/1.1 200 X\r\ncontent-length: 99999999999999999999\r\n\r\n{".utf8)
        case 4: return Array("HTTP/1.1 200 X\r\ntransfer-encoding: chunked\r\n\r\nfffffffffffffff\r\n{".utf8)
        default:
            var text = samples[Int(random.next() % UInt64(samples.count))]
            for _ in 0..<random.next() % 4 {
                // One value after a colon, for another.
                let colons = text.indices.filter { text[$0] == ":" }
                guard let colon = colons.randomElement(using: &random) else { break }
                let start = text.index(after: colon)
                let end = text[start...].firstIndex { ",}]".contains($0) } ?? text.endIndex
                text.replaceSubrange(start..<end, with: replacements[Int(random.next() % UInt64(replacements.count))])
            }
            let status = [200, 200, 200, 201, 301, 400, 401, 404, 409, 410, 413, 500, 503][Int(random.next() % 13)]
            return http(Array(text.utf8), status: status)
        }
    }

    @Test(arguments: ["etcd", "kubernetes"]) func nothingTraps(kind: String) async throws {
        let seed = UInt64.random(in: .min ... .max)
        let scratch = try Scratch()
        try scratch.write("token", "t")
        let server = try await Server { HostileAnswerTests.spoiled(seed: seed &+ $0) }
        // Hours pass: many turns, watches and retries.
        let time = ProcessTime(haste: 20).time
        let store: any ClusterStore =
            kind == "etcd"
            ? try EtcdStore(endpoints: [server.url], prefix: "/weir/test/", time: time)
            : try KubernetesStore(
                access: KubernetesAccess(
                    server: server.url, namespace: "n", tokenFile: scratch.path + "/token", authoritiesFile: nil),
                prefix: "weir-test-", time: time)
        let heard = Collected<String>()
        let tasks = [
            Task { for await leadership in store.campaign(Candidate(name: "a", address: "a:1")) { heard.append("\(leadership)") } },
            Task { for await update in store.watch("map") { heard.append("\(update)") } },
        ]
        var faults: Set<StoreFault.Reason> = []
        for number in 0..<60 {
            do throws(StoreFault) {
                if number.isMultiple(of: 2) {
                    _ = try await store.read("map")
                } else {
                    _ = try await store.write("map", [1], expecting: Revision("6"))
                }
            } catch {
                faults.insert(error.reason)
                #expect(error.message.utf8.count < 1_000 && !error.message.contains("\n"), "seed \(seed)")
            }
        }
        #expect(!faults.isEmpty, "seed \(seed)")
        #expect(!heard.all.isEmpty, "seed \(seed)")
        for task in tasks { task.cancel() }
        for task in tasks { await task.value }
        await store.close()
        await server.close()
    }

    @Test func anAnswerWithoutEndIsCutOff() async throws {
        let server = try await Server { _ in HostileAnswerTests.http([UInt8](repeating: 0x20, count: 5 << 20)) }
        let store = try EtcdStore(endpoints: [server.url], prefix: "/", time: ProcessTime(haste: 2).time)
        await expectFault(.damaged) { () throws(StoreFault) in try await store.read("map") }
        await store.close()
        await server.close()
    }
}

private final class Counter: Sendable {
    private let value = Atomic<UInt64>(0)

    func next() -> UInt64 { value.add(1, ordering: .relaxed).newValue }
}
