// What is checked before libmaxminddb opens a file: that the metadata can be read in bounded work and that the search
// tree they announce is inside the file. Records are checked one by one when they are looked up.
// Source: MaxMind DB File Format Specification 2.0, sections "Database Metadata" and "Binary Search Tree Section".

internal import Bytes

enum MaxMindGuard {
    /// In front of the metadata; the last one in the file counts.
    static let marker = [UInt8]([0xAB, 0xCD, 0xEF]) + Array("MaxMind.com".utf8)
    /// The marker begins this close to the end of the file.
    static let metadataBytesMax = 128 * 1024
    /// Zeroes between search tree and data.
    static let separatorBytes = 16

    /// Refuses bytes that the library must not see; the text completes "the file …".
    static func check(_ file: RawSpan) throws(Refusal) {
        guard let start = metadataStart(in: file) else { throw Refusal("is not a MaxMind database") }
        let metadata = file.extracting(droppingFirst: start)
        do {
            var walk = MaxMindWalk()
            _ = try walk.skip(metadata, at: 0)
            let nodeCount = try number("node_count", in: metadata)
            let recordBits = try number("record_size", in: metadata)
            guard let nodeCount, nodeCount > 0, let recordBits, [24, 28, 32].contains(recordBits) else {
                throw Refusal("announces no search tree that this version can read")
            }
            // Two records a node. No overflow: both factors are below 2^32.
            guard nodeCount * recordBits / 4 <= start - marker.count - separatorBytes else {
                throw Refusal("is damaged: its search tree is larger than the file")
            }
        } catch let refusal as Refusal {
            throw refusal
        } catch {
            throw Refusal("is damaged: its metadata cannot be read")
        }
    }

    struct Refusal: Error {
        let text: String
        init(_ text: String) { self.text = text }
    }

    /// Offset of the first byte after the last marker, in bytes from the start of the file.
    private static func metadataStart(in file: RawSpan) -> Int? {
        let first = max(0, file.byteCount - metadataBytesMax)
        var offset = file.byteCount - marker.count
        while offset >= first {
            if file.equals(marker, at: offset) { return offset + marker.count }
            offset -= 1
        }
        return nil
    }

    /// The number under `name` in the map that the metadata are, the first one as the library takes it.
    private static func number(_ name: String, in metadata: RawSpan) throws -> Int? {
        let map = try MaxMindWalk.field(metadata, at: 0)
        guard map.type == MaxMindField.TypeNumber.map else { return nil }
        let wanted = Array(name.utf8)
        var walk = MaxMindWalk()
        var offset = map.payload
        for _ in 0..<map.size {
            let key = try followed(metadata, at: offset)
            let value = try walk.skip(metadata, at: offset)
            offset = try walk.skip(metadata, at: value)
            if key.type == MaxMindField.TypeNumber.text, key.size == wanted.count,
                metadata.equals(wanted, at: key.payload)
            {
                return try followed(metadata, at: value).unsigned(in: metadata)
            }
        }
        return nil
    }

    private static func followed(_ metadata: RawSpan, at offset: Int) throws -> MaxMindField {
        let field = try MaxMindWalk.field(metadata, at: offset)
        guard field.type == MaxMindField.TypeNumber.pointer else { return field }
        return try MaxMindWalk.field(metadata, at: field.size)
    }
}
