// A growing row of plain values, for state that is touched with every sample and is far larger than the processor's
// caches: what a sample costs there is the cache lines that it waits for.
//
// The one place of this module that handles memory itself. An array begins its elements in the middle of a cache line, is
// counted as held by whoever reads it, and is checked for other holders with every write; a slab begins at a line, has one
// owner, and can say in advance which element will be needed. Every access is checked against the count first.

internal import CPrefetch

/// A row of values that owns its memory. Elements whose stride is a power of two up to 64 never straddle a cache line.
///
/// ```
/// base (at a cache line)     base + count            base + capacity
///   | elements in use          | reserved                |
/// ```
/// Sendable although it holds a pointer: there is one owner, and the memory goes where it goes.
@safe
struct Slab<Element: BitwiseCopyable>: ~Copyable, @unchecked Sendable {
    private var base: UnsafeMutablePointer<Element>?
    private(set) var count = 0
    private var capacity = 0

    private static var lineBytes: Int { 64 }

    init() { unsafe base = nil }

    init(repeating element: Element, count: Int) {
        unsafe base = nil
        append(repeating: element, count: count)
    }

    deinit { unsafe base?.deallocate() }

    var indices: Range<Int> { 0..<count }

    subscript(index: Int) -> Element {
        @inline(__always) get { unsafe address(of: index).pointee }
        @inline(__always) _modify { yield unsafe &address(of: index).pointee }
    }

    /// In bounds: just checked; a slab with elements has memory.
    @inline(__always)
    private func address(of index: Int) -> UnsafeMutablePointer<Element> {
        guard UInt(bitPattern: index) < UInt(bitPattern: count), let base = unsafe base else {
            preconditionFailure("BUG: an index outside its slab")
        }
        return unsafe base + index
    }

    /// Asks for an element that is going to be used soon; does nothing for one that is not there.
    @inline(__always)
    func prefetch(_ index: Int) {
        guard UInt(bitPattern: index) < UInt(bitPattern: count), let base = unsafe base else { return }
        for offset in stride(from: 0, to: MemoryLayout<Element>.stride, by: Slab.lineBytes) {
            // In bounds, and no access: an address is all that the processor is told.
            unsafe prefetch_line(UnsafeRawPointer(base + index) + offset)
        }
    }

    mutating func append(_ element: Element) { append(repeating: element, count: 1) }

    mutating func append(repeating element: Element, count added: Int) {
        guard added > 0 else { return }
        if count + added > capacity { grow(to: count + added) }
        // In bounds: the capacity was just made sufficient.
        if let base = unsafe base { unsafe (base + count).initialize(repeating: element, count: added) }
        count += added
    }

    /// Grows by an eighth instead of doubling: tables hold as many rows as a switch has ports, soon and for good.
    private mutating func grow(to needed: Int) {
        let larger = max(needed, count + max(4, count / 8))
        let memory = UnsafeMutableRawPointer.allocate(
            byteCount: larger * MemoryLayout<Element>.stride, alignment: Slab.lineBytes)
        let new = unsafe memory.bindMemory(to: Element.self, capacity: larger)
        if let base = unsafe base {
            // In bounds on both sides: `count` is at most either capacity. Two reservations never overlap.
            unsafe new.initialize(from: base, count: count)
            unsafe base.deallocate()
        }
        unsafe base = new
        capacity = larger
    }
}
