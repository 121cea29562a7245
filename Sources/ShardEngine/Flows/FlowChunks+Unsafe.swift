// The memory of a flow table: chunks of sixteen places, each in 14 cache lines that follow each other. The parts of a chunk
// lie together and not those of one kind, because a data source's flows are cold whenever its next sample comes: one page
// has to be found for all of them, and its lines are fetched in a row.
//
// ```
// byte 0     48    64            128               256               384                              896
//      | head |    | 16 × 4 tags | 16 × 8 weights  | 16 × 8 arrivals | 16 × 32 entries              |
// ```
// Chunks are reserved eight at a time and never moved: agents grow all at once when a collector starts, and outgrown
// memory of one size would be of no use to the next. Every access is checked against the count first; values are copied
// in and out.

internal import CPrefetch

@safe
struct FlowChunks: ~Copyable, @unchecked Sendable {
    /// Places in a chunk.
    static let places = 16
    private static let byteCount = FlowChunkLines.byteCount
    private static let lineBytes = 64
    /// Chunks that are reserved together.
    private static let blockChunks = 8

    private var blocks: [UnsafeMutableRawPointer] = unsafe []
    private(set) var count = 0

    init() {}

    deinit { for unsafe block in unsafe blocks { unsafe block.deallocate() } }

    /// All places, free ones included.
    var allPlaces: Range<Int> { 0..<count * FlowChunks.places }

    /// The lines of a chunk, for as long as this is there.
    @inline(__always)
    func lines(of chunk: Int) -> FlowChunkLines { unsafe FlowChunkLines(at: start(of: chunk)) }

    /// The head of a chunk.
    subscript(chunk: Int) -> FlowTable.Chunk {
        @inline(__always) get { lines(of: chunk).head }
        @inline(__always) set { lines(of: chunk).head = newValue }
    }

    /// A piece of the place's key hash and, in the lowest two bits, whether there is a flow and whether its key's rest is
    /// in the arena: freeing most places takes nothing else.
    subscript(tag place: Int) -> UInt32 {
        @inline(__always) get { lines(of: place >> 4)[tag: place] }
        @inline(__always) set { lines(of: place >> 4)[tag: place] = newValue }
    }

    /// Σ value × scale of the place's samples, weighted by their distance from the landmark; errors included.
    subscript(weight place: Int) -> Double {
        @inline(__always) get { lines(of: place >> 4)[weight: place] }
        @inline(__always) set { lines(of: place >> 4)[weight: place] = newValue }
    }

    /// Of the place's last sample. Unit: nanoseconds since the Unix epoch.
    subscript(arrival place: Int) -> Int64 {
        @inline(__always) get { lines(of: place >> 4)[arrival: place] }
        @inline(__always) set { lines(of: place >> 4)[arrival: place] = newValue }
    }

    subscript(entry place: Int) -> FlowTable.Entry {
        @inline(__always) get { lines(of: place >> 4)[entry: place] }
        @inline(__always) set { lines(of: place >> 4)[entry: place] = newValue }
    }

    /// Asks for a chunk that is going to be used soon; does nothing for one that is not there. Of the entries only one will
    /// be meant, but waiting for that one costs more than fetching all.
    @inline(__always)
    func prefetch(_ chunk: Int) {
        guard UInt(bitPattern: chunk) < UInt(bitPattern: count) else { return }
        let start = unsafe start(of: chunk)
        for line in stride(from: 0, to: FlowChunks.byteCount, by: FlowChunks.lineBytes) {
            // In bounds, and no access: an address is all that the processor is told.
            unsafe prefetch_line(start + line)
        }
    }

    /// Adds a chunk of free places.
    mutating func append() {
        if count % FlowChunks.blockChunks == 0 {
            unsafe blocks.append(
                UnsafeMutableRawPointer.allocate(
                    byteCount: FlowChunks.blockChunks * FlowChunks.byteCount, alignment: FlowChunks.lineBytes))
        }
        count += 1
        self[count - 1] = FlowTable.Chunk()
        for place in (count - 1) * FlowChunks.places..<count * FlowChunks.places {
            self[tag: place] = 0
            self[weight: place] = 0
            self[arrival: place] = 0
            self[entry: place] = FlowTable.Entry()
        }
    }

    /// In bounds: just checked; every chunk has its block.
    @inline(__always)
    private func start(of chunk: Int) -> UnsafeMutableRawPointer {
        precondition(UInt(bitPattern: chunk) < UInt(bitPattern: count), "BUG: a place outside its flow table")
        let place = chunk & (FlowChunks.blockChunks - 1)
        return unsafe blocks[chunk / FlowChunks.blockChunks] + place * FlowChunks.byteCount
    }
}
