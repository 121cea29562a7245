/// The settings of a run as a configuration file that gives the same settings again.
extension SettingsTable {
    /// Every setting of the command, explained, with its default and where its value came from. What cannot be set in
    /// a file is left out, what is unset is a comment.
    package func dump(_ settings: Settings) -> String {
        var lines = ["# Settings of weir \(settings.command.rawValue)."]
        for group in groups {
            let members = group.settings.filter { $0.commands.contains(settings.command) && $0.scope == .everywhere }
            let families = group.families.filter { $0.commands.contains(settings.command) }
            if members.isEmpty, families.isEmpty { continue }
            lines += ["", "# ---- \(group.title) ----"]
            for setting in members { lines += [""] + entry(setting, settings.value(of: setting)) }
            for family in families { lines += [""] + entry(family, settings.members(of: family)) }
        }
        return lines.joined(separator: "\n") + "\n"
    }

    private func entry(_ setting: Setting, _ value: GivenValue) -> [String] {
        var lines = comment("\(setting.help). Takes \(setting.expected).")
        let standard = setting.defaultText.map { $0.isEmpty ? "empty" : $0 } ?? "unset"
        lines.append("# Default: \(standard)." + (value.origin == .default ? "" : " Set by \(value.origin)."))
        guard let text = value.text else { return lines + ["#\(setting.name) ="] }
        return lines + ["\(setting.name) = \(text)"]
    }

    private func entry(_ family: SettingFamily, _ members: [String: GivenValue]) -> [String] {
        var lines = comment("\(family.help). Takes \(family.kind.expected).")
        lines.append("#\(family.prefix)\(family.memberPlaceholder) =")
        for (member, value) in members.sorted(by: { $0.key < $1.key }) {
            lines.append("# Set by \(value.origin).")
            lines.append("\(family.prefix)\(member) = \(value.text ?? "")")
        }
        return lines
    }

    private func comment(_ text: String) -> [String] {
        wrapped(text, columns: 98).map { "# " + $0 }
    }
}

/// Lines of at most so many characters, broken at spaces; a longer word has a line to itself.
func wrapped(_ text: String, columns: Int) -> [String] {
    var lines: [String] = []
    var line = ""
    for word in text.split(separator: " ") {
        if !line.isEmpty, line.count + 1 + word.count > columns {
            lines.append(line)
            line = ""
        }
        line += (line.isEmpty ? "" : " ") + word
    }
    return line.isEmpty ? lines : lines + [line]
}
