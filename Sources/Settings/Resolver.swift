/// Puts the sources together: command line over environment over files over defaults.
///
/// One rule for all of them: each source is a list of assignments, applied in order, the later over the earlier.
struct Resolver {
    let table: SettingsTable
    let command: Command
    private(set) var settings: Settings
    private(set) var problems: [SettingsProblem] = []
    private(set) var warnings: [String] = []

    init(table: SettingsTable, command: Command) {
        self.table = table
        self.command = command
        settings = Settings(command: command)
    }

    mutating func apply(_ assignments: [Assignment]) {
        for assignment in assignments { apply(assignment) }
    }

    mutating func report(_ more: [SettingsProblem]) { problems += more }
    mutating func warn(_ more: [String]) { warnings += more }

    mutating func report(_ reason: SettingsProblem.Reason, _ message: String) {
        problems.append(SettingsProblem(reason: reason, message: message))
    }

    private mutating func apply(_ assignment: Assignment) {
        switch table.match(assignment.name) {
        case .setting(let setting, let alias):
            if mayBeGiven(setting.name, commands: setting.commands, scope: setting.scope, by: assignment) {
                apply(assignment, to: setting, alias: alias)
            }
        case .member(let member, let family):
            if mayBeGiven(family.prefix, commands: family.commands, scope: .everywhere, by: assignment) {
                apply(assignment, to: member, of: family)
            }
        case .withoutEffect where assignment.origin.acceptsForeignProperties:
            warn(["\(printable(assignment.name)) from \(assignment.origin) has no effect"])
        case .withoutEffect, .unknown:
            reportUnknown(assignment)
        }
    }

    /// Files and the environment may serve several commands; an option that means nothing to this one is a mistake.
    private mutating func mayBeGiven(
        _ name: String, commands: Set<Command>, scope: SettingScope, by assignment: Assignment
    ) -> Bool {
        let origin = assignment.origin
        if !scope.allows(origin) {
            let option = SettingName.option(name)
            let rule = scope == .outsideFiles ? "cannot be set in a file" : "can only be an option: \(option)"
            report(.wrongPlace, "\(name) from \(origin): \(rule)")
            return false
        }
        if origin.isCommandLine, !commands.contains(command) {
            let owners = Command.allCases.filter(commands.contains).map { "weir " + $0.rawValue }
            report(.wrongCommand, "\(origin): belongs to \(enumeration(of: owners)), not to weir \(command.rawValue)")
            return false
        }
        return true
    }

    private mutating func apply(_ assignment: Assignment, to setting: Setting, alias: SettingAlias?) {
        let text = trimmed(assignment.text)
        let previous = settings.value(of: setting)
        warnAboutRepetition(assignment, previous: previous.origin)
        if text.isEmpty, setting.shape != .text {
            return settings.set(setting, to: GivenValue(text: setting.defaultText, origin: assignment.origin))
        }
        let converted = alias.map { $0.convert(text) } ?? text
        guard isPlain(text), var canonical = converted.flatMap(setting.canonical) else {
            return reportBadValue(assignment, expected: alias?.expected ?? setting.expected)
        }
        if let alias, let warning = alias.warning {
            let better = assignment.origin.spelling(of: setting.name)
            warn(["\(alias.name) from \(assignment.origin) \(warning): \(better)"])
        }
        let addsUp = setting.shape == .list && assignment.origin.isCommandLine && previous.origin.isCommandLine
        if addsUp, let earlier = previous.text { canonical = earlier + "," + canonical }
        settings.set(setting, to: GivenValue(text: canonical, origin: assignment.origin))
    }

    private mutating func apply(_ assignment: Assignment, to member: String, of family: SettingFamily) {
        let text = trimmed(assignment.text)
        guard family.member.parse(member) != nil else {
            let expected = "expected \(family.member.expected) after \(family.prefix)"
            return report(.badValue, "\(printable(assignment.name)) from \(assignment.origin): \(expected)")
        }
        if text.isEmpty {
            return settings.set(member, of: family, to: GivenValue(text: nil, origin: assignment.origin))
        }
        guard isPlain(text), family.kind.parse(text) != nil else {
            return reportBadValue(assignment, expected: family.kind.expected)
        }
        settings.set(member, of: family, to: GivenValue(text: text, origin: assignment.origin))
    }

    private mutating func reportBadValue(_ assignment: Assignment, expected: String) {
        let text = trimmed(assignment.text)
        var name = printable(assignment.name)
        switch table.match(assignment.name) {
        case .setting(let setting, let alias): name = alias?.name ?? setting.name
        case .member(let member, let family): name = printable(family.prefix + member)
        case .withoutEffect, .unknown: break
        }
        var message = "\(name): \(printable(text)) from \(assignment.origin): expected \(expected)"
        if !isPlain(text) { message += ", no control characters and at most \(maximumValueBytes) bytes" }
        if case .file = assignment.origin, text.contains(" #") { message += "; a comment needs a line of its own" }
        report(.badValue, message)
    }

    private mutating func reportUnknown(_ assignment: Assignment) {
        let origin = assignment.origin
        let commands: Set<Command> = origin.isCommandLine ? [command] : Set(Command.allCases)
        let candidates = table.suggestions(for: assignment.name, commands: commands, inFile: origin.isFile)
        let subject =
            switch origin {
            case .environment: "unknown \(origin)"
            case .property(let name, nil): "unknown property -D\(printable(name))"
            default: "unknown setting \(printable(assignment.name)) from \(origin)"
            }
        report(.unknownSetting, subject + didYouMean(candidates.map(origin.spelling(of:))))
    }

    private mutating func warnAboutRepetition(_ assignment: Assignment, previous: Origin) {
        guard case .file(let path, let line) = assignment.origin, case .file(path, let earlier) = previous,
            line != earlier
        else { return }
        warn(["\(printable(assignment.name)) from \(assignment.origin) replaces line \(earlier)"])
    }
}

/// What a line of a configuration file can hold, so that every value can be dumped and read again.
private func isPlain(_ text: String) -> Bool {
    text.utf8.count <= maximumValueBytes && text.utf8.allSatisfy { ($0 >= 0x20 && $0 != 0x7F) || $0 == 0x09 }
}

/// Half of the longest line that is read.
private let maximumValueBytes = ConfigurationFile.maximumLineBytes / 2

extension SettingScope {
    func allows(_ origin: Origin) -> Bool {
        switch self {
        case .everywhere: true
        case .outsideFiles: !origin.isFile
        case .commandLineOnly: origin.isCommandLine
        }
    }
}

extension Origin {
    var isFile: Bool {
        if case .file = self { true } else { false }
    }

    var isCommandLine: Bool {
        switch self {
        case .option, .argument, .property(_, nil): true
        case .default, .file, .environment, .property: false
        }
    }

    /// sFlow-RT's users bring its properties along in files and as `-D`, never as our options or variables.
    var acceptsForeignProperties: Bool {
        switch self {
        case .file, .property: true
        case .default, .environment, .option, .argument: false
        }
    }
}
