// What dissection finds: which headers follow each other in a sampled packet and where each lies.
//
// Only places are kept, no values: attributes are read from the packet's bytes when a flow definition asks for them
// (the `Fields` files), so one that it does not use costs nothing. A stack's storage has a fixed size, is made once and
// filled again for each sample; dissection allocates nothing.

/// One header: its kind and the bytes of it that were captured.
package struct Layer: Hashable, Sendable, BitwiseCopyable {
    package let kind: LayerKind
    /// First byte, counted from the start of the sampled bytes.
    package let offset: UInt16
    /// Bytes of this header that are there. Less than the header has where the capture, or an outer length field, cuts
    /// it. For ICMP and DNS the whole message, for InfiniBand the base header with its RETH or AETH.
    package let length: UInt16
}

/// The headers of one packet from the outermost in. Not copyable: one owner fills it again and again, others borrow it.
package struct LayerStack: ~Copyable, Sendable {
    /// Most headers that are kept of one packet: 8 tags, 16 labels and 16 extension headers with room for the rest.
    package static let layerCountMax = 48

    /// Why dissection went no further.
    package enum Ending: UInt8, CaseIterable, Sendable, BitwiseCopyable {
        /// Everything that this module understands was seen.
        case complete
        /// The bytes ended inside or before `endKind`.
        case truncated
        /// The last IP header belongs to a fragment that is not the first: what follows is no header.
        case fragment
        /// `endKind` would have exceeded one of `DissectionLimits`.
        case limitExceeded
        /// `endKind` contradicts itself.
        case malformed
    }

    package internal(set) var ending = Ending.complete
    /// The header at which dissection ended, when it did not end `complete`. It need not be in the stack; nil when not
    /// even the first one could be told.
    package internal(set) var endKind: LayerKind?
    package internal(set) var count = 0
    /// The kinds that occur, so that asking for an absent one is one test.
    package internal(set) var kinds = LayerKindSet()
    /// Whether bytes of the header recorded last are missing.
    var isLastCut = false
    /// Always `layerCountMax` long; the first `count` are meant. An array and not inline storage, since the compiler
    /// (Swift 6.3) copies all of an `InlineArray` in order to read one element of it: 20 ns a field.
    var layers: [Layer]

    package init() {
        layers = Array(
            repeating: Layer(kind: .ethernet, offset: 0, length: 0), count: LayerStack.layerCountMax)
    }

    /// The header at `index`, which must be less than `count`.
    package subscript(index: Int) -> Layer {
        precondition(index < count)
        return layers[index]
    }

    /// The header of this kind that has `occurrence` others before it, counting from the outermost. O(count).
    package func nth(_ kind: LayerKind, _ occurrence: Int = 0) -> Layer? { nth(LayerKindSet(kind), occurrence) }

    /// The same for kinds that are numbered together.
    package func nth(_ family: LayerKindSet, _ occurrence: Int = 0) -> Layer? {
        guard let index = index(of: family, occurrence) else { return nil }
        return layers[index]
    }

    /// The place in the stack of the `occurrence`-th header of a family.
    package func index(of family: LayerKindSet, _ occurrence: Int = 0) -> Int? {
        guard !kinds.isDisjoint(with: family) else { return nil }
        var left = occurrence
        for index in 0..<count where family.contains(layers[index].kind) {
            if left == 0 { return index }
            // Wrapping, since a negative occurrence must not trap either.
            left &-= 1
        }
        return nil
    }

    /// How many headers of this kind there are.
    package func count(of kind: LayerKind) -> Int {
        guard kinds.contains(kind) else { return 0 }
        var found = 0
        for index in 0..<count where layers[index].kind == kind { found += 1 }
        return found
    }

    /// First byte of a header, the `…_offset` keys. Unit: bytes from the start of the sampled bytes.
    package func offset(of kind: LayerKind, _ occurrence: Int = 0) -> Int? {
        nth(kind, occurrence).map { Int($0.offset) }
    }

    /// Appends the `stack` key, such as `eth.ip.udp.vxlan.eth.ip.tcp`, in ASCII. A label stack is one token however
    /// many labels it has; each VLAN tag is its own.
    package func appendStack(to text: inout [UInt8]) {
        var previous: LayerKind?
        for index in 0..<count {
            let kind = layers[index].kind
            defer { previous = kind }
            guard let token = kind.stackToken, kind != .mpls || previous != .mpls else { continue }
            if previous != nil { text.append(UInt8(ascii: ".")) }
            text.append(contentsOf: token.utf8)
        }
    }
}
