// A record layout: what a record's body consists of, as data. The tables of layouts are in FlowLayouts+*.swift and
// CounterLayouts+*.swift; ``RecordWalker`` interprets them.

/// The format of a flow or counter record.
public struct RecordLayout: Hashable, Sendable {
    /// Where the layout is known from.
    public enum Source: String, Sendable {
        /// A published sFlow.org document.
        case published
        /// The sFlow.org structure register, mailing list or a draft.
        case register
        /// The source code of agents and collectors.
        case implementation
        /// Withdrawn or superseded, still sent.
        case deprecated
        /// A vendor's own document.
        case vendor
    }

    public let tag: Tag
    /// As the structure is called in its document.
    public let name: String
    public let source: Source
    public let fields: [Field]
    /// Other forms that bear the same number. The first form that uses up a body exactly is the one that was sent,
    /// ``fields`` being tried first.
    public let alternatives: [[Field]]
    /// What to read when no form fits; ``fields`` unless the record is ambiguous beyond that.
    public let fallback: [Field]
    /// Bytes of the shortest acceptable body. Less than all fields need when an older form of the record ends earlier;
    /// the fields that it lacks are absent then.
    public let minimumBytes: Int
    /// The record has an older form that ends at ``minimumBytes``.
    public let hasOlderForm: Bool

    init(
        _ tag: Tag, _ name: String, _ source: Source, _ fields: [[Field]], alternatives: [[[Field]]] = [],
        fallback: [[Field]]? = nil, olderFormBytes: Int? = nil
    ) {
        let main = Field.placed(Array(fields.joined()))
        let others = alternatives.map { Field.placed(Array($0.joined())) }
        self.tag = tag
        self.name = name
        self.source = source
        self.fields = main
        self.alternatives = others
        self.fallback = fallback.map { Field.placed(Array($0.joined())) } ?? main
        hasOlderForm = olderFormBytes != nil
        let shortest = ([main, self.fallback] + others).map { $0.reduce(0) { $0 + $1.type.minimumBytes } }.min() ?? 0
        minimumBytes = olderFormBytes ?? shortest
    }

    /// The field of this name, when there is one.
    public func field(named name: String) -> Field? { fields.first { $0.name == name } }
}
