// The tagged structures of sFlow, composed: a tag, a length that is known only at the end, a body of whole words.

extension [UInt8] {
    /// Begins a structure; the result is for `close`.
    mutating func open(_ tag: UInt32) -> Int {
        append32(tag)
        append32(0)
        return count
    }

    /// Ends the structure whose body started at `start`.
    mutating func close(_ start: Int) { overwrite32(UInt32(count - start), at: start - 4) }

    /// A string or opaque of variable length (RFC 4506, section 4.10).
    mutating func appendOpaque(_ text: String) {
        append32(UInt32(text.utf8.count))
        append(contentsOf: text.utf8)
        pad(text.utf8.count)
    }

    /// Zero bytes that fill `length` up to whole words.
    mutating func pad(_ length: Int) {
        for _ in 0..<(-length & 3) { append(0) }
    }
}
