// Everything that users have defined, as one immutable value with one version number.
//
// Coordinators change it and hand it to the workers whole; a worker that knows the version knows everything. A change
// makes a new set and leaves the old one alone, so whoever fails to keep or to spread the new one simply drops it.

package import FlowLanguage

package struct DefinitionSet: Sendable {
    package static let empty = DefinitionSet()

    /// Grows by one with each change; a change to what is there already is none. 0: nothing was ever defined.
    package private(set) var version: UInt64 = 0

    /// By name.
    package private(set) var flows: [String: FlowDefinition] = [:]
    package private(set) var thresholds: [String: ThresholdDefinition] = [:]
    package private(set) var groups: [String: AddressGroupDefinition] = [:]
    package private(set) var maps: [String: ValueMapDefinition] = [:]
    package private(set) var topology = Topology.empty
    /// Names of those of `flows` that the server has defined for itself.
    package private(set) var temporaryFlows: Set<String> = []

    private init() {}

    package func names(of kind: DefinitionKind) -> [String] {
        switch kind {
        case .flow: flows.keys.sorted()
        case .threshold: thresholds.keys.sorted()
        case .group: groups.keys.sorted()
        case .map: maps.keys.sorted()
        case .topology: []
        }
    }

    package func count(of kind: DefinitionKind) -> Int {
        switch kind {
        case .flow: flows.count
        case .threshold: thresholds.count
        case .group: groups.count
        case .map: maps.count
        case .topology: topology.isEmpty ? 0 : 1
        }
    }

    // MARK: Changing

    /// The set after a PUT or DELETE; the same version when nothing changes. Time linear in the number of definitions.
    /// - Parameter reservedMetricNames: names that no flow definition may take, because counters have them.
    package func applying(
        _ change: DefinitionChange, reservedMetricNames: Set<String>
    ) throws(DefinitionError) -> DefinitionSet {
        var set = self
        try set.apply(change, reservedMetricNames: reservedMetricNames)
        if !set.isSame(as: self, in: change.kind) { set.version += 1 }
        return set
    }

    /// Leaves the version as it is.
    mutating func apply(_ change: DefinitionChange, reservedMetricNames: Set<String>) throws(DefinitionError) {
        switch change {
        case .delete(let kind, let name): delete(kind, name)
        case .deleteTemporary(let name):
            if temporaryFlows.contains(name) { delete(.flow, name) }
        case .putTemporary(let name, let flow):
            guard flows[name] == nil || temporaryFlows.contains(name) else {
                throw DefinitionError(.reservedName, at: "", "the name \(shown(name)) is taken by a user's definition")
            }
            try checkName(name, of: .flow, reservedMetricNames)
            flows[name] = flow
            temporaryFlows.insert(name)
            try check(
                temporaryFlows.count, atMost: DefinitionLimits.temporaryFlows, "flow definitions of the server's own")
        case .put(_, .topology(let topology)): put(topology)
        case .put(let name, let definition):
            try checkName(name, of: definition.kind, reservedMetricNames)
            put(name, definition)
            try checkLimits(of: definition.kind)
        }
    }

    private mutating func put(_ name: String, _ definition: Definition) {
        switch definition {
        case .flow(let flow):
            flows[name] = flow
            temporaryFlows.remove(name)
        case .threshold(let threshold): thresholds[name] = threshold
        case .group(let group): groups[name] = group
        case .map(let map): maps[name] = map
        case .topology(let topology): put(topology)
        }
    }

    private mutating func put(_ new: Topology) {
        guard new != topology else { return }
        let version = topology.version + 1
        topology = new
        topology.version = version
    }

    private mutating func delete(_ kind: DefinitionKind, _ name: String) {
        switch kind {
        case .flow:
            flows[name] = nil
            temporaryFlows.remove(name)
        case .threshold: thresholds[name] = nil
        case .group: groups[name] = nil
        case .map: maps[name] = nil
        case .topology: put(.empty)
        }
    }

    private func checkName(
        _ name: String, of kind: DefinitionKind, _ reservedMetricNames: Set<String>
    ) throws(DefinitionError) {
        try DefinitionName.check(name, of: kind)
        guard kind == .flow, reservedMetricNames.contains(name) else { return }
        throw DefinitionError(.reservedName, at: "", "there is a counter metric \(shown(name)); give the flow another name")
    }

    private func checkLimits(of kind: DefinitionKind) throws(DefinitionError) {
        // What the server defines for itself takes no room from users.
        let ownCount = kind == .flow ? temporaryFlows.count : 0
        try check(count(of: kind) - ownCount, atMost: DefinitionLimits.definitionsPerKind, "\(kind.rawValue) definitions")
        switch kind {
        case .group:
            let prefixCount = groups.values.reduce(0) { $0 + $1.prefixCount }
            try check(prefixCount, atMost: DefinitionLimits.groupPrefixes, "prefixes in all groups together")
        case .map:
            let valueCount = maps.values.reduce(0) { $0 + $1.valueCount }
            try check(valueCount, atMost: DefinitionLimits.mapValues, "values in all maps together")
        case .threshold:
            let patternCount = thresholds.values.reduce(0) { $0 + $1.filter.reduce(0) { $0 + $1.patterns.count } }
            try check(patternCount, atMost: DefinitionLimits.thresholdPatterns, "patterns in all thresholds together")
        case .flow:
            let collectors = flows.values.reduce(into: Set<String>()) { $0.formUnion($1.ipfixCollectors) }
            try check(collectors.count, atMost: DefinitionLimits.collectorsOfAll, "collectors in all flow definitions together")
        case .topology: break
        }
    }

    private func check(_ count: Int, atMost limit: Int, _ what: String) throws(DefinitionError) {
        guard count <= limit else {
            throw DefinitionError(
                .limitExceeded, at: "", "at most \(limit) \(what) are possible; delete some that are no longer needed")
        }
    }

    // MARK: Keeping

    /// What outlives the process: everything but the flows that the server has defined for itself.
    package var kept: DefinitionSet {
        var set = self
        for name in temporaryFlows { set.delete(.flow, name) }
        return set
    }

    // MARK: Versions

    /// Continues after a version that was given out before, so that no number is given twice.
    package mutating func continueVersions(after version: UInt64, topology topologyVersion: UInt64) {
        self.version = max(self.version, version)
        topology.version = max(topology.version, topologyVersion)
    }
}

extension DefinitionSet: Equatable {
    /// Whether they define the same; versions aside.
    package static func == (a: DefinitionSet, b: DefinitionSet) -> Bool {
        DefinitionKind.allCases.allSatisfy { a.isSame(as: b, in: $0) }
    }

    package func isSame(as other: DefinitionSet, in kind: DefinitionKind) -> Bool {
        switch kind {
        case .flow: flows == other.flows && temporaryFlows == other.temporaryFlows
        case .threshold: thresholds == other.thresholds
        case .group: groups == other.groups
        case .map: maps == other.maps
        case .topology: topology == other.topology
        }
    }
}
