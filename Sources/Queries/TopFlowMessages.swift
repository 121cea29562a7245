// What the coordinator asks of each host, and what a host answers, while the largest flows are being found. Both sides
// check what the other sends: a wrong message is an error of its own type and never a trap.

internal import Bytes
internal import ShardEngine
package import Wire

package enum TopFlowLimits {
    /// Flows of one message, asked for or answered.
    package static let entriesMax = 4_096
    /// Flows of all hosts that are held until the answer is found. More than a fabric has, by far; against a host that goes
    /// on for ever.
    package static let candidatesMax = 1 << 24
    /// Beyond all rates of honest hosts, and so far from the largest double that no sum of rates becomes infinite.
    static let rateMax = 1e200
}

package enum TopFlowRequest: Hashable, Sendable {
    /// The flows in the order of the host's own values, largest first and equal ones by key: those from this place on, at most
    /// `count` of them, and none whose value is below `atLeast`.
    case ranked(from: Int, count: Int, atLeast: Double)
    /// What the host has of these flows.
    case tallies([[UInt8]])
}

package struct RankedFlow: Sendable {
    package let key: [UInt8]
    package let tally: FlowTally

    package init(key: [UInt8], tally: FlowTally) {
        self.key = key
        self.tally = tally
    }
}

package enum TopFlowPartial: Sendable {
    /// - Parameter remaining: flows of the host after these, however small; a host that has not looked at all of its flows
    ///   says some number, but not 0.
    case ranked([RankedFlow], remaining: Int)
    /// In the order of the request; nil for flows that the host does not have.
    case tallies([FlowTally?])
}

package struct TopFlowError: Error, Hashable, Sendable {
    package enum Reason: String, CaseIterable, Sendable {
        /// Another number of partials than hosts were asked, or a partial that does not fit its request.
        case answerDoesNotFitRequest
        /// Flows that are not in the order asked for, or smaller than asked for.
        case notInOrder
        /// A tally of no data sources, or without what the query's mode needs.
        case badTally
        /// More flows in a request or in all answers than the limits allow.
        case limitExceeded
    }

    package let reason: Reason
    /// Whose answer was wrong; nil for a wrong request or a wrong number of answers.
    package let host: Int?

    package init(_ reason: Reason, host: Int? = nil) {
        self.reason = reason
        self.host = host
    }
}

extension TopFlowRequest: WireCodable {
    package func encode(into writer: inout WireWriter) {
        switch self {
        case .ranked(let from, let count, let atLeast):
            writer.write(byte: 0)
            writer.write(from)
            writer.write(count)
            writer.write(number: atLeast)
        case .tallies(let keys):
            writer.write(byte: 1)
            writer.write(unsigned: UInt64(keys.count))
            for key in keys { writer.write(bytes: key) }
        }
    }

    package init(from reader: inout WireReader) throws(WireError) {
        switch try reader.byte() {
        case 0: self = .ranked(from: try reader.value(), count: try reader.value(), atLeast: try reader.finiteNumber())
        case 1:
            var keys: [[UInt8]] = []
            for _ in 0..<(try reader.count()) { keys.append(try reader.byteArray()) }
            self = .tallies(keys)
        default: throw reader.fault(.badValue)
        }
    }
}

extension RankedFlow: WireCodable {
    package func encode(into writer: inout WireWriter) {
        writer.write(bytes: key)
        writer.write(tally)
    }

    package init(from reader: inout WireReader) throws(WireError) {
        self.init(key: try reader.byteArray(), tally: try reader.value())
    }
}

extension TopFlowPartial: WireCodable {
    package func encode(into writer: inout WireWriter) {
        switch self {
        case .ranked(let flows, let remaining):
            writer.write(byte: 0)
            writer.write(flows)
            writer.write(unsigned: UInt64(remaining))
        case .tallies(let tallies):
            writer.write(byte: 1)
            writer.write(tallies)
        }
    }

    package init(from reader: inout WireReader) throws(WireError) {
        switch try reader.byte() {
        case 0: self = .ranked(try reader.value(), remaining: try reader.quantity())
        case 1: self = .tallies(try reader.value())
        default: throw reader.fault(.badValue)
        }
    }
}

/// At least one data source, and either all rates or none.
extension FlowTally: WireCodable {
    package func encode(into writer: inout WireWriter) {
        guard let best else { return writer.write(unsigned: 0) }
        writer.write(unsigned: UInt64(count))
        writer.write(best.place)
        writer.write(number: best.value)
        writer.write(signed: best.arrival)
        writer.write(best.values)
        writer.write(prefersSmallest)
        writer.write(unsigned: UInt64(rates.count))
        for rate in rates {
            writer.write(number: rate.value)
            writer.write(number: rate.ingressShare)
        }
    }

    package init(from reader: inout WireReader) throws(WireError) {
        let count = try reader.quantity()
        guard count > 0 else { throw reader.fault(.badValue) }
        let best = (
            place: try reader.value(Place.self), value: try reader.rate(), arrival: try reader.time(),
            values: try reader.finiteNumbers()
        )
        let prefersSmallest: Bool = try reader.value()
        let rateCount = try reader.count(minimumBytes: 16)
        guard rateCount == 0 || rateCount == count else { throw reader.fault(.badValue) }
        var rates: [FlowRate] = []
        rates.reserveCapacity(rateCount)
        for _ in 0..<rateCount { rates.append(FlowRate(value: try reader.rate(), ingressShare: try reader.share())) }
        self.init(count: count, best: best, rates: rates, prefersSmallest: prefersSmallest)
    }
}

extension WireReader {
    fileprivate mutating func rate() throws(WireError) -> Double {
        let rate = try number()
        guard rate.magnitude <= TopFlowLimits.rateMax else { throw fault(.badValue) }
        return rate
    }
}
