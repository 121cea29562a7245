// libmaxminddb behind a safe face. All use of the library is in this file.
//
// The library maps the file that it is given. A file shortened in place would then end the process with SIGBUS, so it
// is given a private copy in memory, which has no name and which nobody else can change.

internal import Bytes
internal import CMaxMindDB
internal import Glibc

/// One open database. Nothing changes after `init`: lookups may run on any number of threads at once.
@safe final class MaxMindFile: @unchecked Sendable {
    // Unchecked: the memory behind the pointer is written by `init` and freed by `deinit` only, and the library's
    // lookups take it as const and keep no state elsewhere.
    private let database: UnsafeMutablePointer<MMDB_s>

    struct Metadata: Hashable, Sendable {
        /// As its maker calls it, such as "GeoLite2-Country".
        let type: String
        /// Seconds since the Unix epoch.
        let buildEpochSeconds: UInt64
    }

    let metadata: Metadata

    /// - Parameter bytes: the whole file.
    init(_ bytes: [UInt8]) throws(MaxMindGuard.Refusal) {
        // Any byte of an integer is initialised.
        try MaxMindGuard.check(unsafe bytes.span.bytes)
        let copy = weir_memory_file()
        guard copy >= 0 else { throw MaxMindGuard.Refusal("cannot be copied: \(errorText(errno))") }
        // The mapping outlives the descriptor.
        defer { close(copy) }
        try MaxMindFile.write(bytes, to: copy)
        let opened = UnsafeMutablePointer<MMDB_s>.allocate(capacity: 1)
        let status = unsafe MMDB_open("/proc/self/fd/\(copy)", UInt32(MMDB_MODE_MMAP), opened)
        guard status == MMDB_SUCCESS else {
            unsafe opened.deallocate()
            throw MaxMindGuard.Refusal("is damaged: \(unsafe String(cString: MMDB_strerror(status)))")
        }
        // The library has set the type, which is zero-terminated.
        let type = unsafe String(cString: opened.pointee.metadata.database_type)
        metadata = unsafe Metadata(
            type: type.shortened(), buildEpochSeconds: opened.pointee.metadata.build_epoch)
        unsafe database = opened
    }

    deinit {
        unsafe MMDB_close(database)
        unsafe database.deallocate()
    }

    private static func write(_ bytes: [UInt8], to descriptor: Int32) throws(MaxMindGuard.Refusal) {
        var start = 0
        while start < bytes.count {
            let written = unsafe bytes.withUnsafeBytes { all in
                // In bounds: slicing checks the range against the array.
                let rest = unsafe UnsafeRawBufferPointer(rebasing: all[start...])
                return unsafe Glibc.write(descriptor, rest.baseAddress, rest.count)
            }
            guard written > 0 || errno == EINTR else {
                throw MaxMindGuard.Refusal("cannot be copied: \(errorText(errno))")
            }
            start += max(0, written)
        }
    }

    // MARK: Lookup

    /// One network's record: a place in the data section of this file.
    struct Record {
        fileprivate let offset: UInt32
    }

    /// The record of the smallest network around `address`; nil when there is none, when it is IPv6 and the database
    /// knows IPv4 only, or when the record is damaged. An IPv4-mapped address is looked up as the IPv4 one.
    func record(for address: IPAddress) -> Record? {
        var status = MMDB_SUCCESS
        let result = unsafe address.unmapped.withSocketAddress { unsafe MMDB_lookup_sockaddr(database, $0, &status) }
        guard status == MMDB_SUCCESS, unsafe result.found_entry else { return nil }
        let offset = unsafe result.entry.offset
        // The library has set start and size from the mapping, which lives as long as self.
        let section = unsafe UnsafeRawBufferPointer(
            start: database.pointee.data_section, count: Int(database.pointee.data_section_size)
        ).bytes
        var walk = MaxMindWalk()
        guard (try? walk.skip(section, at: Int(offset))) != nil else { return nil }
        return Record(offset: offset)
    }

    /// The text at the end of `path` (keys of nested maps), at most 128 bytes of it, without control characters.
    func text(_ path: [StaticString], of record: Record) -> String? {
        guard let value = unsafe value(path, of: record), unsafe value.type == UInt32(MMDB_DATA_TYPE_UTF8_STRING),
            let start = unsafe value.utf8_string
        else { return nil }
        // The library has checked that the text is inside the data section.
        let bytes = unsafe UnsafeRawBufferPointer(start: start, count: Int(value.data_size)).bytes
        return try? bytes.text(at: 0, count: bytes.byteCount, limit: 128)
    }

    /// The unsigned number of 32 bits at the end of `path`.
    func number(_ path: [StaticString], of record: Record) -> UInt32? {
        guard let value = unsafe value(path, of: record), unsafe value.type == UInt32(MMDB_DATA_TYPE_UINT32) else {
            return nil
        }
        return unsafe value.uint32
    }

    private func value(_ path: [StaticString], of record: Record) -> MMDB_entry_data_s? {
        var keys = unsafe path.map { key in
            // The code units of a literal are followed by a zero byte (StaticString.utf8Start).
            unsafe Optional(UnsafeRawPointer(key.utf8Start).assumingMemoryBound(to: CChar.self))
        }
        unsafe keys.append(nil)
        var entry = unsafe MMDB_entry_s(mmdb: database, offset: record.offset)
        var value = unsafe MMDB_entry_data_s()
        guard unsafe MMDB_aget_value(&entry, &value, keys) == MMDB_SUCCESS, unsafe value.has_data else { return nil }
        return unsafe value
    }
}

extension IPAddress {
    fileprivate func withSocketAddress<Result>(_ body: (UnsafePointer<sockaddr>) -> Result) -> Result {
        var storage = sockaddr_storage()
        // In bounds: sockaddr_storage is as large as any socket address. The fields lie as ip(7) and ipv6(7) say.
        unsafe withUnsafeMutableBytes(of: &storage) { bytes in
            unsafe bytes.storeBytes(of: sa_family_t(isIPv6 ? AF_INET6 : AF_INET), as: sa_family_t.self)
            if isIPv6 {
                unsafe bytes.storeBytes(of: high.bigEndian, toByteOffset: 8, as: UInt64.self)
                unsafe bytes.storeBytes(of: low.bigEndian, toByteOffset: 16, as: UInt64.self)
            } else {
                unsafe bytes.storeBytes(of: UInt32(truncatingIfNeeded: low).bigEndian, toByteOffset: 4, as: UInt32.self)
            }
        }
        return unsafe withUnsafePointer(to: &storage) {
            unsafe $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { unsafe body($0) }
        }
    }
}

extension String {
    /// At most 128 characters and no control characters, for display.
    fileprivate func shortened() -> String {
        String(prefix(128).map { $0.unicodeScalars.contains { $0.value < 0x20 || $0.value == 0x7F } ? "\u{FFFD}" : $0 })
    }
}
