/// What a file holds, taken anew when the file is replaced.
///
/// Apart from the databases because all three kinds of file are watched in the same way. A value: the copy that a shard
/// holds stays as it is while the owner reloads and then hands out a new one.
struct ReloadableFile<Contents: Sendable>: Sendable {
    let path: String
    private(set) var contents: Contents
    /// Counts the contents taken; caches compare it to know that their answers are old.
    private(set) var generation = 0
    /// The state of the path that was looked at last, taken or refused; nil when nothing was there.
    private var seen: FileIdentity?
    private let parse: @Sendable ([UInt8], _ path: String) throws(AddressDatabaseError) -> Contents

    init(
        path: String, parse: @escaping @Sendable ([UInt8], _ path: String) throws(AddressDatabaseError) -> Contents
    ) throws(AddressDatabaseError) {
        let file = try FileContents(path: path)
        self.path = path
        self.parse = parse
        contents = try parse(file.bytes, path)
        seen = file.identity
    }

    /// Takes the file anew if it is another one than last time, by inode, size or time of modification. True when the
    /// contents are new. A file that is refused is thrown about once and looked at again when it changes; until then
    /// the contents stay what they were. Costs one system call when nothing has changed.
    mutating func reloadIfReplaced() throws(AddressDatabaseError) -> Bool {
        let now = FileIdentity(path: path)
        guard now != seen else { return false }
        seen = now
        let file = try FileContents(path: path)
        seen = file.identity
        contents = try parse(file.bytes, path)
        generation += 1
        return true
    }
}
