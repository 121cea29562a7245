/// What a sum says about itself once the terms are in: when two are equal, and the one rounding.
extension ExactSum: Equatable {
    /// Equal when the unrounded sums are equal, whatever terms they came from.
    package static func == (a: ExactSum, b: ExactSum) -> Bool {
        guard a.special == b.special else { return false }
        guard a.isFinite else { return true }
        let a = a.carried()
        let b = b.carried()
        for index in 0..<chunkCount where a.chunks[index] != b.chunks[index] { return false }
        return true
    }
}

extension ExactSum {
    /// The sum rounded once, to the nearest double, ties to even: what infinite precision would have given. A sum too
    /// great for a double is an infinity, as IEEE 754 rounds; a sum of exactly zero is +0.
    package var value: Double {
        switch special {
        case .none:
            let (isNegative, magnitude) = signAndMagnitude()
            let rounded = magnitude.rounded(exponent: ExactSum.unitExponent, isInexact: false)
            return isNegative ? -rounded : rounded
        case .positiveInfinity: return .infinity
        case .negativeInfinity: return -.infinity
        case .notANumber: return .nan
        }
    }

    /// What the terms that are no finite numbers add up to. Joining is commutative and associative.
    enum Special: UInt8, Sendable {
        case none, positiveInfinity, negativeInfinity, notANumber

        init(_ term: Double) {
            self = term.isFinite ? .none : term.isNaN ? .notANumber : term > 0 ? .positiveInfinity : .negativeInfinity
        }

        func joined(with other: Special) -> Special {
            if self == other || other == .none { return self }
            return self == .none ? other : .notANumber
        }
    }
}
