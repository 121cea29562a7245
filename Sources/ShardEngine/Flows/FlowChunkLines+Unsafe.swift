// The lines of one chunk of a flow table, found once for a sample: a sample looks at a chunk some twenty times, and each
// way through the table's blocks costs more than what is read behind it.
//
// Chunks are never moved and live as long as their table, so this is valid as long as the table is. Apart from the table's
// own functions nobody gets one.

internal import CPrefetch

/// Places are meant by their numbers in the table or in the chunk alike: only the lowest four bits count, and so none is
/// outside the chunk.
@safe
struct FlowChunkLines {
    private let start: UnsafeMutableRawPointer

    /// Where each part begins: see ``FlowChunks``.
    static let tags = 64, weights = 128, arrivals = 256, entries = 384, byteCount = 896

    /// - Parameter start: of a chunk's memory.
    @inline(__always)
    init(at start: UnsafeMutableRawPointer) { unsafe self.start = start }

    /// What is said of the data source, or of the chunk itself.
    var head: FlowTable.Chunk {
        @inline(__always) get { unsafe start.load(as: FlowTable.Chunk.self) }
        @inline(__always) nonmutating set { unsafe start.storeBytes(of: newValue, as: FlowTable.Chunk.self) }
    }

    subscript(tag place: Int) -> UInt32 {
        @inline(__always) get { unsafe at(FlowChunkLines.tags, place, 4).load(as: UInt32.self) }
        @inline(__always) nonmutating set { unsafe at(FlowChunkLines.tags, place, 4).storeBytes(of: newValue, as: UInt32.self) }
    }

    subscript(weight place: Int) -> Double {
        @inline(__always) get { unsafe at(FlowChunkLines.weights, place, 8).load(as: Double.self) }
        @inline(__always) nonmutating set { unsafe at(FlowChunkLines.weights, place, 8).storeBytes(of: newValue, as: Double.self) }
    }

    subscript(arrival place: Int) -> Int64 {
        @inline(__always) get { unsafe at(FlowChunkLines.arrivals, place, 8).load(as: Int64.self) }
        @inline(__always) nonmutating set { unsafe at(FlowChunkLines.arrivals, place, 8).storeBytes(of: newValue, as: Int64.self) }
    }

    subscript(entry place: Int) -> FlowTable.Entry {
        @inline(__always) get { unsafe at(FlowChunkLines.entries, place, 32).load(as: FlowTable.Entry.self) }
        @inline(__always) nonmutating set {
            unsafe at(FlowChunkLines.entries, place, 32).storeBytes(of: newValue, as: FlowTable.Entry.self)
        }
    }

    /// Places whose tag is this one, the lowest bit for the first place.
    @inline(__always)
    func places(withTag tag: UInt32) -> UInt32 {
        // In bounds, as below: sixteen tags are read.
        unsafe lanes_equal_u32((start + FlowChunkLines.tags).assumingMemoryBound(to: UInt32.self), tag)
    }

    /// Words of a set of tags.
    static let tagSetWords = 1024

    /// Places whose tag is in a set by its highest sixteen bits, the lowest bit for the first place.
    /// - Parameter set: one bit for each, the lowest one of the first word for 0.
    @inline(__always)
    func places(withTagIn set: Span<UInt64>) -> UInt32 {
        precondition(set.count == FlowChunkLines.tagSetWords, "BUG: a set of tags of another size")
        // In bounds, as below: sixteen tags are read, and no word of the set behind the last one.
        return unsafe set.withUnsafeBufferPointer { set in
            guard let words = set.baseAddress else { return 0 }
            return unsafe lanes_in_set_u32((start + FlowChunkLines.tags).assumingMemoryBound(to: UInt32.self), words)
        }
    }

    /// Places whose weight without what they inherited is more than this, and those where it is as much: free ones included.
    @inline(__always)
    func places(owning weight: Double) -> (more: UInt32, asMuch: UInt32) {
        // In bounds, as below: of sixteen weights and of sixteen entries, whose errors come first.
        let places = unsafe lanes_differences_f64(
            (start + FlowChunkLines.weights).assumingMemoryBound(to: Double.self), start + FlowChunkLines.entries, 32, weight)
        return (places & 0xFFFF, places >> 16)
    }

    /// The places, among some, that own most: this many, and more where there are equal ones.
    @inline(__always)
    func largest(_ count: Int, among places: UInt32) -> UInt32 {
        // In bounds, as above.
        unsafe lanes_largest_f64(
            (start + FlowChunkLines.weights).assumingMemoryBound(to: Double.self), start + FlowChunkLines.entries, 32, places,
            Int64(count))
    }

    /// Begins to fetch what is said of the data source, and the tags.
    @inline(__always)
    func prefetchHead() {
        // No access: an address is all that the processor is told.
        unsafe prefetch_line(start)
        unsafe prefetch_line(start + FlowChunkLines.tags)
    }

    /// The least weight of all sixteen places, free ones included.
    var leastWeight: Double {
        @inline(__always) get {
            // In bounds, as below: sixteen weights are read.
            unsafe lanes_least_f64((start + FlowChunkLines.weights).assumingMemoryBound(to: Double.self))
        }
    }

    /// Places of this weight, free ones included.
    @inline(__always)
    func places(withWeight weight: Double) -> UInt32 {
        unsafe lanes_equal_f64((start + FlowChunkLines.weights).assumingMemoryBound(to: Double.self), weight)
    }

    /// In bounds: a part has sixteen places of this stride.
    @inline(__always)
    private func at(_ part: Int, _ place: Int, _ stride: Int) -> UnsafeMutableRawPointer {
        unsafe start + part + (place & 15) * stride
    }
}
