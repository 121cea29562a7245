// The encoding of values in a MaxMind database, as far as it takes to tell whether libmaxminddb can be let loose on
// them. Source: MaxMind DB File Format Specification 2.0, section "Output Data Section".
//
// Apart from the library because version 1.7 (Debian 12) trusts what it reads in three places: it steps over nested
// maps by recursion without a limit, expands pointers while reading the metadata without counting, and multiplies the
// number of nodes by their size in 32 bits. A file made for it ends the process; `MaxMindGuard` refuses such a file
// before the library sees it.

internal import Bytes

/// The head of one encoded value.
struct MaxMindField: Hashable {
    /// The format's type numbers that matter here; any other type is `size` bytes of payload.
    enum TypeNumber {
        static let pointer = 1
        static let text = 2
        static let map = 7
        static let array = 11
        static let boolean = 14
        static let unsigned: Set = [5, 6, 9]
    }

    let type: Int
    /// Bytes of payload; pairs of a map; elements of an array; for a pointer, the offset it points to, in bytes from
    /// the start of the section.
    let size: Int
    /// Where payload, pairs or elements begin; for a pointer, what follows it.
    let payload: Int

    /// - Parameter offset: of the control byte, from the start of the section.
    init(in section: RawSpan, at offset: Int) throws(OutOfBounds) {
        let control = Int(try section.uint8(at: offset))
        guard control >> 5 != TypeNumber.pointer else {
            self = try MaxMindField(pointerIn: section, at: offset, control: control)
            return
        }
        var next = offset + 1
        var type = control >> 5
        if type == 0 {
            type = Int(try section.uint8(at: next)) + 7
            next += 1
        }
        let short = control & 0x1F
        let extraBytes = max(0, short - 28)
        let extra = try MaxMindField.bigEndian(in: section, at: next, count: extraBytes)
        self.type = type
        size = [short, 29 + extra, 285 + extra, 65821 + extra][extraBytes]
        payload = next + extraBytes
    }

    private init(pointerIn section: RawSpan, at offset: Int, control: Int) throws(OutOfBounds) {
        let count = control >> 3 & 3
        let rest = try MaxMindField.bigEndian(in: section, at: offset + 1, count: count + 1)
        let high = (control & 7) << (8 * (count + 1))
        type = TypeNumber.pointer
        size = [high + rest, high + rest + 2048, high + rest + 526_336, rest][count]
        payload = offset + 2 + count
    }

    private init(type: Int, size: Int, payload: Int) {
        self.type = type
        self.size = size
        self.payload = payload
    }

    /// - Parameter count: 0 to 4 bytes.
    private static func bigEndian(in section: RawSpan, at offset: Int, count: Int) throws(OutOfBounds) -> Int {
        var value = 0
        for index in 0..<count { value = value << 8 | Int(try section.uint8(at: offset + index)) }
        return value
    }

    /// The value of an unsigned number of at most 32 bits; nil for other types and sizes.
    func unsigned(in section: RawSpan) throws(OutOfBounds) -> Int? {
        guard TypeNumber.unsigned.contains(type), size <= 4 else { return nil }
        return try MaxMindField.bigEndian(in: section, at: payload, count: size)
    }
}

/// A walk over one value and all it holds or points to, in bounded depth, steps and bytes.
struct MaxMindWalk {
    /// The records of the widest published databases nest 5 deep and hold some 200 values.
    static let depthMax = 32
    static let valueCountMax = 4096

    enum Refusal: Error { case tooDeep, tooManyValues, pointerToPointer, outOfBounds }

    private var valuesLeft = MaxMindWalk.valueCountMax

    /// Walks the value at `offset`; where the next one begins, in bytes from the start of the section.
    mutating func skip(_ section: RawSpan, at offset: Int, depth: Int = 0) throws(Refusal) -> Int {
        guard depth < MaxMindWalk.depthMax else { throw .tooDeep }
        guard valuesLeft > 0 else { throw .tooManyValues }
        valuesLeft -= 1
        let field = try MaxMindWalk.field(section, at: offset)
        switch field.type {
        case MaxMindField.TypeNumber.pointer:
            let target = try MaxMindWalk.field(section, at: field.size)
            guard target.type != MaxMindField.TypeNumber.pointer else { throw .pointerToPointer }
            _ = try skip(section, at: field.size, depth: depth + 1)
            return field.payload
        case MaxMindField.TypeNumber.map, MaxMindField.TypeNumber.array:
            let count = field.type == MaxMindField.TypeNumber.map ? 2 * field.size : field.size
            var next = field.payload
            for _ in 0..<count { next = try skip(section, at: next, depth: depth + 1) }
            return next
        case MaxMindField.TypeNumber.boolean:
            return field.payload
        default:
            guard field.size <= section.byteCount - field.payload else { throw .outOfBounds }
            return field.payload + field.size
        }
    }

    /// The field at `offset`, which is past the end in a damaged file.
    static func field(_ section: RawSpan, at offset: Int) throws(Refusal) -> MaxMindField {
        do { return try MaxMindField(in: section, at: offset) } catch { throw .outOfBounds }
    }
}
