// Requests and partials of a selection as nodes send them to each other, and moments. Here only their form is checked;
// whether an answer fits its request, `QuartileSelection` finds.

package import Wire

extension Moments: WireCodable {
    package func encode(into writer: inout WireWriter) { writer.write(bytes: encoded) }

    package init(from reader: inout WireReader) throws(WireError) {
        guard let moments = Moments(encoded: try reader.byteArray()) else { throw reader.fault(.badValue) }
        self = moments
    }
}

extension ImageRange: WireCodable {
    package func encode(into writer: inout WireWriter) {
        writer.write(word: low)
        writer.write(word: high)
    }

    package init(from reader: inout WireReader) throws(WireError) {
        guard let range = ImageRange(low: try reader.word(), high: try reader.word()) else {
            throw reader.fault(.badValue)
        }
        self = range
    }
}

extension SelectionRequest: WireCodable {
    package func encode(into writer: inout WireWriter) {
        switch self {
        case .summary: writer.write(byte: 0)
        case .histogram(let ranges):
            writer.write(byte: 1)
            writer.write(ranges)
        case .values(let ranges):
            writer.write(byte: 2)
            writer.write(ranges)
        }
    }

    package init(from reader: inout WireReader) throws(WireError) {
        switch try reader.byte() {
        case 0: self = .summary
        case 1: self = .histogram(try reader.value())
        case 2: self = .values(try reader.value())
        default: throw reader.fault(.badValue)
        }
    }
}

extension HistogramBucket: WireCodable {
    package func encode(into writer: inout WireWriter) {
        writer.write(index)
        writer.write(count)
    }

    package init(from reader: inout WireReader) throws(WireError) {
        self.init(index: try reader.value(), count: try reader.value())
    }
}

extension SelectionPartial: WireCodable {
    package func encode(into writer: inout WireWriter) {
        switch self {
        case .whole(let images):
            writer.write(byte: 0)
            writer.write(images: images)
        case .summary(let count, let minimum, let maximum):
            writer.write(byte: 1)
            writer.write(count)
            writer.write(word: minimum)
            writer.write(word: maximum)
        case .histogram(let lists):
            writer.write(byte: 2)
            writer.write(lists)
        case .values(let lists):
            writer.write(byte: 3)
            writer.write(unsigned: UInt64(lists.count))
            for images in lists { writer.write(images: images) }
        }
    }

    package init(from reader: inout WireReader) throws(WireError) {
        switch try reader.byte() {
        case 0: self = .whole(try reader.images())
        case 1: self = .summary(count: try reader.value(), minimum: try reader.word(), maximum: try reader.word())
        case 2: self = .histogram(try reader.value())
        case 3:
            var lists: [[UInt64]] = []
            for _ in 0..<(try reader.count()) { lists.append(try reader.images()) }
            self = .values(lists)
        default: throw reader.fault(.badValue)
        }
    }
}

extension WireWriter {
    /// The high bits of images are seldom zero: words are shorter than counted bits.
    fileprivate mutating func write(images: [UInt64]) {
        write(unsigned: UInt64(images.count))
        for image in images { write(word: image) }
    }
}

extension WireReader {
    fileprivate mutating func images() throws(WireError) -> [UInt64] {
        let count = try count(minimumBytes: 8)
        var images: [UInt64] = []
        images.reserveCapacity(count)
        for _ in 0..<count { images.append(try word()) }
        return images
    }
}
