// What a coordinator sends a worker on a stream of `ClusterPath.ask`, and how an answer begins.

package import Cluster
package import ExactStatistics
package import Queries
package import ShardEngine
package import Wire

/// The first message: a question about some shards.
package struct Ask: WireCodable, Sendable {
    /// Of the map that the coordinator goes by.
    package let epoch: UInt64
    package let shards: ShardSet
    /// At which everything is evaluated, at every worker.
    package let instant: Instant
    package let question: Question

    package init(epoch: UInt64, shards: ShardSet, instant: Instant, question: Question) {
        self.epoch = epoch
        self.shards = shards
        self.instant = instant
        self.question = question
    }

    package func encode(into writer: inout WireWriter) {
        writer.write(epoch)
        writer.write(shards)
        writer.write(instant)
        writer.write(question)
    }

    package init(from reader: inout WireReader) throws(WireError) {
        self.init(
            epoch: try reader.value(), shards: try reader.value(), instant: try reader.value(), question: try reader.value())
    }
}

/// Every message of an answer: a part of it, or why there is none.
package enum Answer<Part: WireCodable & Sendable>: WireCodable, Sendable {
    case part(Part)
    case refused(String)
    /// Asked by an older map than the worker's, about shards that it gave away since.
    case older(workerEpoch: UInt64)

    package func encode(into writer: inout WireWriter) {
        switch self {
        case .part(let part):
            writer.write(byte: 0)
            writer.write(part)
        case .refused(let why):
            writer.write(byte: 1)
            writer.write(why)
        case .older(let epoch):
            writer.write(byte: 2)
            writer.write(epoch)
        }
    }

    package init(from reader: inout WireReader) throws(WireError) {
        switch try reader.byte() {
        case 0: self = .part(try reader.value())
        case 1: self = .refused(try reader.value())
        case 2: self = .older(workerEpoch: try reader.value())
        default: throw reader.fault(.badValue)
        }
    }
}

/// A step of finding the quartiles of one of the metrics of a question.
package struct SelectionAsk: WireCodable, Sendable {
    package let metric: Int
    package let request: SelectionRequest

    package init(metric: Int, request: SelectionRequest) {
        self.metric = metric
        self.request = request
    }

    package func encode(into writer: inout WireWriter) {
        writer.write(metric)
        writer.write(request)
    }

    package init(from reader: inout WireReader) throws(WireError) {
        self.init(metric: try reader.value(), request: try reader.value())
    }
}

/// The first part of the answer about the largest flows.
package struct FlowsFound: WireCodable, Sendable {
    /// nil: there is no such definition.
    package let keySeparator: String?

    package init(keySeparator: String?) { self.keySeparator = keySeparator }

    package func encode(into writer: inout WireWriter) { writer.write(keySeparator) }
    package init(from reader: inout WireReader) throws(WireError) { keySeparator = try reader.value() }
}
