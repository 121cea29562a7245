// The named metrics that host agents and sFlow-RT's clients send (sample 4300:1002, InMon's "rtmetric").
//
// ```
// data source name | count | ( name | type | value ) ...
// ```
// Known from implementations. Values have no length of their own: an unknown type ends the sample.

import Bytes

/// The contents of one sample of named metrics.
public struct NamedMetrics: Hashable, Sendable {
    public enum Value: Hashable, Sendable {
        case text(String)
        /// A running total, 32 or 64 bits wide.
        case counter(UInt64, bits: Int)
        case gauge(UInt64)
        case float(Double)
    }

    public struct Metric: Hashable, Sendable {
        public var name: String
        public var value: Value

        public init(name: String, value: Value) {
            self.name = name
            self.value = value
        }
    }

    public var dataSource: String
    /// Those within the limits, in wire order.
    public var metrics: [Metric]
    /// The first entry left out, or where reading stopped; nil when everything was kept.
    public var fault: DecodeError?

    public init(dataSource: String, metrics: [Metric], fault: DecodeError?) {
        self.dataSource = dataSource
        self.metrics = metrics
        self.fault = fault
    }
}

public enum NamedMetricReader {
    /// - Parameter body: of sample 4300:1002.
    /// Throws: without an acceptable data source name nothing can be kept.
    public static func read(_ body: RawSpan) throws(DecodeError) -> NamedMetrics {
        var cursor = NamedCursor()
        var result = NamedMetrics(dataSource: try cursor.readDataSourceName(body), metrics: [], fault: nil)
        do throws(DecodeError) {
            for _ in 0..<(try cursor.readCount(body)) {
                let name = try cursor.readName(body)
                let value = try readValue(body, &cursor)
                if let name, let value { result.metrics.append(NamedMetrics.Metric(name: name, value: value)) }
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
    ) throws(DecodeError) -> NamedMetrics.Value? {
        let start = cursor.offset
        switch try cursor.readWord(body) {
        case 0: return try cursor.readText(body).map { .text($0) }
        case 1: return .counter(UInt64(try cursor.readWord(body)), bits: 32)
        case 2: return .counter(try cursor.readLongWord(body), bits: 64)
        case 3: return .gauge(UInt64(try cursor.readWord(body)))
        case 4: return .gauge(try cursor.readLongWord(body))
        case 5: return try cursor.readFloat(body).map { .float($0) }
        case 6: return try cursor.readDouble(body).map { .float($0) }
        default: throw DecodeError(.badEnumeration, at: start)
        }
    }
}
