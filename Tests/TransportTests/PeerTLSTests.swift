// TLS between nodes: who gets in, who does not, and certificates that change. The certificates are made by openssl as
// each test begins.

import Foundation
import Logging
import NIOCore
import Synchronization
import Testing
@testable import Transport

/// A certificate authority in a directory of its own, and the nodes it has signed.
private struct Authority {
    let directory: String

    init(_ name: String, in parent: String) async throws {
        directory = "\(parent)/\(name)"
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        try await openssl(["req", "-x509"] + newKey("ca") + ["-out", path("ca.pem"), "-days", "2", "-subj", "/CN=\(name)"])
    }

    func path(_ file: String) -> String { "\(directory)/\(file)" }

    /// - Parameter roots: the authority that the node trusts; this one if nil.
    func node(_ name: String, trusting roots: Authority? = nil) async throws -> PeerTLS {
        try await openssl(["req"] + newKey(name) + ["-out", path("\(name).csr"), "-subj", "/CN=\(name)"])
        try await openssl([
            "x509", "-req", "-in", path("\(name).csr"), "-CA", path("ca.pem"), "-CAkey", path("ca.key"), "-CAcreateserial",
            "-out", path("\(name).pem"), "-days", "2",
        ])
        return PeerTLS(
            certificatePath: path("\(name).pem"), keyPath: path("\(name).key"), trustRootsPath: (roots ?? self).path("ca.pem"))
    }

    private func newKey(_ name: String) -> [String] {
        ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", path("\(name).key")]
    }

    private func openssl(_ arguments: [String]) async throws {
        let result = try await run("openssl", arguments)
        try #require(result.status == 0, "\(result.text)")
    }
}

/// Puts one node's files where another's are.
private func replace(_ old: PeerTLS, by new: PeerTLS) throws {
    for (from, to) in [
        (new.certificatePath, old.certificatePath), (new.keyPath, old.keyPath), (new.trustRootsPath, old.trustRootsPath),
    ] {
        try Data(contentsOf: URL(fileURLWithPath: from)).write(to: URL(fileURLWithPath: to), options: .atomic)
    }
}

private func open(by client: PeerClient) async -> PeerError? {
    await peerError { () async throws(PeerError) in
        let stream = try await client.open("/test/echo")
        // With TLS 1.3 a client hears only after the handshake that its certificate is not liked.
        try await stream.send(ByteBuffer(string: "hello"))
        _ = try await stream.receive()
    }
}

@Suite(.timeLimit(.minutes(2)), .enabled(if: isInstalled("openssl"), "openssl is not installed")) struct PeerTLSTests {
    @Test func trustedPeers() async throws {
        try await withTemporaryDirectory { directory in
            let authority = try await Authority("one", in: directory)
            let server = try await authority.node("server")
            let client = try await authority.node("client")
            try await withPeers { $0.tls = server } client: { $0.tls = client } _: { peers in
                let stream = try await peers.client.open("/test/echo")
                let message = ByteBuffer(repeating: 5, count: 3_000_000)
                let sending = Task {
                    for _ in 0..<5 { try await stream.send(message) }
                    stream.finish()
                }
                for _ in 0..<5 { #expect(try await stream.receive() == message) }
                #expect(try await stream.receive() == nil)
                try await sending.value
                #expect(peers.server.counters.refused[.tls] == 0)
                if hasCurl {
                    let arguments = [
                        "-s", "--cert", client.certificatePath, "--key", client.keyPath, "--cacert", client.trustRootsPath,
                        "--connect-to", "server:443:127.0.0.1:\(peers.server.port)", "-k", "-w", "%{http_version}", "https://server/hello",
                    ]
                    #expect(try await run("curl", arguments).text == "hello world\n2")
                    #expect(try await run("curl", ["-sS", "-k", "https://127.0.0.1:\(peers.server.port)/hello"]).status != 0)
                    await eventually { peers.server.counters.refused[.tls] == 1 }
                }
            }
        }
    }

    @Test func strangersAreRefusedCountedAndNamedOnce() async throws {
        try await withTemporaryDirectory { directory in
            let ours = try await Authority("ours", in: directory)
            let theirs = try await Authority("theirs", in: directory)
            var configuration = HTTPServerConfiguration(host: "127.0.0.1", port: 0)
            configuration.streams = SampleAcceptor()
            configuration.tls = try await ours.node("server")
            let log = CollectingLog()
            let server = HTTPServer(configuration: configuration, responder: SampleResponder(), logger: Logger(label: "test") { _ in log })
            let port = try await server.start()
            // Signed by somebody else, but trusting the server.
            let stranger = try await theirs.node("stranger", trusting: ours)
            for count in 1...3 {
                var settings = PeerClient.Configuration(host: "127.0.0.1", port: port)
                settings.tls = stranger
                let client = PeerClient(settings, group: peerTestGroup, logger: silent)
                #expect(await open(by: client)?.reason == .tls)
                #expect(settings.counters.snapshot.failures[.tls] == 1)
                await client.close()
                await eventually { server.counters.refused[.tls] == count }
            }
            // Without TLS.
            let plain = PeerClient(.init(host: "127.0.0.1", port: port), group: peerTestGroup, logger: silent)
            #expect([.protocolError, .closed].contains(await open(by: plain)?.reason))
            await eventually { server.counters.refused[.tls] == 4 }
            await plain.close()
            #expect(configuration.peerCounters.snapshot.failures[.tls] == 4)
            #expect(log.lines.value.withLock { $0 }.filter { $0 == "a peer misbehaves" }.count == 1)
            await server.shutdown(drainSeconds: 0)
        }
    }

    @Test func aServerThatIsNotTrusted() async throws {
        try await withTemporaryDirectory { directory in
            let ours = try await Authority("ours", in: directory)
            let theirs = try await Authority("theirs", in: directory)
            let server = try await theirs.node("server", trusting: ours)
            let client = try await ours.node("client")
            try await withPeers { $0.tls = server } client: { $0.tls = client } _: { peers in
                let error = await open(by: peers.client)
                #expect(error?.reason == .tls && error?.message.contains("CERTIFICATE_VERIFY_FAILED") == true, "\(String(describing: error))")
            }
            try await withPeers { _ in } client: { $0.tls = client } _: { peers in
                #expect(await open(by: peers.client)?.reason == .tls)   // a server without TLS
            }
        }
    }

    @Test func filesThatAreNotThere() async throws {
        let nothing = PeerTLS(certificatePath: "no-such-certificate.pem", keyPath: "no-such-key.pem", trustRootsPath: "no-such-roots.pem")
        await #expect(throws: HTTPServerError.self) { try await withPeers { $0.tls = nothing } _: { _ in } }
        try await withPeers { _ in } client: { $0.tls = nothing } _: { peers in
            let error = await open(by: peers.client)
            #expect(error?.reason == .tls && error?.message.contains("no-such-certificate.pem") == true)
        }
    }

    /// All certificates of a cluster are replaced while it runs.
    @Test func certificatesChange() async throws {
        try await withTemporaryDirectory { directory in
            let old = try await Authority("old", in: directory)
            let new = try await Authority("new", in: directory)
            let server = try await old.node("server")
            let client = try await old.node("client")
            let newClient = try await new.node("client")
            try await withPeers { $0.tls = server } client: { $0.tls = client } _: { peers in
                let stream = try await peers.client.open("/test/echo")
                let early = peers.makeClient { $0.tls = newClient }
                #expect(await open(by: early)?.reason == .tls)
                await early.close()

                // Half written: what was read before stays in use.
                try Data("-----BEGIN CERTIFICATE-----\n".utf8).write(to: URL(fileURLWithPath: server.certificatePath))
                let steady = peers.makeClient { $0.tls = client }
                #expect(await open(by: steady) == nil)
                await steady.close()

                try replace(server, by: try await new.node("server"))
                let late = peers.makeClient { $0.tls = newClient }
                #expect(await open(by: late) == nil)
                await late.close()
                // The connection from before goes on.
                try await stream.send(ByteBuffer(string: "still here"))
                #expect(try await stream.receive() == ByteBuffer(string: "still here"))
            }
        }
    }

    /// A dead peer does not hold its streams for as long as TLS would wait for a farewell.
    @Test func pausedLink() async throws {
        try await withTemporaryDirectory { directory in
            let authority = try await Authority("one", in: directory)
            let server = try await authority.node("server")
            let settings = try await authority.node("client")
            try await withPeers {
                $0.tls = server
                $0.messageStreams.pingTimeoutSeconds = 60
            } _: { peers in
                let link = try await PausableLink.start(to: peers.server.port)
                let client = peers.makeClient {
                    $0.port = link.port
                    $0.tls = settings
                    $0.pingIntervalSeconds = 0.1
                    $0.pingTimeoutSeconds = 4
                }
                let stream = try await client.open("/test/echo")
                try await link.pause()
                let error = await peerError { () async throws(PeerError) in try await stream.receive() }
                #expect(error?.reason == .timeout)
                await client.close()
                await link.stop()
            }
        }
    }
}

/// Keeps the messages.
private struct CollectingLog: LogHandler {
    let lines = Box(Mutex<[String]>([]))
    var metadata: Logger.Metadata = [:]
    var logLevel = Logger.Level.info

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) { lines.value.withLock { $0.append("\(event.message)") } }
}
