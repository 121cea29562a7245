// Which thresholds to test when: worked out once for a set of definitions, so that a sample finds its thresholds by a
// subscript, and finds at once that there are none.

struct ThresholdWatch {
    /// Places of thresholds, by the place of the flow definition whose metric they watch.
    private(set) var ofFlow: [[Int]] = []
    /// By the index of the structure that carries their metric.
    private(set) var ofStructure: [[Int]] = []
    /// By the name that a custom metric has to have.
    private(set) var ofCustomMetric: [String: [Int]] = [:]

    var watchesFlows = false
    var watchesCounters: Bool { !ofCustomMetric.isEmpty }

    init() {}

    /// - Parameter placeOfFlow: a metric that has the name of a flow definition is that definition's.
    init(_ thresholds: [ActiveThreshold], placeOfFlow: [String: Int], flowCount: Int, structureCount: Int) {
        ofFlow = Array(repeating: [], count: flowCount)
        ofStructure = Array(repeating: [], count: structureCount)
        for (place, threshold) in thresholds.enumerated() {
            if let flow = placeOfFlow[threshold.metric] {
                ofFlow[flow].append(place)
                watchesFlows = true
                continue
            }
            for structure in Set(threshold.counter.columns.map { Int($0.structure.index) }) {
                ofStructure[structure].append(place)
            }
            ofCustomMetric[threshold.counter.name, default: []].append(place)
        }
    }
}
