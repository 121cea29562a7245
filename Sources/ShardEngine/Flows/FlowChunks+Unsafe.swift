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
    private static let tags = 64, weights = 128, arrivals = 256, entries = 384, byteCount = 896
    private static let lineBytes = 64
    /// Chunks that are reserved together.
    private static let blockChunks = 8

    private var blocks: [UnsafeMutableRawPointer] = unsafe []
    private(set) var count = 0

    init() {}

    deinit { for unsafe block in unsafe blocks { unsafe block.deallocate() } }

    /// All places, free ones included.
    var allPlaces: Range<Int> { 0..<count * FlowChunks.places }

    /// The head of a chunk.
    subscript(chunk: Int) -> FlowTable.Chunk {
        @inline(__always) get { unsafe start(of: chunk).load(as: FlowTable.Chunk.self) }
        @inline(__always) set { unsafe start(of: chunk).storeBytes(of: newValue, as: FlowTable.Chunk.self) }
    }

    /// A piece of the place's key hash and, in the lowest two bits, whether there is a flow and whether its key's rest is
    /// in the arena: freeing most places takes nothing else.
    subscript(tag place: Int) -> UInt32 {
        @inline(__always) get { unsafe address(place, FlowChunks.tags, 4).load(as: UInt32.self) }
        @inline(__always) set { unsafe address(place, FlowChunks.tags, 4).storeBytes(of: newValue, as: UInt32.self) }
    }

    /// Σ value × scale of the place's samples, weighted by their distance from the landmark; errors included.
    subscript(weight place: Int) -> Double {
        @inline(__always) get { unsafe address(place, FlowChunks.weights, 8).load(as: Double.self) }
        @inline(__always) set { unsafe address(place, FlowChunks.weights, 8).storeBytes(of: newValue, as: Double.self) }
    }

    /// Of the place's last sample. Unit: nanoseconds since the Unix epoch.
    subscript(arrival place: Int) -> Int64 {
        @inline(__always) get { unsafe address(place, FlowChunks.arrivals, 8).load(as: Int64.self) }
        @inline(__always) set { unsafe address(place, FlowChunks.arrivals, 8).storeBytes(of: newValue, as: Int64.self) }
    }

    subscript(entry place: Int) -> FlowTable.Entry {
        @inline(__always) get { unsafe address(place, FlowChunks.entries, 32).load(as: FlowTable.Entry.self) }
        @inline(__always) set {
            unsafe address(place, FlowChunks.entries, 32).storeBytes(of: newValue, as: FlowTable.Entry.self)
        }
    }

    /// The tags, weights or arrivals of all places of a chunk at once. Chunks lie on lines of 64 bytes, vectors want 128.
    @inline(__always)
    func tags(of chunk: Int) -> SIMD16<UInt32> {
        unsafe (start(of: chunk) + FlowChunks.tags).loadUnaligned(as: SIMD16<UInt32>.self)
    }
    @inline(__always)
    func weights(of chunk: Int) -> SIMD16<Double> {
        unsafe (start(of: chunk) + FlowChunks.weights).loadUnaligned(as: SIMD16<Double>.self)
    }
    @inline(__always)
    func arrivals(of chunk: Int) -> SIMD16<Int64> {
        unsafe (start(of: chunk) + FlowChunks.arrivals).loadUnaligned(as: SIMD16<Int64>.self)
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

    @inline(__always)
    private func address(_ place: Int, _ part: Int, _ stride: Int) -> UnsafeMutableRawPointer {
        unsafe start(of: place >> 4) + part + (place & (FlowChunks.places - 1)) * stride
    }
}
