// Reads what a server answered, trusting nothing: a member of the wrong type is a fault with its name, never a trap.

internal import Definitions

struct AnswerReader {
    private let object: JSONObject
    /// Whose answer, for messages.
    private let source: String

    /// - Parameter sizeMax: in bytes.
    init(_ bytes: [UInt8], source: String, sizeMax: Int = WebClient.answerBytesMax) throws(StoreFault) {
        let value: JSONValue
        do throws(JSONSyntaxError) {
            value = try RelaxedJSON.parse(bytes, sizeMax: sizeMax)
        } catch {
            throw StoreFault(.damaged, "\(source) answered something that is not JSON")
        }
        guard let object = value.object else { throw StoreFault(.damaged, "\(source) answered no JSON object") }
        self.init(object, source: source)
    }

    private init(_ object: JSONObject, source: String) {
        self.object = object
        self.source = source
    }

    /// nil when absent or null, as below.
    func text(_ name: String) throws(StoreFault) -> String? {
        guard let value = value(name) else { return nil }
        guard case .string(let text) = value else { throw wrongType(name) }
        return text
    }

    func bytes(_ name: String) throws(StoreFault) -> [UInt8]? {
        guard let text = try text(name) else { return nil }
        guard let bytes = Base64.bytes(text) else { throw wrongType(name) }
        return bytes
    }

    /// A whole number, or a text of one: 64 bits do not fit JSON's numbers (protocol buffers, JSON mapping, int64).
    func number(_ name: String) throws(StoreFault) -> Int64? {
        let number: Int64?
        switch value(name) {
        case nil: return nil
        case .string(let text)?: number = Int64(text)
        case .number(let value)?: number = Int64(exactly: value)
        default: number = nil
        }
        guard let number else { throw wrongType(name) }
        return number
    }

    func flag(_ name: String) throws(StoreFault) -> Bool {
        switch value(name) {
        case nil: return false
        case .bool(let flag)?: return flag
        default: throw wrongType(name)
        }
    }

    func object(_ name: String) throws(StoreFault) -> AnswerReader? {
        guard let value = value(name) else { return nil }
        guard let object = value.object else { throw wrongType(name) }
        return AnswerReader(object, source: source)
    }

    func objects(_ name: String) throws(StoreFault) -> [AnswerReader] {
        switch value(name) {
        case nil: return []
        case .array(let elements)?:
            var objects: [AnswerReader] = []
            for element in elements {
                guard let object = element.object else { throw wrongType(name) }
                objects.append(AnswerReader(object, source: source))
            }
            return objects
        default: throw wrongType(name)
        }
    }

    /// What an answer cannot do without.
    func required<Value>(_ name: String, _ value: Value?) throws(StoreFault) -> Value {
        guard let value else { throw StoreFault(.damaged, "\(source) answered without \(name)") }
        return value
    }

    private func value(_ name: String) -> JSONValue? {
        guard let value = object[name], value != .null else { return nil }
        return value
    }

    private func wrongType(_ name: String) -> StoreFault {
        StoreFault(.damaged, "\(source) answered with a \(name) that has the wrong type")
    }
}

extension JSONValue {
    static func object(_ members: KeyValuePairs<String, JSONValue>) -> JSONValue {
        var object = JSONObject()
        for (name, value) in members { object.set(name, value) }
        return .object(object)
    }

    /// 64 bits as both APIs want them: in a text.
    static func number64(_ number: Int64) -> JSONValue { .string(String(number)) }
}

extension Candidate {
    /// As it is kept beside a lease.
    var json: JSONValue { .object(["name": .string(name), "address": .string(address)]) }

    /// Of each member. Names are those of hosts and pods.
    private static let bytesMax = 512

    init(_ reader: AnswerReader) throws(StoreFault) {
        let name = try reader.required("name", reader.text("name"))
        let address = try reader.required("address", reader.text("address"))
        guard max(name.utf8.count, address.utf8.count) <= Candidate.bytesMax else {
            throw StoreFault(.damaged, "a leader has a name or address of more than \(Candidate.bytesMax) bytes")
        }
        self.init(name: name, address: address)
    }
}
