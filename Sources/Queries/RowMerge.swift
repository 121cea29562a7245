// The merge of several shards' sorted rows into one sorted sequence, a row at a time.

/// Takes pages from several sources and hands out rows in order. At any time it holds one page of each source.
package struct RowMerge: Sendable {
    private let query: RowQuery
    private var pages: [Page]
    private var handedOut = 0

    private struct Page: Sendable {
        var rows: ArraySlice<Row> = []
        var isExhausted = false
    }

    package init(_ query: RowQuery, sources: Int) {
        self.query = query
        pages = Array(repeating: Page(), count: sources)
    }

    /// The sources whose next page is needed before a row can be told to be the first.
    package var starving: [Int] {
        if let limit = query.order?.limit, handedOut >= limit { return [] }
        return pages.indices.filter { pages[$0].rows.isEmpty && !pages[$0].isExhausted }
    }

    /// A source's next page; nil when it has no more.
    package mutating func receive(_ rows: [Row]?, from source: Int) {
        guard let rows, !rows.isEmpty else { return pages[source].isExhausted = true }
        pages[source].rows = rows[...]
    }

    /// The next row; nil when all is handed out, or when a source is starving.
    package mutating func next() -> Row? {
        guard starving.isEmpty else { return nil }
        if let limit = query.order?.limit, handedOut >= limit { return nil }
        var first: (source: Int, row: Row)?
        for (source, page) in pages.enumerated() {
            guard let row = page.rows.first else { continue }
            if let best = first, !query.precedes(row, best.row) { continue }
            first = (source, row)
        }
        guard let first else { return nil }
        pages[first.source].rows.removeFirst()
        handedOut += 1
        return first.row
    }
}
