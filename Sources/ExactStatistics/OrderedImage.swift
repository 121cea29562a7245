/// The image of the doubles in the unsigned integers that keeps their order, so that a range of values can be cut into
/// buckets by shifting: sign bit set for numbers >= 0, all bits inverted below. -0 and +0 are one number and have one
/// image. NaN has no place in the order and must be left out.
package enum OrderedImage {
    /// All images lie between those of the two infinities; beyond are the bit patterns of NaN.
    package static let all = image(of: -.infinity)...image(of: .infinity)

    /// `value` is not NaN.
    package static func image(of value: Double) -> UInt64 {
        let bits = value == 0 ? 0 : value.bitPattern
        return bits >> 63 == 0 ? bits | 1 << 63 : ~bits
    }

    /// `image` is one of `all`. The place that -0 would have, and no value has, gives +0.
    package static func value(of image: UInt64) -> Double {
        let value = Double(bitPattern: image >> 63 == 0 ? ~image : image & ~(1 << 63))
        return value == 0 ? 0 : value
    }
}
