/// From the process's arguments, environment and files to its settings. Pure: files are read by the caller's function.

/// What this run is to do.
package enum Action: Hashable, Sendable {
    case run
    /// Settings are good: say so and end.
    case check
    /// Print `SettingsTable.dump` and end.
    case dump
    /// Print `SettingsTable.help` of that command, of all when nil, and end.
    case help(Command?)
    case version
}

package struct Resolution: Sendable {
    package let action: Action
    /// `settings.command` is the command.
    package let settings: Settings
    /// One line each, for standard error or the log.
    package let warnings: [String]
}

extension SettingsTable {
    /// - Parameters:
    ///   - arguments: without the program's own name.
    ///   - readFile: the bytes of a file; what it throws is described in the error message.
    package func resolve(
        arguments: [String], environment: [String: String], readFile: (String) throws -> [UInt8]
    ) throws(SettingsErrors) -> Resolution {
        let (command, isNamed, rest) = try splitCommand(arguments)
        let commandLine = CommandLineReader(rest, command: command, table: self)
        if let action = asksToExplain(arguments, command: isNamed ? command : nil, commandLine.assignments) {
            return Resolution(action: action, settings: Settings(command: command), warnings: [])
        }
        let environment = EnvironmentReader(environment, foreignVariables: foreignVariables)
        var resolver = Resolver(table: self, command: command)
        resolver.warn(environment.warnings)
        for path in configurationFiles(command, environment.assignments, commandLine.assignments) {
            resolver.applyFile(path, readFile)
        }
        resolver.apply(environment.assignments)
        resolver.report(commandLine.problems)
        resolver.apply(commandLine.assignments)
        // Whoever asks for the settings of `simulate` need not know a target yet.
        if resolver.problems.isEmpty, !resolver.settings.dump {
            for conflict in command.conflicts(in: resolver.settings) { resolver.report(.conflict, conflict) }
        }
        guard resolver.problems.isEmpty else {
            throw SettingsErrors(problems: resolver.problems, warnings: resolver.warnings)
        }
        let settings = resolver.settings
        let action: Action = settings.dump ? .dump : settings.check ? .check : .run
        return Resolution(action: action, settings: settings, warnings: resolver.warnings)
    }

    /// The first argument is the command unless it is an option; `serve` needs no name.
    private func splitCommand(
        _ arguments: [String]
    ) throws(SettingsErrors) -> (command: Command, isNamed: Bool, rest: ArraySlice<String>) {
        guard let first = arguments.first, !first.hasPrefix("-") else { return (.serve, false, arguments[...]) }
        if let command = Command(rawValue: first) { return (command, true, arguments.dropFirst()) }
        guard first == "help" || first == "version" else { throw unknownCommand(first) }
        let rest = arguments.dropFirst()
        guard first == "help", let topic = rest.first, !topic.hasPrefix("-") else { return (.serve, false, rest) }
        guard let command = Command(rawValue: topic) else { throw unknownCommand(topic) }
        return (command, true, rest.dropFirst())
    }

    private func unknownCommand(_ text: String) -> SettingsErrors {
        let known = Command.allCases.map(\.rawValue) + ["help", "version"]
        let near = text.utf8.count <= SettingName.maximumBytes ? closest(to: text, among: known) : []
        let hint = near.isEmpty ? "; expected \(enumeration(of: known))" : didYouMean(near)
        let message = "unknown command \(printable(text))" + hint
        return SettingsErrors(problems: [SettingsProblem(reason: .unknownCommand, message: message)], warnings: [])
    }

    /// Help and version come first: whoever asks for help may have got the rest wrong.
    private func asksToExplain(_ arguments: [String], command: Command?, _ given: [Assignment]) -> Action? {
        if arguments.first == "help" { return .help(command) }
        if arguments.first == "version" { return .version }
        var asked = Resolver(table: self, command: command ?? .serve)
        let keys = SettingKeys.shared
        asked.apply(given.filter { isAbout($0, keys.help.setting) || isAbout($0, keys.version.setting) })
        if asked.settings.help { return .help(command) }
        return asked.settings.version ? .version : nil
    }

    /// The files to read, the later over the earlier: those of the command line, or else of the environment.
    private func configurationFiles(_ command: Command, _ sources: [Assignment]...) -> [String] {
        var asked = Resolver(table: self, command: command)
        for source in sources { asked.apply(source.filter { isAbout($0, SettingKeys.shared.config.setting) }) }
        return asked.settings.config
    }

    private func isAbout(_ assignment: Assignment, _ wanted: Setting) -> Bool {
        guard case .setting(let setting, _) = match(assignment.name) else { return false }
        return setting.name == wanted.name
    }
}

extension Resolver {
    mutating func applyFile(_ path: String, _ readFile: (String) throws -> [UInt8]) {
        let bytes: [UInt8]
        do {
            bytes = try readFile(path)
        } catch {
            return report(.unreadableFile, "\(printable(path)): cannot be read: \(printable("\(error)"))")
        }
        let file = ConfigurationFile(bytes)
        for fault in file.faults { report(.malformedLine, "\(printable(path)) line \(fault.line): \(fault.text)") }
        for entry in file.entries {
            if problems.count >= Resolver.maximumProblemCount { return }
            let origin = Origin.file(path: path, line: entry.line)
            apply([Assignment(name: entry.name, text: entry.value, origin: origin)])
        }
    }

    /// More problems than this are one: the wrong file. Those of later files are then not looked for.
    static let maximumProblemCount = 100
}
