// References that are not counted. Counting is two atomic changes of memory that is mostly cold, for each sample, where
// somebody else keeps the object anyway for as long as the datagram takes.

internal import CPrefetch

/// A reference to an object that its maker keeps alive: for as long as this is used, some counted reference must stand
/// where nothing that happens meanwhile removes it.
@safe
struct Uncounted<Object: AnyObject>: BitwiseCopyable {
    private let reference: Unmanaged<Object>

    @inline(__always)
    init(_ object: Object) { unsafe reference = Unmanaged.passUnretained(object) }

    /// Lends the object.
    @inline(__always)
    func with<Result>(_ body: (Object) -> Result) -> Result {
        unsafe reference._withUnsafeGuaranteedRef { body($0) }
    }

    /// The object as a counted reference.
    var object: Object {
        @inline(__always) get { unsafe reference.takeUnretainedValue() }
    }

    /// Begins to fetch the object's first bytes.
    @inline(__always)
    func prefetch(byteCount: Int) {
        for offset in stride(from: 0, to: byteCount, by: 64) {
            // No access: an address is all that the processor is told.
            unsafe prefetch_line(reference.toOpaque() + offset)
        }
    }
}

extension Array where Element: BitwiseCopyable {
    /// Begins to fetch the first elements.
    func prefetchFirst() {
        unsafe withUnsafeBytes { bytes in
            for offset in stride(from: 0, to: Swift.min(bytes.count, 192), by: 64) {
                if let start = bytes.baseAddress { unsafe prefetch_line(start + offset) }
            }
        }
    }
}
