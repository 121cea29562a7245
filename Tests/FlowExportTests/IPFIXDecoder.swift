// A decoder of IPFIX messages, written from RFC 7011 alone and sharing nothing with the encoder: what a collector would
// make of the bytes. It knows templates with fixed lengths and traps on anything that a collector would refuse.

struct DecodedMessage: Equatable {
    var exportSeconds: UInt32
    var sequence: UInt32
    var domain: UInt32
    var templateCount = 0
    var records: [DecodedRecord] = []
}

struct DecodedRecord: Equatable {
    var template: Int
    /// Content by number of the information element, and the order of the numbers.
    var elements: [Int]
    var content: [Int: [UInt8]]

    func number(_ element: Int) -> UInt64? { content[element]?.reduce(0) { $0 << 8 | UInt64($1) } }
}

struct IPFIXDecoder {
    struct Refusal: Error { let reason: String }

    /// Number and length of the fields, by domain and template.
    private var templates: [[UInt32]: [(element: Int, length: Int)]] = [:]

    mutating func decode(_ bytes: [UInt8]) throws -> DecodedMessage {
        var input = Input(bytes: bytes[...])
        guard try input.take(2) == 10 else { throw Refusal(reason: "version") }
        guard try Int(input.take(2)) == bytes.count else { throw Refusal(reason: "message length") }
        var message = DecodedMessage(
            exportSeconds: UInt32(try input.take(4)), sequence: UInt32(try input.take(4)),
            domain: UInt32(try input.take(4)))
        while !input.bytes.isEmpty {
            let set = Int(try input.take(2))
            let length = Int(try input.take(2))
            var content = Input(bytes: try input.slice(length - 4))
            switch set {
            case 2: message.templateCount += try decodeTemplates(&content, domain: message.domain)
            case 256...: message.records += try decodeRecords(&content, domain: message.domain, template: set)
            default: throw Refusal(reason: "set \(set)")
            }
        }
        return message
    }

    private mutating func decodeTemplates(_ input: inout Input, domain: UInt32) throws -> Int {
        var count = 0
        while input.bytes.count >= 4 {
            let number = UInt32(try input.take(2))
            guard number >= 256 else { throw Refusal(reason: "template \(number)") }
            var fields: [(Int, Int)] = []
            for _ in 0..<(try input.take(2)) {
                let element = Int(try input.take(2))
                guard element < 0x8000 else { throw Refusal(reason: "enterprise element") }
                fields.append((element, Int(try input.take(2))))
            }
            templates[[domain, number]] = fields
            count += 1
        }
        return count
    }

    private func decodeRecords(_ input: inout Input, domain: UInt32, template: Int) throws -> [DecodedRecord] {
        guard let fields = templates[[domain, UInt32(template)]] else {
            throw Refusal(reason: "no template \(template)")
        }
        let length = fields.reduce(0) { $0 + $1.length }
        var records: [DecodedRecord] = []
        while input.bytes.count >= length {
            var record = DecodedRecord(template: template, elements: fields.map(\.element), content: [:])
            for field in fields { record.content[field.element] = Array(try input.slice(field.length)) }
            records.append(record)
        }
        guard input.bytes.isEmpty else { throw Refusal(reason: "bytes left in set") }
        return records
    }

    private struct Input {
        var bytes: ArraySlice<UInt8>

        mutating func slice(_ count: Int) throws -> ArraySlice<UInt8> {
            guard count >= 0, count <= bytes.count else { throw Refusal(reason: "cut short") }
            defer { bytes = bytes.dropFirst(count) }
            return bytes.prefix(count)
        }

        mutating func take(_ count: Int) throws -> UInt64 { try slice(count).reduce(0) { $0 << 8 | UInt64($1) } }
    }
}
