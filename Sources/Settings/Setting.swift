/// The description of one setting, and the typed key by which the program reads it.
///
/// Two types for one thing: `SettingKey` knows the Swift type and is what call sites use; `Setting` has forgotten it,
/// so that all settings fit in one table.
package struct Setting: Sendable {
    /// The canonical property name, dotted and in lower case: `sflow.port`.
    package let name: String
    /// One or two sentences for people, without the default.
    package let help: String
    /// Canonical text of the default; nil when the setting is unset by default.
    package let defaultText: String?
    package let commands: Set<Command>
    package let scope: SettingScope
    let aliases: [SettingAlias]
    let shape: SettingShape
    let expected: String
    let placeholder: String
    /// The canonical text of a value; nil when it is not acceptable.
    let canonical: @Sendable (String) -> String?
}

/// Reads one setting as a value of its own type.
package struct SettingKey<Value: Sendable>: Sendable {
    package let setting: Setting
    let kind: SettingKind<Value>
    let defaultValue: Value

    init(
        _ name: String, _ kind: SettingKind<Value>, default defaultValue: Value, for commands: Set<Command>,
        scope: SettingScope = .everywhere, aliases: [SettingAlias] = [], help: String
    ) {
        self.kind = kind
        self.defaultValue = defaultValue
        setting = Setting(
            name: name, help: help, defaultText: kind.format(defaultValue), commands: commands, scope: scope,
            aliases: aliases, shape: kind.shape, expected: kind.expected, placeholder: kind.placeholder,
            canonical: { kind.parse($0).flatMap(kind.format) })
    }
}

/// Where a setting may be given.
package enum SettingScope: Sendable {
    case everywhere
    /// Not in a configuration file: it says which files to read.
    case outsideFiles
    /// It asks for one action of this one run.
    case commandLineOnly
}

/// Another name under which a setting is known.
struct SettingAlias: Sendable {
    let name: String
    /// Why people should use the setting's own name; nil when this name is as good.
    let warning: String?
    /// From the alias's value to the setting's; nil when it is not acceptable.
    let convert: @Sendable (String) -> String?
    /// What `convert` accepts; nil: the same as the setting.
    let expected: String?

    /// A name that keeps its meaning: sFlow-RT's word for the same thing.
    static func synonym(_ name: String) -> SettingAlias {
        SettingAlias(name: name, warning: nil, convert: { $0 }, expected: nil)
    }

    /// A former name.
    static func renamed(_ name: String) -> SettingAlias {
        SettingAlias(name: name, warning: "has a new name", convert: { $0 }, expected: nil)
    }

    /// A name whose value has another unit.
    static func converted(
        _ name: String, warning: String, expected: String, by convert: @escaping @Sendable (String) -> String?
    ) -> SettingAlias {
        SettingAlias(name: name, warning: warning, convert: convert, expected: expected)
    }
}

/// Settings that share a prefix and whose last part the user chooses: `metrics.alias.<name>`.
package struct SettingFamily: Sendable {
    /// With its final dot.
    let prefix: String
    /// Stands for the chosen part in the help: NAME.
    let memberPlaceholder: String
    let help: String
    let commands: Set<Command>
    let member: SettingKind<String>
    let kind: SettingKind<String>
}
