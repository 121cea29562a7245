// A public request that a following coordinator passes to the leading one, and the answer: events and changes have one place.

internal import NIOCore
internal import Transport
internal import Wire

struct ForwardedRequest: WireCodable {
    var request: HTTPRequest

    /// What answers depend on; the rest is between the client and the coordinator that it has asked.
    private static let passedFields = ["accept", "content-type", "if-none-match", "weir-require"]

    init(_ request: HTTPRequest) { self.request = request }

    func encode(into writer: inout WireWriter) {
        writer.write(request.method)
        writer.write(request.path)
        writer.write(request.query)
        for name in ForwardedRequest.passedFields { writer.write(request.headers[name]) }
        writer.write(bytes: Array(buffer: request.body))
    }

    init(from reader: inout WireReader) throws(WireError) {
        request = HTTPRequest(
            method: try reader.value(), path: try reader.value(), query: try reader.value(), version: .http2)
        for name in ForwardedRequest.passedFields {
            if let value: String = try reader.value() { request.headers.add(name, value) }
        }
        request.body = ByteBuffer(bytes: try reader.byteArray())
    }
}

struct ForwardedResponse: WireCodable {
    var status: Int
    var fields: [String]
    var body: [UInt8]

    init(_ response: HTTPResponse) async throws {
        status = response.status
        fields = response.headers.fields.flatMap { [$0.name, $0.value] }
        switch response.body {
        case .empty: body = []
        case .bytes(let bytes): body = Array(buffer: bytes)
        case .stream(let stream):
            body = []
            while let chunk = try await stream.next() { body += chunk.readableBytesView }
        }
    }

    var response: HTTPResponse {
        var headers: HTTPHeaderFields = [:]
        for place in stride(from: 0, to: fields.count - 1, by: 2) { headers.add(fields[place], fields[place + 1]) }
        return HTTPResponse(status: status, headers: headers, body: .bytes(ByteBuffer(bytes: body)))
    }

    func encode(into writer: inout WireWriter) {
        writer.write(status)
        writer.write(fields)
        writer.write(bytes: body)
    }

    init(from reader: inout WireReader) throws(WireError) {
        status = try reader.value()
        fields = try reader.value()
        body = try reader.byteArray()
        guard (200...599).contains(status), fields.count.isMultiple(of: 2) else { throw reader.fault(.badValue) }
    }
}
