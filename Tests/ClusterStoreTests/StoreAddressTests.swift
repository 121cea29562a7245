@testable import ClusterStore
import Foundation
import SeededRandom
import Testing

@Suite struct StoreAddressTests {
    @Test func addressesAreRead() throws {
        #expect(try StoreAddress("file:/var/lib/weir") == .file(directory: "/var/lib/weir"))
        #expect(try StoreAddress("file:a:b") == .file(directory: "a:b"))
        #expect(try StoreAddress("kubernetes") == .kubernetes)
        #expect(
            try StoreAddress("etcd:http://a:2379,https://b.c:1/,http://[::1]:65535")
                == .etcd(endpoints: ["http://a:2379", "https://b.c:1", "http://[::1]:65535"], authoritiesFile: nil))
        #expect(
            try StoreAddress("etcd:https://10.0.0.1:2379?ca=/etc/a,b?c.pem")
                == .etcd(endpoints: ["https://10.0.0.1:2379"], authoritiesFile: "/etc/a,b?c.pem"))
    }

    @Test(arguments: [
        "", "file", "file:", "kubernetes:", "kubernetes:x", "redis:x", "etcd", "etcd:", "etcd:localhost:2379",
        "etcd:http://", "etcd:http://:2379", "etcd:http://a", "etcd:http://a:", "etcd:http://a:0", "etcd:http://a:65536",
        "etcd:http://a:2379,", "etcd:http://a:2379/path", "etcd:http://u@a:2379", "etcd:http://a b:2379",
        "etcd:http://a:2379?ca=", "etcd:http://a:2379?x=y", "etcd:ftp://a:1", "etcd:http://::1:2379", "etcd:http://a#:1",
        "etcd:" + Array(repeating: "http://a:1", count: 33).joined(separator: ","), "file:a\u{0}b", "\n",
    ]) func otherTextsAreRefused(text: String) {
        do {
            _ = try StoreAddress(text)
            Issue.record("\(text) was taken")
        } catch {
            #expect(error.reason == .rejected)
            #expect(!error.message.contains("\n"))
        }
    }

    @Test func storesAreOpened() async throws {
        let scratch = try Scratch()
        let file = try StoreAddress("file:\(scratch.path)/made").open(cluster: "test", environment: [:])
        #expect(try await file.read("map") == nil)
        let etcd = try StoreAddress("etcd:http://127.0.0.1:1").open(
            cluster: "test", environment: [:], time: ProcessTime(haste: 20).time)
        await expectFault(.unreachable) { () throws(StoreFault) in try await etcd.read("map") }
        await etcd.close()
        #expect(throws: StoreFault.self) { try StoreAddress("kubernetes").open(cluster: "test", environment: [:]) }
        #expect(throws: StoreFault.self) { try StoreAddress("file:x").open(cluster: "Te/st", environment: [:]) }
    }

    @Test func base64IsThatOfFoundation() {
        var random = SeededGenerator(seed: 4)
        for count in 0..<300 {
            let bytes = (0..<count).map { _ in UInt8.random(in: .min ... .max, using: &random) }
            let text = Data(bytes).base64EncodedString()
            #expect(Base64.text(bytes) == text)
            #expect(Base64.bytes(text) == bytes)
        }
        for text in ["A", "AA", "AAA", "A===", "====", "AA=A", "AA==AA==", "A A=", "AAA\u{e4}", "-_AA"] {
            #expect(Base64.bytes(text) == nil, "\(text)")
        }
    }
}
