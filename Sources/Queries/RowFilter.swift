// The query string of a metric query: which rows count.

package import ShardEngine

extension RowFilter {
    /// From `name=pattern` pairs in the order given: patterns of one name are alternatives, names must all hold.
    package init(_ pairs: [(name: String, pattern: String)], in catalogue: Catalogue = .standard) throws(QueryError) {
        guard pairs.count <= QueryLimits.patternsMax else {
            throw QueryError("\(pairs.count) filters: at most \(QueryLimits.patternsMax)")
        }
        for (name, pattern) in pairs {
            guard !name.isEmpty else { throw QueryError("a filter has no metric name: write ?metric=pattern") }
            guard name.utf8.count <= QueryLimits.nameBytesMax, pattern.utf8.count <= QueryLimits.nameBytesMax else {
                throw QueryError("a filter is longer than \(QueryLimits.nameBytesMax) bytes")
            }
        }
        self.init(grouping: pairs, in: catalogue)
    }
}
