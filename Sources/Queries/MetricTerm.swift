// One metric of a query as it is written: `[statistic:][data source.]name`.

package import ShardEngine
internal import SFlow

/// What is made of a metric's values at the selected data sources.
package enum Statistic: String, CaseIterable, Sendable {
    case max, min, any, sum, avg, `var`, sdev, med, q1, q2, q3, iqr

    /// Whether the answer is one data source's value, named with it.
    package var isSelecting: Bool { self == .max || self == .min || self == .any }
    package var isQuartile: Bool {
        switch self {
        case .med, .q1, .q2, .q3, .iqr: true
        default: false
        }
    }
}

/// A metric, at any data source or at a certain one.
package struct MetricReference: Hashable, Sendable {
    package let metric: MetricName
    package let source: SourceName?

    /// Splits `4.ifinoctets` or `2.1.load_one` at the last dot: metric names have none.
    package init(_ text: String, in catalogue: Catalogue = .standard) throws(QueryError) {
        guard text.utf8.count <= QueryLimits.nameBytesMax else {
            throw QueryError("a metric name is longer than \(QueryLimits.nameBytesMax) bytes")
        }
        guard let dot = text.lastIndex(of: ".") else {
            self.init(name: text, source: nil, in: catalogue)
            guard !text.isEmpty else { throw QueryError("a metric name is empty") }
            return
        }
        let (source, name) = (String(text[..<dot]), String(text[text.index(after: dot)...]))
        guard !name.isEmpty, !source.isEmpty else {
            throw QueryError("'\(text)' is no metric: write name, or dataSource.name as in 4.ifinoctets")
        }
        self.init(name: name, source: DataSource(source).map(SourceName.numbered) ?? .named(source), in: catalogue)
    }

    init(_ metric: MetricName, at source: SourceName) {
        self.metric = metric
        self.source = source
    }

    private init(name: String, source: SourceName?, in catalogue: Catalogue) {
        metric = MetricName(name, in: catalogue)
        self.source = source
    }
}

package struct MetricTerm: Hashable, Sendable {
    /// As it was written.
    package let text: String
    package let statistic: Statistic
    package let reference: MetricReference

    package init(_ text: String, in catalogue: Catalogue = .standard) throws(QueryError) {
        self.text = text
        guard let colon = text.firstIndex(of: ":") else {
            statistic = .max
            reference = try MetricReference(text, in: catalogue)
            return
        }
        let prefix = String(text[..<colon])
        guard let statistic = Statistic(rawValue: prefix) else {
            let known = Statistic.allCases.map(\.rawValue).joined(separator: ", ")
            throw QueryError("'\(prefix)' in '\(text)' is no statistic: use one of \(known)")
        }
        self.statistic = statistic
        reference = try MetricReference(String(text[text.index(after: colon)...]), in: catalogue)
    }

    private init(_ text: String, _ statistic: Statistic, _ reference: MetricReference) {
        self.text = text
        self.statistic = statistic
        self.reference = reference
    }

    /// The same at one data source, unless the term names another itself.
    package func at(_ source: SourceName) -> MetricTerm {
        reference.source == nil ? MetricTerm(text, statistic, MetricReference(reference.metric, at: source)) : self
    }

    /// The `{metrics}` part of a query: terms separated by `,` or `;`.
    package static func list(_ text: String, in catalogue: Catalogue = .standard) throws(QueryError) -> [MetricTerm] {
        try QueryText.list(text).map { text throws(QueryError) in try MetricTerm(text, in: catalogue) }
    }
}

enum QueryText {
    static func list(_ text: String) throws(QueryError) -> [String] {
        let parts = text.split(whereSeparator: { $0 == "," || $0 == ";" }).map(String.init)
        guard !parts.isEmpty else { throw QueryError("no metric named") }
        guard parts.count <= QueryLimits.metricsMax else {
            throw QueryError("\(parts.count) metrics named: at most \(QueryLimits.metricsMax)")
        }
        return parts
    }
}
