// All metrics that the engine knows: the compiled tables, found from a record and from a name.

internal import SFlow

package struct Catalogue: Sendable {
    /// Compiled once; all shards share it.
    package static let standard = Catalogue(
        InterfaceStructures.all + HostStructures.all + GuestStructures.all)

    /// Sorted by layout, so that the structures of one record stand together.
    let structures: [CompiledStructure]
    /// Structures of each layout, by the layout's index.
    private let structuresOfLayout: [Range<UInt8>]
    /// Other names: name asked for → name of the metric.
    private var aliases: [String: String] = [
        "nvml_gputime": "nvml_gpu_time", "nvml_memtime": "nvml_mem_time", "vir_nvml_gpu_time": "vir_nvml_gputime",
    ]
    private let columnsByName: [String: [ColumnReference]]
    /// For the few columns whose metric has a better place: which ones.
    private let preferred: [ColumnReference: [ColumnReference]]
    /// Prefixes and suffixes of names with an instance's number.
    private let instanceNames: [(prefix: String, suffix: String, column: ColumnReference)]

    /// Where a metric is kept.
    package struct ColumnReference: Hashable, Sendable, BitwiseCopyable {
        let structure: StructureID
        let column: Int
        /// nil for all instances of the structure.
        var instance: UInt32
    }

    init(_ rules: [CounterStructure]) {
        let sorted = rules.map { ($0.layoutID.index, CompiledStructure.compile($0)) }.enumerated()
            .sorted { ($0.element.0, $0.offset) < ($1.element.0, $1.offset) }.map(\.element)
        structures = sorted.map(\.1)
        structuresOfLayout = CounterLayouts.all.indices.map { layout in
            let first = sorted.firstIndex { Int($0.0) >= layout } ?? sorted.count
            let end = sorted.firstIndex { Int($0.0) > layout } ?? sorted.count
            return UInt8(first)..<UInt8(end)
        }
        var byName: [String: [ColumnReference]] = [:]
        var instances: [(prefix: String, suffix: String, column: ColumnReference)] = []
        for (index, structure) in structures.enumerated() {
            for (place, column) in structure.columns.enumerated() {
                let reference = ColumnReference(structure: StructureID(index: UInt8(index)), column: place, instance: 0)
                if let suffix = column.suffix {
                    instances.append((column.prefix, suffix, reference))
                } else {
                    byName[column.prefix, default: []].append(reference)
                }
            }
        }
        columnsByName = byName
        preferred = byName.values.reduce(into: [:]) { preferred, places in
            for (index, place) in places.enumerated().dropFirst() { preferred[place] = Array(places[..<index]) }
        }
        instanceNames = instances
    }

    /// The same with further names for metrics.
    package func adding(aliases more: [String: String]) -> Catalogue {
        var catalogue = self
        catalogue.aliases.merge(more) { _, new in new }
        return catalogue
    }

    /// The name under which a metric is kept.
    func canonicalName(_ name: String) -> String { aliases[name] ?? name }

    /// The structures that a record of this layout fills on a data source of this class.
    func structures(of layout: CounterLayoutID) -> Range<UInt8> { structuresOfLayout[Int(layout.index)] }

    /// Where a metric may be found, the preferred place first; empty for a name that no structure has (a custom
    /// metric's, perhaps).
    package func columns(named name: String) -> [ColumnReference] {
        if let columns = columnsByName[name] { return columns }
        return instanceNames.compactMap { prefix, suffix, column in
            guard name.hasPrefix(prefix), name.hasSuffix(suffix), name.count > prefix.count + suffix.count else { return nil }
            let digits = name.dropFirst(prefix.count).dropLast(suffix.count)
            guard let number = UInt32(digits), String(number) == digits else { return nil }
            var column = column
            column.instance = number
            return column
        }
    }

    /// Places that come before this one for its metric.
    func preferredColumns(to reference: ColumnReference) -> [ColumnReference] {
        preferred.isEmpty ? [] : preferred[reference] ?? []
    }

    package func name(of reference: ColumnReference) -> String {
        structures[Int(reference.structure.index)].columns[reference.column].name(instance: reference.instance)
    }

    /// Every metric name without an instance number, sorted.
    package var names: [String] { columnsByName.keys.sorted() }
}
