/// The form in which shards send their moments: the count (8 bytes, least significant first), then Σx and Σx² as
/// `ExactSum` encodes them. Canonical; at most 1,090 bytes, usually under 50.
extension Moments {
    /// The most values that decoding believes in: a million million, far above what a shard holds and far below 2^64,
    /// so that no honest merge wraps.
    static let countMax: UInt64 = 1 << 40

    package var encoded: [UInt8] {
        var bytes: [UInt8] = []
        bytes.append(count, byteCount: 8)
        sum.encode(into: &bytes)
        sumOfSquares.encode(into: &bytes)
        return bytes
    }

    /// Nil unless the bytes are canonical and could stem from values: no sums without values, Σx a multiple of 2^-1074,
    /// Σx² not negative and (Σx)² <= N·Σx². Merging keeps that inequality, so no forged part can make a variance
    /// negative later.
    package init?(encoded bytes: [UInt8]) {
        var reader = ByteReader(bytes)
        guard let count = reader.integer(byteCount: 8), count <= Moments.countMax,
            let sum = ExactSum(from: &reader), let sumOfSquares = ExactSum(from: &reader), reader.isAtEnd
        else { return nil }
        self.init(count: count, sum: sum, sumOfSquares: sumOfSquares)
        guard isPlausible else { return nil }
    }

    private var isPlausible: Bool {
        guard count > 0 else { return self == Moments() }
        guard sum.isFinite, sumOfSquares.isFinite else {
            return !sum.isFinite && !sumOfSquares.isFinite && sumOfSquares.special != .negativeInfinity
        }
        let root = sum.signAndMagnitude().magnitude
        let isWhole = root.isZero || root.trailingZeroBitCount >= Moments.sumTrailingZeroBitCount
        return isWhole && !sumOfSquares.signAndMagnitude().isNegative && spread != nil
    }
}
