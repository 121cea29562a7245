// Asking the API in each way that there is: by a call, and with curl over a socket by HTTP/1.1 and by HTTP/2.

import Foundation
import NIOCore
import Routing
import Testing
import Transport

enum Way: String, CaseIterable, Sendable {
    case call, http1, http2
    /// Without curl only the call.
    static let available: [Way] = hasCurl ? allCases : [.call]
    static let hasCurl = FileManager.default.isExecutableFile(atPath: curlPath)
    fileprivate static let curlPath = "/usr/bin/curl"
}

struct Answer: Sendable {
    var status: Int
    /// By lower-case name; of several fields of a name the first.
    var headers: [String: String]
    var body: Data

    var text: String { String(decoding: body, as: UTF8.self) }
    var json: Any { get throws { try JSONSerialization.jsonObject(with: body, options: .fragmentsAllowed) } }
    var object: [String: Any] { get throws { try #require(try json as? [String: Any], "no object: \(text.prefix(300))") } }
    var objects: [[String: Any]] {
        get throws { try #require(try json as? [[String: Any]], "no array of objects: \(text.prefix(300))") }
    }

    /// Of an error in the API's one shape.
    var message: String {
        get throws {
            let error = try #require(try object["error"] as? [String: Any])
            #expect(error["status"] as? Int == status)
            return try #require(error["message"] as? String)
        }
    }
}

extension TestAPI {
    func ask(
        _ way: Way = .call, _ target: String, method: String = "GET", headers: [(String, String)] = []
    ) async throws -> Answer {
        guard way != .call else { return try await call(target, method, headers) }
        let port = try #require(port)
        var arguments = ["-sS", "-g", "--path-as-is", "--max-time", "120", "-i"]
        arguments.append(way == .http1 ? "--http1.1" : "--http2-prior-knowledge")
        arguments += method == "HEAD" ? ["-I"] : ["-X", method]
        for (name, value) in headers { arguments += ["-H", "\(name): \(value)"] }
        let output = try await run(Way.curlPath, arguments + ["http://127.0.0.1:\(port)\(target)"])
        return try Answer(curl: output)
    }

    private func call(_ target: String, _ method: String, _ headers: [(String, String)]) async throws -> Answer {
        var fields: HTTPHeaderFields = ["host": "test"]
        for (name, value) in headers { fields.add(name, value) }
        let parts = target.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        let request = HTTPRequest(
            method: method, path: parts[0], query: parts.count > 1 ? parts[1] : nil, headers: fields)
        let response = await HTTPSemantics(responder: router, configuration: HTTPServerConfiguration(port: 0))
            .respond(to: request)
        var body = ByteBuffer()
        switch response.body {
        case .empty: break
        case .bytes(let bytes): body = bytes
        case .stream(let stream): while var piece = try await stream.next() { body.writeBuffer(&piece) }
        }
        let pairs = response.headers.fields.map { ($0.name.lowercased(), $0.value) }
        return Answer(
            status: response.status, headers: Dictionary(pairs, uniquingKeysWith: { first, _ in first }),
            body: Data(body.readableBytesView))
    }
}

extension Answer {
    /// From what `curl -i` prints.
    fileprivate init(curl output: Data) throws {
        let end = try #require(output.firstRange(of: Data("\r\n\r\n".utf8)), "no answer")
        let lines = String(decoding: output[..<end.lowerBound], as: UTF8.self).components(separatedBy: "\r\n")
        status = try #require(lines[0].split(separator: " ").dropFirst().first.flatMap { Int($0) })
        headers = [:]
        for line in lines.dropFirst() {
            let parts = line.split(separator: ":", maxSplits: 1)
            guard parts.count == 2, headers[parts[0].lowercased()] == nil else { continue }
            headers[parts[0].lowercased()] = parts[1].trimmingCharacters(in: .whitespaces)
        }
        body = Data(output[end.upperBound...])
    }
}

/// Standard output of a program, when it has ended.
func run(_ path: String, _ arguments: [String], input: Data? = nil) async throws -> Data {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: path)
    process.arguments = arguments
    let output = Pipe()
    process.standardOutput = output
    let pipe = input == nil ? nil : Pipe()
    process.standardInput = pipe ?? FileHandle.nullDevice as Any
    try process.run()
    if let input, let pipe {
        try pipe.fileHandleForWriting.write(contentsOf: input)
        try pipe.fileHandleForWriting.close()
    }
    let reader = output.fileHandleForReading
    return await withCheckedContinuation { done in
        // On a thread of its own: the server's responders need those of the concurrency pool.
        Thread.detachNewThread {
            let data = reader.readDataToEndOfFile()
            process.waitUntilExit()
            done.resume(returning: data)
        }
    }
}
