// The named flows that clients of sFlow-RT send (sample 4300:1003, InMon's "rtflow").
//
// ```
// data source name | sampling rate | sample pool | count | ( name | type | value ) ...
// ```
// Known from implementations. Values have no length of their own: an unknown type ends the sample.

public import Bytes

/// The contents of one named flow sample.
public struct NamedFlow: Hashable, Sendable {
    public enum Value: Hashable, Sendable {
        case text(String)
        case mac(MACAddress)
        case address(IPAddress)
        case unsigned(UInt64)
        case float(Double)
    }

    public struct Field: Hashable, Sendable {
        public var name: String
        public var value: Value

        public init(name: String, value: Value) {
            self.name = name
            self.value = value
        }
    }

    public var dataSource: String
    /// One in this many was sampled.
    public var samplingRate: UInt32
    public var samplePool: UInt32
    /// Those within the limits, in wire order.
    public var fields: [Field]
    /// The first entry left out, or where reading stopped; nil when everything was kept.
    public var fault: DecodeError?

    public init(dataSource: String, samplingRate: UInt32, samplePool: UInt32, fields: [Field], fault: DecodeError?) {
        self.dataSource = dataSource
        self.samplingRate = samplingRate
        self.samplePool = samplePool
        self.fields = fields
        self.fault = fault
    }
}

public enum NamedFlowReader {
    /// - Parameter body: of sample 4300:1003.
    /// Throws: without an acceptable data source name, rate and pool nothing can be kept.
    public static func read(_ body: RawSpan) throws(DecodeError) -> NamedFlow {
        var cursor = NamedCursor()
        var result = NamedFlow(
            dataSource: try cursor.readDataSourceName(body), samplingRate: try cursor.readWord(body),
            samplePool: try cursor.readWord(body), fields: [], fault: nil)
        do throws(DecodeError) {
            for _ in 0..<(try cursor.readCount(body)) {
                let name = try cursor.readName(body)
                let value = try readValue(body, &cursor)
                if let name, let value { result.fields.append(NamedFlow.Field(name: name, value: value)) }
            }
        } catch {
            cursor.note(error.reason, at: error.offset)
        }
        result.fault = cursor.fault
        return result
    }

    /// Nil when the value is there but not acceptable.
    private static func readValue(
        _ body: RawSpan, _ cursor: inout NamedCursor
    ) throws(DecodeError) -> NamedFlow.Value? {
        let start = cursor.offset
        switch try cursor.readWord(body) {
        case 0: return try cursor.readText(body).map { .text($0) }
        case 1: return .mac(MACAddress(try cursor.readLongWord(body) >> 16))
        case 2: return .address(IPAddress(v4: try cursor.readWord(body)))
        case 3: return .address(IPAddress(v6High: try cursor.readLongWord(body), low: try cursor.readLongWord(body)))
        case 4: return .unsigned(UInt64(try cursor.readWord(body)))
        case 5: return .unsigned(try cursor.readLongWord(body))
        case 6: return try cursor.readFloat(body).map { .float($0) }
        case 7: return try cursor.readDouble(body).map { .float($0) }
        default: throw DecodeError(.badEnumeration, at: start)
        }
    }
}
