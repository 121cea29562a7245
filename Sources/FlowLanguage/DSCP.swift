// Names of differentiated services code points.
//
// Sources: RFC 2474 (class selectors), RFC 2597 (assured forwarding), RFC 3246 (expedited forwarding), RFC 5865
// (voice-admit), RFC 8622 (lower effort), RFC 3662 (default forwarding).

enum DSCP {
    /// Name and number, `af11(10)`; `dscp(n)` for a code point without a name.
    static func name(_ codePoint: UInt8) -> String { "\(word(codePoint))(\(codePoint))" }

    private static func word(_ codePoint: UInt8) -> String {
        switch codePoint {
        case 0: "be"
        case 1: "le"
        case 44: "va"
        case 46: "ef"
        // Assured forwarding: class 1 to 4 in the upper three bits, drop precedence 1 to 3 in the next two.
        case 8..<40 where codePoint & 1 == 0 && codePoint & 6 != 0: "af\(codePoint >> 3)\(codePoint >> 1 & 3)"
        case _ where codePoint & 7 == 0: "cs\(codePoint >> 3)"
        default: "dscp"
        }
    }
}
