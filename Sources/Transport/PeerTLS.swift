// TLS between nodes: what an operator configures, and the contexts made from it. Both sides show a certificate that the
// other's trust roots have signed. Names are not compared: nodes go by addresses that come and go, so the trust roots
// should sign nothing but the nodes of one cluster.

internal import NIOCore
internal import NIOSSL
private import Glibc
internal import Logging
private import Synchronization

/// Where a node's certificate, its key, and the certificates that it trusts are; all PEM. The files are read again when
/// they change, which every new connection checks.
package struct PeerTLS: Sendable, Hashable {
    /// The node's certificate, followed by intermediate ones if any.
    package var certificatePath: String
    package var keyPath: String
    package var trustRootsPath: String

    package init(certificatePath: String, keyPath: String, trustRootsPath: String) {
        self.certificatePath = certificatePath
        self.keyPath = keyPath
        self.trustRootsPath = trustRootsPath
    }
}

/// The context for the next connection of one client or server.
final class PeerTLSContexts: Sendable {
    enum Side {
        case client, server
    }

    /// What tells one state of the files from another.
    private struct Stamp: Equatable {
        var files: [[Int]]
    }

    private struct State {
        var context: NIOSSLContext?
        var stamp: Stamp?
    }

    private let files: PeerTLS
    private let side: Side
    private let logger: Logger
    private let state = Mutex(State())

    init(_ files: PeerTLS, side: Side, logger: Logger) {
        self.files = files
        self.side = side
        self.logger = logger
    }

    /// Files that cannot be used are passed over as long as there is a context from before: they may be half written.
    /// - Throws: ``PeerError`` `tls`.
    func current() throws(PeerError) -> NIOSSLContext {
        let stamp = Stamp(files: [files.certificatePath, files.keyPath, files.trustRootsPath].map(signature))
        let result: Result<NIOSSLContext, PeerError> = state.withLock { state in
            if let context = state.context, state.stamp == stamp { return .success(context) }
            do throws(PeerError) {
                let context = try makeContext()
                if state.context != nil { logger.info("certificates read again", metadata: ["file": "\(files.certificatePath)"]) }
                (state.context, state.stamp) = (context, stamp)
                return .success(context)
            } catch {
                guard let context = state.context else { return .failure(error) }
                state.stamp = stamp
                logger.info("certificates cannot be read, the old ones stay in use", metadata: ["error": "\(error)"])
                return .success(context)
            }
        }
        return try result.get()
    }

    private func makeContext() throws(PeerError) -> NIOSSLContext {
        do {
            let chain = try NIOSSLCertificate.fromPEMFile(files.certificatePath).map { NIOSSLCertificateSource.certificate($0) }
            let key = NIOSSLPrivateKeySource.privateKey(try NIOSSLPrivateKey(file: files.keyPath, format: .pem))
            let roots = try NIOSSLCertificate.fromPEMFile(files.trustRootsPath)
            var configuration: TLSConfiguration
            switch side {
            case .server:
                configuration = .makeServerConfiguration(certificateChain: chain, privateKey: key)
                // Probes and people's tools may speak either; they too need a certificate.
                configuration.applicationProtocols = ["h2", "http/1.1"]
            case .client:
                configuration = .makeClientConfiguration()
                configuration.certificateChain = chain
                configuration.privateKey = key
                configuration.applicationProtocols = ["h2"]
            }
            configuration.minimumTLSVersion = .tlsv13
            configuration.trustRoots = .certificates(roots)
            configuration.certificateVerification = .noHostnameVerification
            // A peer that is gone does not answer a farewell.
            configuration.shutdownTimeout = .seconds(1)
            return try NIOSSLContext(configuration: configuration)
        } catch {
            throw PeerError(.tls, "no TLS with \(files.certificatePath), \(files.keyPath), \(files.trustRootsPath): \(error)")
        }
    }
}

/// Device, inode, size and time of change of a file; zeros when there is none.
private func signature(_ path: String) -> [Int] {
    var status = stat()
    guard unsafe stat(path, &status) == 0 else { return [0] }
    return [
        Int(truncatingIfNeeded: status.st_dev), Int(truncatingIfNeeded: status.st_ino), Int(status.st_size), status.st_mtim.tv_sec,
        status.st_mtim.tv_nsec,
    ]
}

/// Whether an error of a connection is one of trust, or of a peer that does not speak TLS at all; not one that has merely
/// hung up.
func isTLSFailure(_ error: any Error) -> Bool {
    switch error {
    case NIOSSLError.uncleanShutdown, NIOSSLError.handshakeFailed(.sslError([.eofDuringHandshake])): false
    case is NIOSSLError, is BoringSSLError: true
    default: false
    }
}
