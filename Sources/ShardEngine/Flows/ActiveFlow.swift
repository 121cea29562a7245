// A flow definition in force, and what one agent has seen of it.

package import FlowLanguage
internal import Bytes

/// A compiled definition with its name. Shared by all shards; replaced, never changed.
package final class ActiveFlow: Sendable {
    package let name: String
    package let compiled: CompiledFlow
    let shape: FlowTable.Shape
    /// One table an agent instead of one a data source (`aggMode: "AGENT"`).
    let combinesSources: Bool
    /// See `ExportedFlow`.
    let exportLayout: String?
    /// Whether the value is a rate, as the table keeps them.
    let isRate: Bool
    /// Whether there is nothing to keep but that rate.
    let isRateAlone: Bool
    /// Whether its flows become records when they end.
    let makesRecords: Bool

    package init(name: String, compiled: CompiledFlow) {
        self.name = name
        self.compiled = compiled
        let definition = compiled.definition
        isRate = compiled.valueFunction == .rate
        isRateAlone = isRate && compiled.valuesFunctions.isEmpty
        makesRecords = definition.makesRecords
        shape = FlowTable.Shape(seconds: definition.t, shownCount: definition.n)
        combinesSources = definition.aggMode?.uppercased() == "AGENT"
        exportLayout = ExportedFlow.layout(definition)
    }

    /// The text of a packed key.
    package func keyText(_ key: [UInt8]) -> String {
        // Bytes have no invalid values.
        compiled.keyText(unsafe key.span.bytes)
    }

    /// What stands between the components of a key's text.
    package var keySeparator: String { compiled.definition.fs }

    /// The text of a packed key of any definition with this separator. The key may come from another node.
    package static func keyText(_ key: [UInt8], separator: String) -> String {
        PackedKey.text(unsafe key.span.bytes, separator: separator)
    }

    /// Whether what was counted for one counts for the other as well.
    func continues(_ other: ActiveFlow) -> Bool {
        name == other.name && compiled.definition == other.compiled.definition
    }
}

/// What every sample needs of a definition. The shard that made it keeps the definition.
struct FlowAtHand: BitwiseCopyable {
    let compiled: Uncounted<CompiledFlow>
    let combinesSources: Bool, makesRecords: Bool

    init(_ flow: ActiveFlow) {
        compiled = Uncounted(flow.compiled)
        (combinesSources, makesRecords) = (flow.combinesSources, flow.makesRecords)
    }
}

/// One definition's flows at one agent.
final class FlowState {
    private(set) var flow: ActiveFlow
    private let isRate: Bool, isRateAlone: Bool
    /// Not checked for two uses at a time, at each sample: only the shard's thread touches it, and no function of a table
    /// calls anything that could lead back to it.
    @exclusivity(unchecked) private var ownTable: FlowTable
    var table: FlowTable {
        @inline(__always) _read { yield unsafe ownTable }
        @inline(__always) _modify { yield unsafe &ownTable }
    }
    var values: FlowValues?
    var newestArrival: Int64 = 0
    /// Of definitions that make records.
    var log: FlowLog?

    init(_ flow: ActiveFlow) {
        self.flow = flow
        (isRate, isRateAlone) = (flow.isRate, flow.isRateAlone)
        unsafe ownTable = FlowTable(shape: flow.shape)
        let functions = [flow.compiled.valueFunction] + flow.compiled.valuesFunctions
        values = flow.isRateAlone ? nil : FlowValues(functions: functions, seconds: flow.compiled.definition.t)
        log = flow.makesRecords ? FlowLog(flow) : nil
    }

    /// The same definition with other groups, maps or names.
    func rebind(to flow: ActiveFlow) { self.flow = flow }

    /// Adds a sample that counts for the definition.
    /// - Parameters:
    ///   - match: stays as it is; lent for changing, since one that is only lent is copied.
    ///   - source: the sample's data source, or the agent as a whole where the definition combines them.
    /// - Returns: the place of its flow in the table.
    func add(_ match: inout FlowMatch, source: Int, isIngress: Bool, at arrival: Int64) -> Int {
        newestArrival = max(newestArrival, arrival)
        let scale = Double(match.scale)
        // Flows whose value is no rate are kept by their frames: those that are seen most.
        let value = isRate ? match.value.number * scale : scale
        let key = match.head
        guard isRateAlone, key.byteCount <= FlowTable.keyBytesInEntry else {
            let (place, isNew) = match.withKey { bytes in
                table.add(key, bytes, source: source, value: value, isIngress: isIngress, at: arrival)
            }
            values?.add(match, to: place, isNew: isNew, at: arrival)
            return place
        }
        return table.add(key, RawSpan(), source: source, value: value, isIngress: isIngress, at: arrival).place
    }

    func prefetch(source: Int) { table.prefetch(source) }

    func removeExpired(asOf instant: Int64) { table.removeExpired(asOf: instant) }

    // MARK: Reading

    /// Whether any flow can be seen.
    func isVisible(asOf instant: Int64) -> Bool { newestArrival(asOf: instant) != nil }

    /// When a flow that can be seen had its last sample; nil when there is none.
    func newestArrival(asOf instant: Int64) -> Int64? {
        newestArrival > 0 && instant - newestArrival <= flow.shape.lifetime ? newestArrival : nil
    }

    /// One flow as an answer sees it.
    struct Reading {
        let place: Int
        let value: Double
        /// The part of the value that was sampled on the way in, 0 to 1.
        let ingressShare: Double
        let arrival: Int64
    }

    /// The flows of a data source that answers see, largest first.
    func shown(source: Int, at instant: Int64) -> [Reading] {
        guard isRate else {
            let all = table.visible(of: source, at: instant).map { reading($0, at: instant) }
            let sorted = all.sorted { a, b in a.value != b.value ? a.value > b.value : table.isKey(of: a.place, before: b.place) }
            return Array(sorted.prefix(flow.shape.shownCount))
        }
        return table.shown(of: source, at: instant).map { reading($0, at: instant) }
    }

    func top(source: Int, at instant: Int64) -> Reading? {
        guard !isRate else { return table.top(of: source, at: instant).map { reading($0, at: instant) } }
        var top: Reading?
        for place in table.visible(of: source, at: instant) {
            let next = reading(place, at: instant)
            guard let largest = top else { top = next; continue }
            let isLarger = next.value != largest.value
                ? next.value > largest.value : table.isKey(of: place, before: largest.place)
            if isLarger { top = next }
        }
        return top
    }

    /// Data sources that have flows.
    var sources: [Int] { table.sources }

    func key(_ reading: Reading) -> [UInt8] { table.key(of: reading.place) }

    func keyText(_ reading: Reading) -> String { flow.keyText(table.key(of: reading.place)) }

    /// The further values of a flow, in the definition's order.
    func furtherValues(_ reading: Reading, at instant: Int64) -> [Double] {
        values.map { values in (1..<values.functions.count).map { values.value($0, of: reading.place, at: instant) } } ?? []
    }

    func reading(_ place: Int, at instant: Int64) -> Reading {
        let value = isRate ? table.rate(place, at: instant) : values?.value(0, of: place, at: instant) ?? 0
        return Reading(
            place: place, value: value, ingressShare: table.ingressShare(place), arrival: table.chunks[arrival: place])
    }
}
