import SeededRandom

enum Kind: CaseIterable {
    case rates, smallIntegers, anyMagnitude, subnormal, huge, cancelling, powersOfTwo, nearlyEqual, allEqual, signed

    /// `count` finite doubles of this kind.
    func values(_ count: Int, using generator: inout SeededGenerator) -> [Double] {
        let anchor = Kind.anyDouble(using: &generator)
        var values: [Double] = []
        while values.count < count {
            switch self {
            case .rates: values.append(Double.random(in: 0..<1e10, using: &generator))
            case .smallIntegers: values.append(Double(Int.random(in: -4...4, using: &generator)))
            case .anyMagnitude: values.append(Kind.anyDouble(using: &generator))
            case .subnormal: values.append(Double(bitPattern: generator.next() & 0x800F_FFFF_FFFF_FFFF))
            case .huge:
                let x = Double.greatestFiniteMagnitude / Double.random(in: 1...8, using: &generator)
                values.append(Bool.random(using: &generator) ? x : -x)
            case .cancelling:
                let x = Kind.anyDouble(using: &generator)
                values += [x, -x.nextUp, x / 3, -x / 3].filter(\.isFinite)
            case .powersOfTwo:
                let x = Double(sign: .plus, exponent: Int.random(in: -1074...1023, using: &generator), significand: 1)
                values.append(Bool.random(using: &generator) ? x : -x)
            case .nearlyEqual: values.append(Double(bitPattern: (1.1).bitPattern + generator.next() % 4))
            case .allEqual: values.append(anchor)
            case .signed:
                let signs: [Double] = [-0.0, 0, 1, -1]
                let sign = signs.randomElement(using: &generator) ?? 0
                values.append(sign * Double.random(in: 0..<100, using: &generator))
            }
        }
        return Array(values.prefix(count))
    }

    /// Any finite bit pattern: exponents are spread evenly.
    static func anyDouble(using generator: inout SeededGenerator) -> Double {
        while true {
            let x = Double(bitPattern: generator.next())
            if x.isFinite { return x }
        }
    }
}

extension Array {
    /// The elements dealt to `partCount` parts at random; parts may be empty.
    func dealt(to partCount: Int, using generator: inout SeededGenerator) -> [[Element]] {
        var parts = [[Element]](repeating: [], count: partCount)
        for element in self { parts[Int.random(in: 0..<partCount, using: &generator)].append(element) }
        return parts
    }
}
