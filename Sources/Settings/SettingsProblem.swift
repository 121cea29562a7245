/// What can be wrong with settings. Every problem of a run is collected, so that one run shows them all.
package struct SettingsProblem: Error, Hashable, Sendable, CustomStringConvertible {
    package enum Reason: String, CaseIterable, Sendable {
        case unknownCommand, unexpectedArgument, unknownSetting, missingValue, badValue, wrongCommand, wrongPlace
        case unreadableFile, malformedLine, conflict
    }

    package let reason: Reason
    /// One line, complete: names the setting, where it came from, the offending text and what is expected.
    package let message: String

    package var description: String { message }
}

package struct SettingsErrors: Error, Sendable, CustomStringConvertible {
    /// In the order in which they were met; never empty.
    package let problems: [SettingsProblem]
    /// What would have been said had there been no error.
    package let warnings: [String]

    /// One problem a line.
    package var description: String { problems.map(\.message).joined(separator: "\n") }
}
