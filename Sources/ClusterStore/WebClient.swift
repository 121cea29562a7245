// HTTP requests to a store. This file alone knows the HTTP library; every answer is bounded in size and time here.

internal import AsyncHTTPClient
internal import NIOCore
internal import NIOHTTP1
internal import NIOSSL

struct WebRequest: Sendable {
    enum Method: Sendable { case get, post, put }

    let method: Method
    /// `http://HOST:PORT` or `https://HOST:PORT`; this is also what messages call the server.
    let server: String
    let path: String
    var headers: [(name: String, value: String)] = []
    var body: [UInt8] = []
}

struct WebAnswer: Sendable {
    let status: Int
    let body: [UInt8]
}

final class WebClient: Sendable {
    /// Three values of the largest size as Base64 would not fit; one does, with room for what is around it.
    static let answerBytesMax = 3 << 20
    /// Of a stream that only has to say that something changed.
    private static let noticeBytesMax = 64 << 10

    private let client: HTTPClient
    private let time: StoreTime

    /// - Parameter authoritiesFile: certificates in PEM that servers are checked against; nil: those of the system.
    init(authoritiesFile: String?, time: StoreTime) throws(StoreFault) {
        var configuration = HTTPClient.Configuration(redirectConfiguration: .disallow)
        configuration.httpVersion = .http1Only
        configuration.connectionPool.retryConnectionEstablishment = false
        // Each watch keeps a connection of its own busy.
        configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = 64
        if let authoritiesFile {
            var tls = TLSConfiguration.makeClientConfiguration()
            do {
                tls.trustRoots = .certificates(try NIOSSLCertificate.fromPEMFile(authoritiesFile))
            } catch {
                throw StoreFault(.rejected, "\(authoritiesFile) holds no certificates in PEM that can be read")
            }
            configuration.tlsConfiguration = tls
        }
        client = HTTPClient(configuration: configuration)
        self.time = time
    }

    deinit {
        // Nothing happens when `close` was called.
        client.shutdown { _ in }
    }

    func close() async { try? await client.shutdown() }

    /// The whole answer, whatever its status.
    func send(_ request: WebRequest, within deadline: Duration) async throws(StoreFault) -> WebAnswer {
        try await time.limit(request.server, to: deadline) { () throws(StoreFault) in
            do {
                let response = try await self.client.execute(HTTPClientRequest(request), deadline: .distantFuture)
                let body = try await response.body.collect(upTo: WebClient.answerBytesMax)
                // A cancelled body ends early, as if it were whole.
                try Task.checkCancellation()
                return WebAnswer(status: Int(response.status.code), body: Array(buffer: body))
            } catch {
                throw StoreFault(error, of: request)
            }
        }
    }

    /// Returns when what came so far is enough, when it is more than any notice, and when the stream ends.
    func receive(_ request: WebRequest, until isEnough: @Sendable ([UInt8]) -> Bool) async throws(StoreFault) {
        do {
            let response = try await client.execute(HTTPClientRequest(request), deadline: .distantFuture)
            guard response.status == .ok else {
                throw StoreFault(.unreachable, "\(request.server) answered \(response.status.code) to a watch")
            }
            var received: [UInt8] = []
            for try await part in response.body {
                received += part.readableBytesView.prefix(WebClient.noticeBytesMax)
                if isEnough(received) || received.count >= WebClient.noticeBytesMax { return }
            }
        } catch let fault as StoreFault {
            throw fault
        } catch {
            throw StoreFault(error, of: request)
        }
    }
}

extension HTTPClientRequest {
    fileprivate init(_ request: WebRequest) {
        self.init(url: request.server + request.path)
        method =
            switch request.method {
            case .get: .GET
            case .post: .POST
            case .put: .PUT
            }
        for header in request.headers { headers.add(name: header.name, value: header.value) }
        if !request.body.isEmpty {
            headers.add(name: "content-type", value: "application/json")
            body = .bytes(request.body)
        }
    }
}

extension StoreFault {
    fileprivate init(_ error: any Error, of request: WebRequest) {
        switch error {
        case is NIOTooManyBytesError:
            self.init(.damaged, "\(request.server) answered more than \(WebClient.answerBytesMax) bytes")
        case is CancellationError:
            self.init(.timeout, "\(request.server): given up")
        case let error as HTTPClientError where [.cancelled, .connectTimeout, .deadlineExceeded].contains(error):
            self.init(.timeout, "\(request.server): no answer in time")
        default:
            self.init(.unreachable, "\(request.server) cannot be reached: \(shown(String(describing: error)))")
        }
    }
}
