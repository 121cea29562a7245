// Whose adaptor a MAC address is: the data source (the machine, or a guest on it) that named it in host_adapters. Behind
// the key function `host:`, which answers with what that data source says in its host_descr.

internal import Bytes
internal import SFlow

struct HostAdapters {
    /// Places in the agent's list of data sources. An address that several data sources name belongs to the last one.
    var owners = Generations<MACAddress, Int>()

    /// Takes a host_adapters record in (0:2001; sFlow Host Structures). All zeros, as loopback interfaces have, are no
    /// host's address. Work is bounded by the bytes that are there, whatever counts they claim.
    /// - Parameters:
    ///   - lifetime: how long an address holds. Unit: nanoseconds.
    ///   - refused: counts addresses for which there is no room.
    /// - Throws: a count says more than there are bytes; the addresses before it are taken.
    mutating func note(
        _ body: RawSpan, source: Int, at arrival: Int64, lifetime: Int64, refused: inout UInt64
    ) throws(DecodeError) {
        var offset = 4
        do {
            for _ in 0..<(try body.uint32(at: 0)) {
                // The ifIndex, which means something on the machine itself only, and the number of addresses.
                let count = try body.uint32(at: offset + 4)
                offset += 8
                for _ in 0..<count {
                    // Padded to a multiple of four bytes, like everything.
                    let mac = MACAddress(try body.uint64(at: offset) >> 16)
                    offset += 8
                    guard mac.bits != 0 else { continue }
                    let isTaken = owners.note(
                        mac, source, at: arrival, lifetime: lifetime, limit: Limits.adaptersPerAgent)
                    if !isTaken { refused &+= 1 }
                }
            }
        } catch {
            throw DecodeError(.arrayCountExceedsBytes, at: offset)
        }
    }
}
