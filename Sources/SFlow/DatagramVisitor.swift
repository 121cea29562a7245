// The face between the decoder and whoever uses what it finds. Calls come in wire order and carry slices of the
// receive buffer, so that nothing is copied or reserved per sample.

/// The two number spaces of records.
public enum RecordKind: UInt8, Sendable, BitwiseCopyable {
    case flow
    case counter
}

/// Receives a datagram's contents in wire order. Every `begin` of a sample is followed by its `end`, whatever it
/// answered and whatever is wrong in between.
///
/// Records come in any order, and some repeat within a sample: by design (queues, tunnels, entities) or by an agent's
/// fault, in which case the first is the one to believe.
///
/// Known records arrive with at least the minimum length of their layout; their bodies are otherwise unchecked and
/// read by ``RecordWalker`` or a reader of their own. A body is valid only during the call.
public protocol DatagramVisitor: ~Copyable {
    /// False: the samples are not wanted (a duplicate). ``decodeSamples(_:_:into:)`` does not ask.
    mutating func beginDatagram(_ header: DatagramHeader) -> Bool

    /// False: the sample's records are not wanted.
    mutating func beginFlowSample(_ sample: FlowSample) -> Bool
    /// - Parameter datagram: all of it; the body is a part of it.
    mutating func flowRecord(_ layout: FlowLayoutID, _ body: RawSpan, in datagram: RawSpan)
    mutating func endFlowSample(in datagram: RawSpan)

    /// False: the sample's records are not wanted.
    mutating func beginCounterSample(_ sample: CounterSample) -> Bool
    mutating func counterRecord(_ layout: CounterLayoutID, _ body: RawSpan)
    mutating func endCounterSample()

    /// False: its records are not wanted; they come as flow records.
    mutating func beginDiscardedPacket(_ sample: DiscardedPacket) -> Bool
    mutating func endDiscardedPacket(in datagram: RawSpan)

    /// Sample 4300:1002; read it with ``NamedMetricReader``.
    mutating func namedMetrics(_ body: RawSpan)
    /// Sample 4300:1003; read it with ``NamedFlowReader``.
    mutating func namedFlow(_ body: RawSpan)

    mutating func unknownSample(_ tag: Tag)
    mutating func unknownRecord(_ kind: RecordKind, _ tag: Tag)

    /// Something was refused or repaired; decoding went on behind it.
    mutating func fault(_ error: DecodeError)
}

extension DatagramVisitor where Self: ~Copyable {
    public mutating func beginDatagram(_ header: DatagramHeader) -> Bool { true }
}
