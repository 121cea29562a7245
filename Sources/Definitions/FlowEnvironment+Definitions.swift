// What the flow language looks addresses and values up in, made from what users configured.

package import FlowLanguage

extension FlowEnvironment {
    /// Replaces the groups and maps of one set by those of another. What is the same in both stays as it is: a tree of
    /// a million prefixes is not built again because another definition changed.
    package mutating func replace(_ old: DefinitionSet, by new: DefinitionSet) {
        for name in old.groups.keys where new.groups[name] == nil { groups[name] = nil }
        for (name, group) in new.groups where groups[name] == nil || group != old.groups[name] {
            // Nothing is thrown: all prefixes were checked when the definition was read.
            groups[name] = try? AddressGroups(group.labels.map { ($0.label, $0.items.map(\.description)) })
        }
        for name in old.maps.keys where new.maps[name] == nil { maps[name] = nil }
        for (name, map) in new.maps where maps[name] == nil || map != old.maps[name] {
            maps[name] = ValueMap(map.labels.map { ($0.label, $0.items) }, seed: seed)
        }
    }
}
