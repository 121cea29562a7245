/// The settings of one run, resolved: `settings.sflowPort` is an `Int`, `settings.replay` a `String?`.
///
/// The members are those of `SettingKeys`. Values were checked by the kind that reads them here: reading cannot fail.
@dynamicMemberLookup
package struct Settings: Sendable {
    package let command: Command
    private var values: [String: GivenValue] = [:]
    private var members: [String: [String: GivenValue]] = [:]

    init(command: Command) {
        self.command = command
    }

    package subscript<Value>(dynamicMember path: KeyPath<SettingKeys, SettingKey<Value>>) -> Value {
        let key = SettingKeys.shared[keyPath: path]
        return values[key.setting.name]?.text.flatMap(key.kind.parse) ?? key.defaultValue
    }

    package subscript(dynamicMember path: KeyPath<SettingKeys, SettingFamily>) -> [String: String] {
        members(of: SettingKeys.shared[keyPath: path]).compactMapValues(\.text)
    }

    package func origin<Value>(of path: KeyPath<SettingKeys, SettingKey<Value>>) -> Origin {
        value(of: SettingKeys.shared[keyPath: path].setting).origin
    }

    func value(of setting: Setting) -> GivenValue {
        values[setting.name] ?? GivenValue(text: setting.defaultText, origin: .default)
    }

    func members(of family: SettingFamily) -> [String: GivenValue] {
        members[family.prefix] ?? [:]
    }

    mutating func set(_ setting: Setting, to value: GivenValue) {
        values[setting.name] = value
    }

    mutating func set(_ member: String, of family: SettingFamily, to value: GivenValue) {
        members[family.prefix, default: [:]][member] = value.text == nil ? nil : value
    }
}

/// A checked value in its canonical text, nil when unset, and where it came from.
struct GivenValue: Hashable, Sendable {
    let text: String?
    let origin: Origin
}
