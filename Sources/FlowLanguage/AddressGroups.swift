// Address groups: labels of address prefixes, and the longest prefix that contains an address.
//
// A group may be a list of a million prefixes, asked at every sample, so each family has a radix tree: a binary tree
// over address bits in which a node with a single child is left out (Morrison, "PATRICIA", JACM 1968; as in BSD's
// routing table, Sklower, USENIX 1991). Nodes are plain data in one array, children are places in it.

package import Bytes

/// One group: immutable, shared by all who look addresses up.
package struct AddressGroups: Sendable {
    /// An entry that is no address and no prefix. The whole group is refused.
    package struct InvalidPrefix: Error, Hashable, Sendable {
        package let label: String
        package let text: String
    }

    private var v4 = PrefixTree()
    private var v6 = PrefixTree()
    private(set) var labels: [[UInt8]] = []
    /// Prefixes in the group.
    package private(set) var count = 0

    /// - Parameter members: labels with their prefixes (`10.0.0.0/8`) and single addresses. Bits behind the prefix are
    ///   ignored. Of equal prefixes the last one counts.
    package init(_ members: [(label: String, prefixes: [String])]) throws(InvalidPrefix) {
        for (label, prefixes) in members {
            let place = Int32(truncatingIfNeeded: labels.count)
            labels.append(Array(label.utf8.prefix(FlowLimits.valueTextBytes)))
            for text in prefixes {
                guard let prefix = AddressGroups.parse(text) else { throw InvalidPrefix(label: label, text: text) }
                if prefix.address.isIPv6 {
                    v6.insert(high: prefix.address.high, low: prefix.address.low, length: prefix.length, label: place)
                } else {
                    v4.insert(high: prefix.address.low << 32, low: 0, length: prefix.length, label: place)
                }
                count += 1
            }
        }
    }

    /// The label of the longest prefix that contains the address. Complexity: the bits of an address at most.
    package func label(of address: IPAddress) -> String? {
        place(of: address).map { String(decoding: labels[$0], as: UTF8.self) }
    }

    func place(of address: IPAddress) -> Int? {
        let found =
            address.isIPv6
            ? v6.longestMatch(high: address.high, low: address.low, bits: 128)
            : v4.longestMatch(high: address.low << 32, low: 0, bits: 32)
        return found < 0 ? nil : Int(found)
    }

    private static func parse(_ text: String) -> (address: IPAddress, length: UInt8)? {
        guard text.utf8.count <= 64 else { return nil }
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard let address = IPAddress(String(parts[0])) else { return nil }
        let bits: UInt8 = address.isIPv6 ? 128 : 32
        guard parts.count == 2 else { return (address, bits) }
        let digits = parts[1].utf8
        guard (1...3).contains(digits.count), digits.allSatisfy(\.isDigit), let length = UInt8(parts[1]), length <= bits
        else { return nil }
        return (address, length)
    }
}

/// Prefixes of up to 128 bits, with a number for each.
struct PrefixTree: Sendable {
    private struct Node: BitwiseCopyable {
        /// The bits that all below this node share, at the top; the others are 0.
        var high: UInt64
        var low: UInt64
        /// The number of the prefix that ends here, -1 if none does.
        var label: Int32
        /// Nodes for the next bit 0 and 1; 0 is none, since the root is nobody's child.
        var zero: Int32 = 0
        var one: Int32 = 0
        /// How many bits they share.
        var length: UInt8
    }

    private var nodes = [Node(high: 0, low: 0, label: -1, length: 0)]

    /// Replaces the number of an equal prefix.
    mutating func insert(high: UInt64, low: UInt64, length: UInt8, label: Int32) {
        let (high, low) = PrefixTree.masked(high, low, length)
        var place = 0
        while true {
            // Here all bits of the node are the prefix's as well.
            if nodes[place].length == length {
                nodes[place].label = label
                return
            }
            let isOne = PrefixTree.bit(high, low, nodes[place].length)
            let child = Int(isOne ? nodes[place].one : nodes[place].zero)
            guard child != 0 else {
                attach(add(Node(high: high, low: low, label: label, length: length)), to: place, isOne)
                return
            }
            let shared = min(
                PrefixTree.sharedBits(high, low, nodes[child].high, nodes[child].low), length, nodes[child].length)
            if shared == nodes[child].length {
                place = child
                continue
            }
            split(child, of: place, isOne, at: shared, Node(high: high, low: low, label: label, length: length))
            return
        }
    }

    /// The number of the longest prefix of the address, -1 without one.
    func longestMatch(high: UInt64, low: UInt64, bits: UInt8) -> Int32 {
        var found: Int32 = -1
        var place = 0
        repeat {
            let node = nodes[place]
            let (sharedHigh, sharedLow) = PrefixTree.masked(high, low, node.length)
            guard sharedHigh == node.high, sharedLow == node.low else { break }
            if node.label >= 0 { found = node.label }
            guard node.length < bits else { break }
            place = Int(PrefixTree.bit(high, low, node.length) ? node.one : node.zero)
        } while place != 0
        return found
    }

    private mutating func add(_ node: Node) -> Int32 {
        nodes.append(node)
        return Int32(truncatingIfNeeded: nodes.count - 1)
    }

    private mutating func attach(_ child: Int32, to place: Int, _ isOne: Bool) {
        if isOne { nodes[place].one = child } else { nodes[place].zero = child }
    }

    /// Puts a node for the first `shared` bits between `parent` and `child`, and the new prefix at or below it.
    private mutating func split(_ child: Int, of parent: Int, _ isOne: Bool, at shared: UInt8, _ new: Node) {
        let (high, low) = PrefixTree.masked(new.high, new.low, shared)
        let isEnd = new.length == shared
        let middle = add(Node(high: high, low: low, label: isEnd ? new.label : -1, length: shared))
        attach(middle, to: parent, isOne)
        attach(
            Int32(truncatingIfNeeded: child), to: Int(middle),
            PrefixTree.bit(nodes[child].high, nodes[child].low, shared))
        if !isEnd { attach(add(new), to: Int(middle), PrefixTree.bit(new.high, new.low, shared)) }
    }

    private static func masked(_ high: UInt64, _ low: UInt64, _ length: UInt8) -> (UInt64, UInt64) {
        // Shifts by the full width give 0, as wanted.
        (high & ~(~0 >> UInt64(min(length, 64))), length <= 64 ? 0 : low & ~(~0 >> UInt64(length - 64)))
    }

    /// The bit behind the first `index` ones; `index` is below 128.
    private static func bit(_ high: UInt64, _ low: UInt64, _ index: UInt8) -> Bool {
        (index < 64 ? high >> UInt64(63 - index) : low >> UInt64(127 - index)) & 1 == 1
    }

    private static func sharedBits(_ high: UInt64, _ low: UInt64, _ otherHigh: UInt64, _ otherLow: UInt64) -> UInt8 {
        let difference = high ^ otherHigh
        if difference != 0 { return UInt8(difference.leadingZeroBitCount) }
        return 64 + UInt8((low ^ otherLow).leadingZeroBitCount)
    }
}
