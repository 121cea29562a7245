/// `weir help`: generated from the table, so that it cannot be out of date. At most 96 columns.
extension SettingsTable {
    private static var columns: Int { 96 }
    private static var textColumn: Int { 34 }

    /// The help of one command; an overview when nil. Ends with a line end.
    package func help(_ command: Command?) -> String {
        guard let command else { return overview() }
        let arguments = command.positionals.map { $0.uppercased() + " " }.joined()
        var lines = ["weir \(command.rawValue): \(command.summary)", ""]
        lines.append("Usage: weir \(command.rawValue) \(arguments)[--option value …] [-Dname=value …]")
        for group in groups {
            let members = group.settings.filter { $0.commands.contains(command) }
            let families = group.families.filter { $0.commands.contains(command) }
            if members.isEmpty, families.isEmpty { continue }
            lines += ["", group.title]
            for setting in members { lines += entry(usage(setting), help(setting)) }
            for family in families {
                let option = SettingName.option(family.prefix) + family.memberPlaceholder
                lines += entry("\(option) \(family.kind.placeholder)", family.help)
            }
        }
        return (lines + [""] + rules()).joined(separator: "\n") + "\n"
    }

    private func overview() -> String {
        var lines = ["Weir measures the flow of a network from the sFlow of its switches, routers and hosts.", ""]
        lines += ["Usage: weir [COMMAND] [--option value …]", "", "Commands"]
        for command in Command.allCases { lines += entry(command.rawValue, command.summary) }
        lines += entry("help [COMMAND]", "explain the settings of a command")
        lines += entry("version", "print the version (also --version)")
        return (lines + [""] + rules()).joined(separator: "\n") + "\n"
    }

    private func rules() -> [String] {
        wrapped(
            "Each setting can be given as an option (--http-port 8008), as a property (-Dhttp.port=8008), as an "
                + "environment variable (WEIR_HTTP_PORT=8008) and as a line of a configuration file "
                + "(http.port = 8008). The command line counts more than the environment, the environment more than "
                + "files, files more than defaults. An empty value means the default.",
            columns: SettingsTable.columns)
    }

    private func usage(_ setting: Setting) -> String {
        let option = SettingName.option(setting.name)
        guard setting.shape == .flag else { return "\(option) \(setting.placeholder)" }
        // The spelling that changes something.
        return setting.defaultText == "yes" ? SettingName.option("no." + setting.name) : option
    }

    private func help(_ setting: Setting) -> String {
        guard setting.shape != .flag else {
            return setting.defaultText == "yes" ? "Do not " + setting.help.lowercasedFirst : setting.help
        }
        return setting.help + (setting.defaultText.map { " (default\(noBreak)\($0))" } ?? "")
    }

    /// Name at the left, text in its column; a long name has a line to itself.
    private func entry(_ name: String, _ text: String) -> [String] {
        let column = SettingsTable.textColumn
        let margin = String(repeating: " ", count: column)
        var lines = wrapped(text, columns: SettingsTable.columns - column)
            .map { margin + $0.replacing(noBreak, with: " ") }
        let left = "  " + name
        guard left.count < column - 1, let first = lines.first else { return [left] + lines }
        lines[0] = left + first.dropFirst(left.count)
        return lines
    }
}

/// Keeps "(default 1)" on one line.
private let noBreak = "\u{A0}"

extension String {
    fileprivate var lowercasedFirst: String { prefix(1).lowercased() + dropFirst() }
}
