// The flow definitions behind scrapes of flows. A scrape names keys, a value and a filter instead of a definition, so the
// server defines the flows itself, and forgets them when nobody has asked for five minutes. They are definitions like any
// other: they go through the one service, everybody sees them, and a user who removes one has it made again by the next
// scrape.

package import Coordinator
internal import Definitions
internal import FlowLanguage

package actor ScrapedFlows {
    /// Time after the last scrape.
    package static let lifetime = Duration.seconds(300)

    private struct Entry {
        let name: String
        var lastUse: ContinuousClock.Instant
    }

    private let service: DefinitionService
    private let now: @Sendable () -> ContinuousClock.Instant
    private var entries: [FlowDefinition: Entry] = [:]
    /// Names of definitions that nobody asks for any more and that are still to be removed.
    private var unused: Set<String> = []
    private var nextNumber = 0

    package init(
        _ service: DefinitionService, now: @escaping @Sendable () -> ContinuousClock.Instant = { .now }
    ) {
        self.service = service
        self.now = now
    }

    /// The name under which a definition is in force: the one that it has, or that it gets now. Throws what
    /// `DefinitionService.apply` throws.
    func name(of definition: FlowDefinition) async throws -> String {
        if entries[definition] == nil { await removeUnused() }
        let flows = await service.current.flows
        let entry = openEntry(definition, flows)
        guard flows[entry.name] != definition else { return entry.name }
        do {
            try await service.apply(.putTemporary(name: entry.name, definition))
        } catch {
            if entries[definition]?.name == entry.name { entries[definition] = nil }
            throw error
        }
        return entry.name
    }

    /// Without a pause inside: of two first scrapes at the same time both get one name.
    private func openEntry(_ definition: FlowDefinition, _ flows: [String: FlowDefinition]) -> Entry {
        // A user may have put something else under the name.
        if let name = entries[definition]?.name, flows[name] == nil || flows[name] == definition {
            entries[definition]?.lastUse = now()
            return Entry(name: name, lastUse: now())
        }
        while flows["prometheus_\(nextNumber)"] != nil { nextNumber += 1 }
        let entry = Entry(name: "prometheus_\(nextNumber)", lastUse: now())
        nextNumber += 1
        entries[definition] = entry
        return entry
    }

    /// Removes definitions whose last scrape is long ago. What cannot be removed now is tried again the next time.
    package func removeUnused() async {
        let oldest = now() - ScrapedFlows.lifetime
        for (definition, entry) in entries where entry.lastUse <= oldest {
            entries[definition] = nil
            unused.insert(entry.name)
        }
        for name in unused where (try? await service.apply(.deleteTemporary(name: name))) != nil { unused.remove(name) }
    }
}
