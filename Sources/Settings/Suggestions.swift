/// Which names somebody may have meant: the nearest by edit distance, or else those that end in what was written
/// (`--port` for `--http-port`).
func closest(to name: String, among candidates: [String], limit: Int = 3) -> [String] {
    let allowed = min(3, max(1, name.utf8.count / 3))
    var best = allowed + 1
    var nearest: [String] = []
    for candidate in candidates {
        let distance = editDistance(Array(name.utf8), Array(candidate.utf8))
        if distance < best {
            best = distance
            nearest = []
        }
        if distance == best, best <= allowed { nearest.append(candidate) }
    }
    if nearest.isEmpty, !name.isEmpty {
        nearest = candidates.filter { $0.hasSuffix("." + name) || $0.hasPrefix(name + ".") }
    }
    return Array(nearest.prefix(limit))
}

/// Insertions, deletions, replacements and swaps of neighbours that turn one name into the other: optimal string
/// alignment (Boytsov, "Indexing methods for approximate dictionary searching", ACM JEA 16, 2011, section 2.1).
/// Time O(a · b), space O(b).
func editDistance(_ a: [UInt8], _ b: [UInt8]) -> Int {
    var beforePrevious = [Int](repeating: 0, count: b.count + 1)
    var previous = Array(0...b.count)
    for i in 0..<a.count {
        var current = [Int](repeating: i + 1, count: b.count + 1)
        for j in 0..<b.count {
            var distance = min(previous[j + 1] + 1, current[j] + 1, previous[j] + (a[i] == b[j] ? 0 : 1))
            if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] {
                distance = min(distance, beforePrevious[j - 1] + 1)
            }
            current[j + 1] = distance
        }
        (beforePrevious, previous) = (previous, current)
    }
    return previous[b.count]
}
