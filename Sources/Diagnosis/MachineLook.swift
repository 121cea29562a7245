// What a machine says of its UDP sockets and tracked connections: texts of /proc, read without trusting their form.

package struct MachineLook: Sendable {
    /// A UDP socket of /proc/net/udp or udp6.
    package struct Socket: Hashable, Sendable {
        package var port: Int
        /// Datagrams that found its receive buffer full.
        package var drops: Int
        /// Bytes that wait in it.
        package var waiting: Int
        package var inode: UInt64
        /// Name of the process that has it; nil when that cannot be seen.
        package var owner: String?
    }

    /// A UDP "connection" that the kernel tracks, from /proc/net/nf_conntrack.
    package struct TrackedFlow: Hashable, Sendable {
        package var source: String
        package var destination: String
        package var port: Int
        /// Where datagrams really go, after translation.
        package var realDestination: String
        package var realPort: Int

        var isTranslated: Bool { realDestination != destination || realPort != port }
    }

    package var sockets: [Socket] = []
    /// The largest receive buffer that an ordinary process gets. Unit: bytes. nil: not known.
    package var receiveBufferMax: Int?
    /// nil when tracked connections cannot be read.
    package var tracked: [TrackedFlow]?

    package init() {}

    /// Lines of /proc/net/udp: number, local and remote address in hexadecimal, state, queues, …, inode in field 9, drops last
    /// (proc(5)).
    package static func sockets(_ text: String, ports: Set<Int>) -> [Socket] {
        text.split(separator: "\n").dropFirst().compactMap { line in
            let fields = line.split(separator: " ")
            guard fields.count >= 13, let colon = fields[1].lastIndex(of: ":"),
                let port = Int(fields[1][fields[1].index(after: colon)...], radix: 16), ports.contains(port)
            else { return nil }
            let waiting = fields[4].split(separator: ":").last.flatMap { Int($0, radix: 16) } ?? 0
            return Socket(port: port, drops: Int(fields[12]) ?? 0, waiting: waiting, inode: UInt64(fields[9]) ?? 0)
        }
    }

    /// Lines of /proc/net/nf_conntrack: the original direction first, then the one that answers would have.
    package static func tracked(_ text: String) -> [TrackedFlow] {
        text.split(separator: "\n").compactMap { line in
            guard line.split(separator: " ").contains("udp") else { return nil }
            var original: [Substring: Substring] = [:]
            var reply: [Substring: Substring] = [:]
            for word in line.split(separator: " ") {
                guard let equals = word.firstIndex(of: "=") else { continue }
                let (name, value) = (word[..<equals], word[word.index(after: equals)...])
                if original[name] == nil { original[name] = value } else { reply[name] = value }
            }
            guard let source = original["src"], let destination = original["dst"], let port = original["dport"].flatMap({ Int($0) }),
                let realDestination = reply["src"], let realPort = reply["sport"].flatMap({ Int($0) })
            else { return nil }
            return TrackedFlow(
                source: String(source), destination: String(destination), port: port, realDestination: String(realDestination),
                realPort: realPort)
        }
    }
}
