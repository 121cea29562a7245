// Reading /proc for `weir doctor`. What may not be read, or is not there, stays unknown: an ordinary user sees less than root.

internal import Diagnosis
internal import Glibc
internal import Settings

extension MachineLook {
    init(ports: Set<Int>) {
        self.init()
        sockets = ["/proc/net/udp", "/proc/net/udp6"].flatMap { path in
            MachineLook.text(path).map { MachineLook.sockets($0, ports: ports) } ?? []
        }
        let owners = MachineLook.owners(of: Set(sockets.map(\.inode)))
        for index in sockets.indices { sockets[index].owner = owners[sockets[index].inode] }
        receiveBufferMax = MachineLook.text("/proc/sys/net/core/rmem_max").flatMap { Int($0.filter(\.isNumber)) }
        tracked = MachineLook.text("/proc/net/nf_conntrack").map(MachineLook.tracked)
    }

    private static func text(_ path: String) -> String? {
        (try? readConfigurationFile(path)).map { String(decoding: $0, as: UTF8.self) }
    }

    /// Names of processes by the sockets that they have open.
    private static func owners(of inodes: Set<UInt64>) -> [UInt64: String] {
        guard !inodes.isEmpty else { return [:] }
        let wanted = Dictionary(inodes.map { ("socket:[\($0)]", $0) }, uniquingKeysWith: { first, _ in first })
        var owners: [UInt64: String] = [:]
        for process in names(in: "/proc") where process.allSatisfy(\.isNumber) {
            for descriptor in names(in: "/proc/\(process)/fd") {
                guard let target = link("/proc/\(process)/fd/\(descriptor)"), let inode = wanted[target] else { continue }
                owners[inode] = text("/proc/\(process)/comm").map { String($0.prefix { $0 != "\n" }) }
            }
        }
        return owners
    }

    private static func names(in directory: String) -> [String] {
        guard let stream = opendir(directory) else { return [] }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if !name.hasPrefix(".") { names.append(name) }
        }
        return names
    }

    private static func link(_ path: String) -> String? {
        var target = [CChar](repeating: 0, count: 256)
        let count = readlink(path, &target, target.count)
        return count > 0 ? String(decoding: target.prefix(count).map(UInt8.init(bitPattern:)), as: UTF8.self) : nil
    }
}
