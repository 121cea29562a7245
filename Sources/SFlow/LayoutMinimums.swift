// The shortest acceptable body of every known format, for the decoder's check on the hot path: constants in the binary,
// because ``RecordLayout/minimumBytes`` sits behind a reference-counted array. A test holds them against the layouts.

extension FlowLayoutID {
    /// Bytes below which a body is refused.
    @inline(__always)
    public var minimumBytes: Int { Int(minimumBytesOfFlowRecords[Int(index)]) }
}

extension CounterLayoutID {
    /// Bytes below which a body is refused.
    @inline(__always)
    public var minimumBytes: Int { Int(minimumBytesOfCounterRecords[Int(index)]) }
}

private let minimumBytesOfFlowRecords: InlineArray<70, UInt8> = [
    16, 20, 32, 56,  // 0:1 to 0:4
    16, 12, 28, 16, 12, 12, 8, 12, 12, 8, 4, 4, 8, 40, 44, 4,  // 0:1001 to 0:1016
    16, 16, 8, 8,  // 0:1017 to 0:1020
    24, 24, 32, 32, 56, 56, 4, 4, 4, 4,  // 0:1021 to 0:1030
    40, 48, 12, 4, 4,  // 0:1031 to 0:1035
    4, 12, 4, 4, 4, 8, 4, 8,  // 0:1036 to 0:1043
    32, 12, 12, 24,  // 0:2000 to 0:2003
    20, 44, 20, 44,  // 0:2100 to 0:2103
    28, 4, 40, 12, 4, 4, 60, 8, 92, 48, 16,  // 0:2200 to 0:2210
    4,  // 4413:1
    4, 16, 8,  // 43874:1 to 43874:3
]

private let minimumBytesOfCounterRecords: InlineArray<50, UInt8> = [
    88, 52, 72, 80, 28, 80, 56, 24, 64, 20, 20,  // 0:1 to 0:11
    28, 12, 52, 12, 4,  // 0:1001 to 0:1005
    20, 4, 8, 68, 72, 52, 40, 76, 100, 60, 28,  // 0:2000 to 0:2010
    28, 12, 16, 52, 40, 12, 100,  // 0:2100 to 0:2106
    144, 60, 48, 40, 140, 92, 20, 24,  // 0:2200 to 0:2207
    24, 12, 4, 12,  // 0:3000 to 0:3003
    8, 24, 144,  // 4413:1 to 4413:3
    48,  // 5703:1
]
