// What one definition may ask for. Definitions come from users of the REST API: each limit bounds work or memory that a
// hostile one could cause, and exceeding it is an error that names the limit.

package enum FlowLimits {
    /// Keys of one definition.
    package static let keys = 32
    /// Numbers of the attribute `values`.
    package static let values = 16
    /// Functions inside functions.
    package static let functionNesting = 16
    /// Arguments of one function.
    package static let arguments = 64
    /// Parentheses inside parentheses in a filter.
    package static let filterNesting = 64
    /// Values behind one comparison of a filter.
    package static let listItems = 10_000
    /// Bytes of each of the attributes `keys`, `value`, `values` and `filter`.
    package static let textBytes = 65_536
    /// Bytes of a regular expression.
    package static let patternBytes = 1024
    /// States of a regular expression's automaton.
    package static let patternStates = 4096
    /// States of all regular expressions of one definition together: what one sample can cost.
    package static let patternStatesPerDefinition = 4096
    /// Bytes of a packed key. Texts are cut so that it holds.
    package static let packedKeyBytes = 1024
    /// Bytes of one text value; longer ones are cut behind the last whole character.
    package static let valueTextBytes = 1024
    /// Bytes of texts that the evaluation of one expression may make; what exceeds them is cut.
    static let scratchBytes = 16_384
    /// Records of one sample that are remembered; the rest is not seen by keys.
    package static let recordsPerSample = 64
    /// Kept flows of one data source (`n`); other numbers are moved to the limit.
    package static let flowCount = 5...1000
    /// Time constant (`t`), in seconds; other numbers are moved to the limit.
    package static let smoothingSeconds = 0.1...600
    /// Longest active timeout, in seconds.
    package static let activeTimeoutSeconds = 1...86_400
    /// Bytes of the separator `fs`.
    package static let separatorBytes = 64
}
