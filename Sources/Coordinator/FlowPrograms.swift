// Flow definitions compiled. A value: a change makes another one, in which everything that is not concerned is the same
// object as before, and whoever fails to keep the change drops it.

internal import Definitions
internal import FlowLanguage
internal import ShardEngine

struct FlowPrograms: Sendable {
    private(set) var environment: FlowEnvironment
    /// By name.
    private(set) var flows: [String: ActiveFlow] = [:]

    init(environment: FlowEnvironment) { self.environment = environment }

    /// All of them, in the order of their names, as shards want them.
    var inOrder: [ActiveFlow] { flows.keys.sorted().compactMap { flows[$0] } }

    /// The programs of a changed set. Definitions that stay keep their programs.
    func changed(from old: DefinitionSet, to new: DefinitionSet) throws(FlowRefusal) -> FlowPrograms {
        var programs = self
        programs.follow(old, new)
        for (name, definition) in new.flows where old.flows[name] != definition {
            programs.flows[name] = try programs.compile(name, definition)
        }
        return programs
    }

    /// The same programs with other databases.
    func with(addresses: any AddressDatabase, vendors: any VendorNames) -> FlowPrograms {
        var programs = self
        programs.environment.addresses = addresses
        programs.environment.vendors = vendors
        programs.bindAll()
        return programs
    }

    /// Leaves out flows that are no more, and takes over groups and maps.
    private mutating func follow(_ old: DefinitionSet, _ new: DefinitionSet) {
        flows = flows.filter { new.flows[$0.key] != nil }
        guard !new.isSame(as: old, in: .group) || !new.isSame(as: old, in: .map) else { return }
        environment.replace(old, by: new)
        bindAll()
    }

    private mutating func bindAll() {
        flows = flows.mapValues { ActiveFlow(name: $0.name, compiled: $0.compiled.bound(to: environment)) }
    }

    private func compile(_ name: String, _ definition: FlowDefinition) throws(FlowRefusal) -> ActiveFlow {
        do {
            let flow = ActiveFlow(name: name, compiled: try CompiledFlow(definition, environment: environment))
            _ = try FlowExportPlan(definition)
            return flow
        } catch {
            throw FlowRefusal(name: name, reason: "\(error)")
        }
    }
}

/// A flow definition that cannot be compiled, or whose records cannot be exported as it says.
package struct FlowRefusal: Error, Hashable, Sendable, CustomStringConvertible {
    package let name: String
    /// What is wrong where, for whoever wrote the definition.
    package let reason: String

    package var description: String { "flow \"\(name)\": \(reason)" }
}
