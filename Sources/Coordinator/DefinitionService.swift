// The one place where definitions change: flows, thresholds, groups, maps, topology. A change is checked, compiled, kept
// on disk, put in force everywhere, and only then acknowledged; one change after the other, each whole or not at all.

internal import DataFiles
internal import DefinitionStore
package import Definitions
package import FlowLanguage
package import ShardEngine

package actor DefinitionService {
    /// Where definitions are put in force. Each returns when all who count or test by definitions have the new ones.
    package struct Targets: Sendable {
        package var setTopology: @Sendable (Topology) async -> Void
        package var setFlows: @Sendable ([ActiveFlow]) async -> Void
        /// nil where nobody tests thresholds.
        package var setThresholds: (@Sendable ([String: ThresholdDefinition]) async -> Void)?
        /// Told before the shards, so that no record comes to one who does not know its definition. nil where nobody exports.
        package var setExports: (@Sendable ([String: FlowDefinition]) -> Void)?
        /// Takes everything at once: other nodes, which compile it themselves. nil where there are none.
        package var spread: (@Sendable (DefinitionSet) async -> Void)?

        package init(
            setTopology: @escaping @Sendable (Topology) async -> Void = { _ in },
            setFlows: @escaping @Sendable ([ActiveFlow]) async -> Void = { _ in },
            setThresholds: (@Sendable ([String: ThresholdDefinition]) async -> Void)? = nil,
            setExports: (@Sendable ([String: FlowDefinition]) -> Void)? = nil,
            spread: (@Sendable (DefinitionSet) async -> Void)? = nil
        ) {
            self.spread = spread
            self.setTopology = setTopology
            self.setFlows = setFlows
            self.setThresholds = setThresholds
            self.setExports = setExports
        }
    }

    /// What is in force.
    package private(set) var current = DefinitionSet.empty
    private var programs: FlowPrograms
    private var files: AddressFiles
    private let targets: Targets
    private let store: (any DefinitionKeeper)?
    private let reservedMetricNames: Set<String>
    private let report: @Sendable (String) -> Void
    /// The last change that was begun.
    private var lastTurn: Task<Void, Never>?

    /// - Parameters:
    ///   - store: nil to keep nothing over a restart.
    ///   - reservedMetricNames: names of counter metrics, which no flow may take.
    ///   - report: told what the operator must know: files that cannot be used, definitions that were left out.
    package init(
        targets: Targets, store: (any DefinitionKeeper)? = nil, files: AddressFiles = AddressFiles(.init()),
        reverseNames: any ReverseNames = NothingKnown(), reservedMetricNames: Set<String>, report: @escaping @Sendable (String) -> Void
    ) {
        self.targets = targets
        self.store = store
        self.files = files
        self.reservedMetricNames = reservedMetricNames
        self.report = report
        var environment = FlowEnvironment(seed: .random(in: .min ... .max))
        environment.reverseNames = reverseNames
        programs = FlowPrograms(environment: environment)
    }

    /// Puts in force what the store has, and on top of it the file of `--define`: before the first datagram, and when a
    /// coordinator begins to lead.
    /// Throws `StoreError` or `FlowRefusal`: what people wrote for this very start is wrong, or nothing can be kept.
    package func start(defineFile: String? = nil) async throws {
        try await inTurn { try await $0.load(defineFile: defineFile) }
    }

    /// Makes a change; it is in force everywhere, and kept, when this returns. What is so already changes nothing.
    /// Throws `DefinitionError` or `FlowRefusal` when the change is not possible, `StoreError` when it cannot be kept.
    package func apply(_ change: DefinitionChange) async throws {
        try await inTurn { try await $0.change(change) }
    }

    /// Puts in force what another node has decided and sent: a definition document. Throws `DefinitionError` or `FlowRefusal`
    /// when this program does not understand all of it; then nothing changes.
    package func adopt(_ document: [UInt8]) async throws {
        try await inTurn { try await $0.takeOver(document) }
    }

    /// Vendors of MAC addresses, as far as they are known.
    package var vendorNames: any VendorNames { programs.environment.vendors }

    /// Looks whether the databases of addresses were replaced, again and again until the task is cancelled.
    /// - Parameter pause: ends when it is time to look again; throws when the task is cancelled.
    package func watchFiles(pause: @Sendable () async throws -> Void) async {
        while (try? await pause()) != nil {
            try? await inTurn { await $0.followFiles() }
        }
    }

    // MARK: One after the other

    /// Runs a body when all that was begun before has ended. An actor by itself would let another change begin wherever
    /// this one waits. A task of its own, so that a client that goes away leaves no change half done.
    private func inTurn(_ body: @escaping @Sendable (isolated DefinitionService) async throws -> Void) async throws {
        let before = lastTurn
        let turn = Task {
            await before?.value
            try await body(self)
        }
        lastTurn = Task { _ = await turn.result }
        try await turn.value
    }

    private func load(defineFile: String?) async throws {
        _ = refreshFiles()
        var set = DefinitionSet.empty
        var programs = programs
        if let store {
            let loaded = try await store.loadKept(reservedMetricNames: reservedMetricNames)
            set = loaded.set
            loaded.messages.forEach(report)
            programs = try programs.changed(from: .empty, to: set)
        }
        if let defineFile {
            let stored = set
            set = try await onFileThread { () throws(StoreError) in
                try loadDefineFile(defineFile, into: stored, reservedMetricNames: self.reservedMetricNames)
            }
            programs = try programs.changed(from: stored, to: set)
            try await keep(set, kinds: DefinitionKind.allCases.filter { !set.isSame(as: stored, in: $0) })
        }
        await putInForce(set, programs, kinds: DefinitionKind.allCases)
    }

    private func takeOver(_ text: [UInt8]) async throws {
        var set = DefinitionSet.empty
        let document = try DefinitionDocument(text: text, sizeMax: text.count)
        if let refused = set.restore(document, reservedMetricNames: reservedMetricNames).first { throw refused }
        await followFiles()
        let programs = try programs.changed(from: current, to: set)
        await putInForce(set, programs, kinds: DefinitionKind.allCases.filter { !set.isSame(as: current, in: $0) })
    }

    private func change(_ change: DefinitionChange) async throws {
        let set = try current.applying(change, reservedMetricNames: reservedMetricNames)
        guard set.version != current.version else { return }
        await followFiles()
        let programs = try programs.changed(from: current, to: set)
        try await keep(set, kinds: [change.kind])
        await putInForce(set, programs, kinds: [change.kind])
    }

    private func keep(_ set: DefinitionSet, kinds: [DefinitionKind]) async throws {
        guard let store, !kinds.isEmpty else { return }
        try await store.keep(set, kinds: kinds)
    }

    /// The topology before the flows that ask for its names, the flows before the thresholds that test them.
    private func putInForce(_ set: DefinitionSet, _ programs: FlowPrograms, kinds: [DefinitionKind]) async {
        if kinds.contains(.topology) { await targets.setTopology(set.topology) }
        if kinds.contains(.flow) { targets.setExports?(set.flows) }
        if kinds.contains(where: { [.flow, .group, .map].contains($0) }) { await targets.setFlows(programs.inOrder) }
        if kinds.contains(.threshold) { await targets.setThresholds?(set.thresholds) }
        await targets.spread?(set)
        current = set
        self.programs = programs
    }

    private func followFiles() async {
        if refreshFiles() { await targets.setFlows(programs.inOrder) }
    }

    /// True when programs have been bound to other databases, which the targets do not have yet.
    private func refreshFiles() -> Bool {
        guard files.refresh({ report("\($0)") }) else { return false }
        programs = programs.with(addresses: files.addresses, vendors: files.vendorNames)
        return true
    }
}
