// HTTP/2 frames built field by field (RFC 9113, section 4.1), for hostile clients.

import NIOCore
import Transport

extension HTTP2Session {
    /// Appends frames as one run of bytes.
    func writeOutput(into bytes: inout ByteBuffer, limitBytes: Int) -> Bool {
        var output = HTTP2Output()
        defer { for piece in output.takePieces() { bytes.writeImmutableBuffer(piece) } }
        return writeOutput(into: &output, limitBytes: limitBytes)
    }
}

enum H2 {
    static let preface = Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8)

    enum Kind: UInt8 { case data = 0, headers, priority, reset, settings, pushPromise, ping, goAway, windowUpdate, continuation }

    static let endStream: UInt8 = 1, acknowledgement: UInt8 = 1, endHeaders: UInt8 = 4

    static func frame(_ kind: Kind, flags: UInt8 = 0, stream: UInt32 = 0, _ payload: [UInt8] = []) -> [UInt8] {
        let length = payload.count
        return [UInt8(truncatingIfNeeded: length >> 16), UInt8(truncatingIfNeeded: length >> 8), UInt8(truncatingIfNeeded: length), kind.rawValue, flags]
            + word(stream) + payload
    }

    static func word(_ value: UInt32) -> [UInt8] {
        [UInt8(truncatingIfNeeded: value >> 24), UInt8(truncatingIfNeeded: value >> 16), UInt8(truncatingIfNeeded: value >> 8), UInt8(truncatingIfNeeded: value)]
    }

    static func settings(_ entries: [(id: UInt16, value: UInt32)] = []) -> [UInt8] {
        frame(.settings, entries.flatMap { [UInt8(truncatingIfNeeded: $0.id >> 8), UInt8(truncatingIfNeeded: $0.id)] + word($0.value) })
    }

    /// A field without indexing and with a new name (RFC 7541, section 6.2.2); both strings plain and under 127 bytes.
    static func field(_ name: String, _ value: String) -> [UInt8] {
        [0, UInt8(name.utf8.count)] + Array(name.utf8) + [UInt8(value.utf8.count)] + Array(value.utf8)
    }

    static func requestFields(method: String = "GET", path: String) -> [UInt8] {
        field(":method", method) + field(":scheme", "http") + field(":authority", "x") + field(":path", path)
    }

    static func get(stream: UInt32, path: String, extra: [UInt8] = []) -> [UInt8] {
        frame(.headers, flags: endStream | endHeaders, stream: stream, requestFields(path: path) + extra)
    }

    static func post(stream: UInt32, path: String) -> [UInt8] {
        frame(.headers, flags: endHeaders, stream: stream, requestFields(method: "POST", path: path))
    }

    /// Splits what a server sent into frames; an incomplete last one is left out.
    static func frames(_ bytes: [UInt8]) -> [(kind: UInt8, flags: UInt8, stream: UInt32, payload: [UInt8])] {
        var result: [(UInt8, UInt8, UInt32, [UInt8])] = []
        var offset = 0
        while offset + 9 <= bytes.count {
            let length = Int(bytes[offset]) << 16 | Int(bytes[offset + 1]) << 8 | Int(bytes[offset + 2])
            guard offset + 9 + length <= bytes.count else { break }
            let stream = bytes[(offset + 5)..<(offset + 9)].reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
            result.append((bytes[offset + 3], bytes[offset + 4], stream, Array(bytes[(offset + 9)..<(offset + 9 + length)])))
            offset += 9 + length
        }
        return result
    }

    static func count(_ kind: Kind, in bytes: [UInt8]) -> Int { frames(bytes).count { $0.kind == kind.rawValue } }
}
