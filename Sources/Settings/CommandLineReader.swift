/// Takes the command line apart: options, `-D` properties and positional arguments become assignments.
///
/// Apart from the resolver, because whether `--name` takes the next argument is a question about arguments and not
/// about values.
struct CommandLineReader {
    let table: SettingsTable
    let command: Command
    private(set) var assignments: [Assignment] = []
    private(set) var problems: [SettingsProblem] = []
    private var remaining: ArraySlice<String>
    private var positionalCount = 0

    init(_ arguments: ArraySlice<String>, command: Command, table: SettingsTable) {
        self.table = table
        self.command = command
        remaining = arguments
        readAll()
    }

    private mutating func readAll() {
        while let argument = remaining.popFirst() {
            switch argument {
            case "--":
                while let positional = remaining.popFirst() { readPositional(positional) }
            case "-h":
                readOption("--help")
            case "-V":
                readOption("--version")
            case _ where argument.hasPrefix("-D"):
                readProperty(argument)
            case _ where argument.hasPrefix("--"):
                readOption(argument)
            case _ where argument.hasPrefix("-") && argument != "-":
                refuse(.unknownSetting, "unknown option \(printable(argument))")
            default:
                readPositional(argument)
            }
        }
    }

    /// `-Dname=value`, `-D name=value`.
    private mutating func readProperty(_ argument: String) {
        var body = String(Substring(argument.utf8.dropFirst(2)))
        if body.isEmpty { body = remaining.popFirst() ?? "" }
        let (name, value) = splitAtEquals(body)
        guard let value, !name.isEmpty else {
            return refuse(.missingValue, "-D\(printable(body)): expected -Dname=value")
        }
        assignments.append(Assignment(name: name, text: value, origin: .property(name: name, variable: nil)))
    }

    /// `--name=value`, `--name value`; for flags also `--name` and `--no-name`.
    private mutating func readOption(_ argument: String) {
        let (name, inline) = splitAtEquals(String(Substring(argument.utf8.dropFirst(2))))
        switch table.match(name) {
        case .setting(let setting, _) where setting.shape == .flag:
            assign(name, inline ?? nextBooleanWord() ?? "yes", option: name)
        case .setting(let setting, _):
            assignNextValue(name, inline: inline, placeholder: setting.placeholder)
        case .member(_, let family):
            assignNextValue(name, inline: inline, placeholder: family.kind.placeholder)
        case .unknown, .withoutEffect:
            guard let flag = negatedFlag(name) else {
                // Probably its value: one error is enough.
                if inline == nil { _ = nextValue() }
                return refuseUnknown(name)
            }
            guard inline == nil else {
                return refuse(.badValue, "--\(printable(name)): takes no value")
            }
            assign(flag, "no", option: name)
        }
    }

    private mutating func assign(_ name: String, _ text: String, option: String) {
        assignments.append(Assignment(name: name, text: text, origin: .option("--" + option)))
    }

    private mutating func assignNextValue(_ name: String, inline: String?, placeholder: String) {
        if let value = inline ?? nextValue() { return assign(name, value, option: name) }
        let spelling = "--" + printable(name)
        refuse(.missingValue, "\(spelling): expected a value, as in \(spelling)=\(placeholder)")
    }

    private mutating func readPositional(_ argument: String) {
        guard positionalCount < command.positionals.count else {
            let isCommand = Command(rawValue: argument) != nil
            return refuse(
                .unexpectedArgument,
                "unexpected argument \(printable(argument))" + (isCommand ? ": the command comes first" : ""))
        }
        let name = command.positionals[positionalCount]
        positionalCount += 1
        assignments.append(Assignment(name: name, text: argument, origin: .argument))
    }

    /// The next argument, unless it is an option: a value that looks like one has to be written `--name=value`. A
    /// negative number is a value.
    private mutating func nextValue() -> String? {
        guard let next = remaining.first?.utf8 else { return nil }
        let second = next.dropFirst().first ?? UInt8(ascii: "0")
        guard next.first != UInt8(ascii: "-") || (0x30...0x39).contains(second) else { return nil }
        return remaining.popFirst()
    }

    /// `--http-html no` reads as people mean it; any other word is the next argument.
    private mutating func nextBooleanWord() -> String? {
        guard let next = remaining.first, SettingKind<Bool>.boolean.parse(next) != nil else { return nil }
        return remaining.popFirst()
    }

    private func negatedFlag(_ name: String) -> String? {
        guard SettingName.normalised(name).hasPrefix("no.") else { return nil }
        let rest = String(Substring(name.utf8.dropFirst(3)))
        guard case .setting(let setting, _) = table.match(rest), setting.shape == .flag else { return nil }
        return rest
    }

    private mutating func refuseUnknown(_ name: String) {
        var text = "unknown option --\(printable(name))"
        if case .withoutEffect = table.match(name) {
            text += "; as -D\(printable(name))=… it is accepted, without effect"
        } else {
            text += didYouMean(table.suggestions(for: name, commands: [command]).map(SettingName.option))
        }
        refuse(.unknownSetting, text)
    }

    private mutating func refuse(_ reason: SettingsProblem.Reason, _ message: String) {
        problems.append(SettingsProblem(reason: reason, message: message))
    }
}

/// The parts before and after the first `=`; no second part without one.
func splitAtEquals(_ text: String) -> (name: String, value: String?) {
    guard let equals = text.utf8.firstIndex(of: UInt8(ascii: "=")) else { return (text, nil) }
    return (String(text[..<equals]), String(text[text.utf8.index(after: equals)...]))
}

/// "; did you mean a or b?", or nothing.
func didYouMean(_ candidates: [String]) -> String {
    candidates.isEmpty ? "" : "; did you mean \(enumeration(of: candidates))?"
}
