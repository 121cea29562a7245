// What is asked of a name server, and what it answers: the part of DNS that finds the name of an address (RFC 1035
// section 4; names to ask for: section 3.5 there, and RFC 3596 section 2.5). Pure: bytes in, a name out. Apart from the
// search, which decides when to ask whom.

package import Bytes

package enum PointerQuery {
    package enum Answer: Hashable, Sendable {
        /// In lower case, with the trailing dot. `seconds`: how long it may be remembered.
        case name(String, seconds: UInt32)
        /// The server knows that there is none.
        case none
        /// The server could not tell.
        case failed
    }

    /// A name on the wire has at most so many bytes (RFC 1035 section 2.3.4).
    private static let nameBytesMax = 255
    private static let pointerType = 12
    private static let internetClass = 1
    private static let headerBytes = 12

    // MARK: Asking

    /// The message that asks for the name of an address, by way of the server's own search (recursion desired).
    package static func message(for address: IPAddress, identifier: UInt16) -> [UInt8] {
        let header: [UInt8] = [UInt8(identifier >> 8), UInt8(identifier & 0xFF), 0x01, 0x00, 0, 1, 0, 0, 0, 0, 0, 0]
        return header + question(address)
    }

    /// The name under which an address is found, its type and its class.
    private static func question(_ address: IPAddress) -> [UInt8] {
        var bytes: [UInt8] = []
        func append(_ label: String) { bytes += [UInt8(label.utf8.count)] + label.utf8 }
        let address = address.unmapped
        if address.isIPv6 {
            for half in [address.low, address.high] {
                for shift in stride(from: UInt64(0), to: 64, by: 4) { append(String(half >> shift & 0xF, radix: 16)) }
            }
            append("ip6")
        } else {
            for shift in stride(from: UInt64(0), to: 32, by: 8) { append(String(address.low >> shift & 0xFF)) }
            append("in-addr")
        }
        append("arpa")
        return bytes + [0, 0, UInt8(pointerType), 0, UInt8(internetClass)]
    }

    // MARK: Answers

    /// Number of the question that a message answers; nil for what is too short.
    package static func identifier(of message: [UInt8]) -> UInt16? { message.count >= headerBytes ? uint16(message, 0) : nil }

    /// - Returns: nil when the message is no answer to this question: broken, forged, or for somebody else.
    package static func answer(in message: [UInt8], to address: IPAddress) -> Answer? {
        let question = question(address)
        // An answer to a standard query (QR, opcode) with the one question that was asked.
        guard message.count >= headerBytes + question.count, message[2] & 0xF8 == 0x80, uint16(message, 4) == 1,
            message[headerBytes..<(headerBytes + question.count)].map(lowercase) == question
        else { return nil }
        // A name that does not fit into 512 bytes together with its question is none that anybody wants to see.
        guard message[2] & 0x02 == 0 else { return .failed }
        switch message[3] & 0x0F {
        case 0: return firstName(in: message, from: headerBytes + question.count, records: Int(uint16(message, 6)))
        case 3: return Answer.none
        default: return .failed
        }
    }

    /// The first name among the answers, whoever's it is: a server may say that the address's name is an alias of another
    /// (RFC 2317). nil for a record that contradicts itself.
    private static func firstName(in message: [UInt8], from start: Int, records: Int) -> Answer? {
        var place = start
        // Each round goes on by eleven bytes at least, or ends.
        for _ in 0..<records {
            guard let fixed = end(ofName: place, in: message), fixed + 10 <= message.count else { return nil }
            let byteCount = Int(uint16(message, fixed + 8))
            place = fixed + 10 + byteCount
            guard place <= message.count else { return nil }
            guard uint16(message, fixed) == pointerType, uint16(message, fixed + 2) == internetClass else { continue }
            guard let name = name(at: fixed + 10, in: message) else { return nil }
            let seconds = UInt32(uint16(message, fixed + 4)) << 16 | UInt32(uint16(message, fixed + 6))
            return name.isEmpty ? Answer.none : .name(name, seconds: seconds)
        }
        return Answer.none
    }

    private static func end(ofName start: Int, in message: [UInt8]) -> Int? {
        var place = start
        while place < message.count {
            switch message[place] {
            case 0: return place + 1
            case 1...63: place += 1 + Int(message[place])
            case 0xC0...: return place + 2
            default: return nil
            }
        }
        return nil
    }

    /// Reads a name, following pointers to earlier places only, so that every one brings the end nearer (RFC 1035 section
    /// 4.1.4). The text is empty for the root.
    private static func name(at start: Int, in message: [UInt8]) -> String? {
        var place = start, pieceStart = start, byteCount = 0, text = ""
        while place < message.count {
            let length = Int(message[place])
            switch length {
            case 0: return text
            case 1...63:
                byteCount += length + 1
                guard place + 1 + length <= message.count, byteCount < nameBytesMax else { return nil }
                text += shown(message[(place + 1)..<(place + 1 + length)]) + "."
                place += 1 + length
            case 0xC0...:
                guard place + 1 < message.count else { return nil }
                let target = (length & 0x3F) << 8 | Int(message[place + 1])
                guard target < pieceStart else { return nil }
                (place, pieceStart) = (target, target)
            default: return nil
            }
        }
        return nil
    }

    /// A label as master files write it (RFC 1035 section 5.1): what is no letter, digit, `-`, `_` or `/` as `\DDD`. A name
    /// from outside cannot hold a separator of keys so.
    private static func shown(_ label: ArraySlice<UInt8>) -> String {
        label.reduce(into: "") { text, byte in
            switch lowercase(byte) {
            case let byte where (0x30...0x39).contains(byte) || (0x61...0x7A).contains(byte) || "-_/".utf8.contains(byte):
                text.unicodeScalars.append(Unicode.Scalar(byte))
            default:
                let digits = String(byte)
                text += "\\" + String(repeating: "0", count: 3 - digits.utf8.count) + digits
            }
        }
    }

    private static func lowercase(_ byte: UInt8) -> UInt8 { (0x41...0x5A).contains(byte) ? byte | 0x20 : byte }

    /// The caller has seen that two bytes are there.
    private static func uint16(_ bytes: [UInt8], _ place: Int) -> UInt16 { UInt16(bytes[place]) << 8 | UInt16(bytes[place + 1]) }
}
