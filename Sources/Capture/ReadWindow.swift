// A bounded window that slides over a file. Captures of many gigabytes are read record by record; the window holds at
// least one whole record and is the only memory that reading takes.

/// The unread bytes `bytes[position..<end]` of a file, and where they come from.
struct ReadWindow: Sendable {
    /// Room for the longest frame that is accepted, its header, and the options of a pcapng block.
    static let capacityBytes = 512 << 10

    let name: String
    /// Nil when the whole content was given as bytes.
    private let file: InputFile?
    private(set) var bytes: [UInt8]
    /// Index of the next unread byte.
    private(set) var position = 0
    private var end: Int
    /// Offset in the file of `bytes[0]`.
    private var startOffset: Int64 = 0

    init(path: String) throws(CaptureError) {
        name = path
        do throws(SystemError) {
            file = try InputFile(path: path)
        } catch {
            throw CaptureError(.cannotOpen, file: path, offsetBytes: 0, systemError: error.number)
        }
        bytes = [UInt8](repeating: 0, count: ReadWindow.capacityBytes)
        end = 0
    }

    init(name: String, content: [UInt8]) {
        self.name = name
        file = nil
        bytes = content
        end = content.count
    }

    /// Offset in the file of the next unread byte.
    var offset: Int64 { startOffset + Int64(position) }

    /// Unread bytes in the window; after `fill` has returned false, all that is left of the file.
    var available: Int { end - position }

    /// Sees to it that `count` unread bytes are in the window; false when the file ends before. Moves the bytes: ranges
    /// of `bytes` taken earlier are void.
    mutating func fill(_ count: Int) throws(CaptureError) -> Bool {
        if available >= count { return true }
        guard let file else { return false }
        precondition(count <= bytes.count, "a record must fit the window")
        if position > 0 {
            for index in 0..<available { bytes[index] = bytes[position + index] }
            end -= position
            startOffset += Int64(position)
            position = 0
        }
        while end < count {
            let read: Int
            do throws(SystemError) {
                read = try file.read(into: &bytes, range: end..<bytes.count)
            } catch {
                throw CaptureError(.cannotRead, file: name, offsetBytes: offset, systemError: error.number)
            }
            if read == 0 { return false }
            end += read
        }
        return true
    }

    /// Marks bytes that are in the window as read.
    mutating func advance(_ count: Int) {
        precondition(count <= available)
        position += count
    }

    /// Passes over `count` bytes, however many; false when the file ends before.
    mutating func skip(_ count: Int) throws(CaptureError) -> Bool {
        var left = count
        while left > available {
            left -= available
            advance(available)
            guard try fill(1) else { return false }
        }
        advance(left)
        return true
    }

    mutating func rewind() throws(CaptureError) {
        if let file {
            do throws(SystemError) {
                try file.seekToStart()
            } catch {
                throw CaptureError(.cannotRewind, file: name, offsetBytes: 0, systemError: error.number)
            }
            end = 0
        }
        position = 0
        startOffset = 0
    }

    // Reads relative to the next unread byte. The caller has filled the window that far.

    func uint16(at offset: Int, _ order: ByteOrder) -> UInt16 {
        let first = UInt16(bytes[position + offset])
        let second = UInt16(bytes[position + offset + 1])
        return order == .big ? first << 8 | second : second << 8 | first
    }

    func uint32(at offset: Int, _ order: ByteOrder) -> UInt32 {
        let first = UInt32(uint16(at: offset, order))
        let second = UInt32(uint16(at: offset + 2, order))
        return order == .big ? first << 16 | second : second << 16 | first
    }
}

/// The order in which a capture's own headers hold their numbers: that of the machine that wrote it.
enum ByteOrder: Sendable {
    case big, little
}
