/// Every setting there is, with lookup by any of its names.
package struct SettingsTable: Sendable {
    let groups: [SettingGroup]
    /// Properties of sFlow-RT that are accepted although nothing here obeys them yet.
    let withoutEffect: PropertyNames
    /// Environment variables that begin with our prefix and belong to somebody else.
    let foreignVariables: Set<String>
    private let byName: [String: Match]

    /// What a name stands for.
    enum Match: Sendable {
        case setting(Setting, alias: SettingAlias?)
        case member(String, of: SettingFamily)
        case withoutEffect
        case unknown
    }

    init(groups: [SettingGroup], withoutEffect: PropertyNames, foreignVariables: Set<String>) {
        self.groups = groups
        self.withoutEffect = withoutEffect
        self.foreignVariables = foreignVariables
        var byName: [String: Match] = [:]
        for setting in groups.flatMap(\.settings) {
            byName[SettingName.normalised(setting.name)] = .setting(setting, alias: nil)
            for alias in setting.aliases {
                byName[SettingName.normalised(alias.name)] = .setting(setting, alias: alias)
            }
        }
        self.byName = byName
    }

    var settings: [Setting] { groups.flatMap(\.settings) }
    var families: [SettingFamily] { groups.flatMap(\.families) }

    func match(_ name: String) -> Match {
        guard name.utf8.count <= SettingName.maximumBytes else { return .unknown }
        let normalised = SettingName.normalised(name)
        if let match = byName[normalised] { return match }
        for family in families where normalised.hasPrefix(family.prefix) {
            // The chosen part keeps its spelling; normalising changed no length.
            return .member(String(Substring(name.utf8.dropFirst(family.prefix.utf8.count))), of: family)
        }
        return withoutEffect.contain(normalised) ? .withoutEffect : .unknown
    }

    /// Up to three names that an unknown one was perhaps meant to be. `commands` limits the choice to their settings.
    func suggestions(for name: String, commands: Set<Command>, inFile: Bool = false) -> [String] {
        guard name.utf8.count <= SettingName.maximumBytes else { return [] }
        let candidates = settings.filter { setting in
            !setting.commands.isDisjoint(with: commands) && !(inFile && setting.scope != .everywhere)
        }
        return closest(to: SettingName.normalised(name), among: candidates.map(\.name))
    }
}

/// Settings that are explained together.
struct SettingGroup: Sendable {
    let title: String
    let settings: [Setting]
    let families: [SettingFamily]

    init<each Value>(_ title: String, _ keys: repeat SettingKey<each Value>, families: [SettingFamily] = []) {
        self.title = title
        self.families = families
        var settings: [Setting] = []
        for key in repeat each keys { settings.append(key.setting) }
        self.settings = settings
    }
}

/// A set of property names: some in full, some by how they begin.
struct PropertyNames: Sendable {
    private let names: Set<String>
    private let prefixes: [String]

    init(names: [String], prefixes: [String]) {
        self.names = Set(names.map(SettingName.normalised))
        self.prefixes = prefixes.map(SettingName.normalised)
    }

    func contain(_ normalisedName: String) -> Bool {
        names.contains(normalisedName) || prefixes.contains { normalisedName.hasPrefix($0) }
    }
}
