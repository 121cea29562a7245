/// A level that a metric must not exceed, as users configure it. Its states belong to the shards.
package struct ThresholdDefinition: Hashable, Sendable {
    /// One name of a filter: the row must carry this metric, and its value must match one of the patterns.
    package struct FilterTerm: Hashable, Sendable {
        package let name: String
        /// `*` stands for any text. Numbers are compared as numbers.
        package let patterns: [String]

        package init(name: String, patterns: [String]) {
            self.name = name
            self.patterns = patterns
        }
    }

    /// A counter or flow metric, without statistic prefix.
    package let metric: String
    /// An event is due when the metric is larger than this. Unit: that of the metric.
    package let value: Double
    /// All terms must hold. In the order given.
    package let filter: [FilterTerm]
    /// A state for each flow key instead of one for the data source; flow metrics only.
    package let byFlow: Bool
    /// How long the metric must stay at or below `value` before the next event can come; nil: no time at all.
    /// Unit: seconds, always above 0.
    package let timeout: Double?

    /// Ample, and far from what a count of nanoseconds could not hold.
    static let timeoutSecondsMax = 31_536_000.0

    package init(
        metric: String, value: Double, filter: [FilterTerm] = [], byFlow: Bool = false, timeout: Double? = nil
    ) {
        self.metric = metric
        self.value = value
        self.filter = filter
        self.byFlow = byFlow
        self.timeout = timeout
    }
}

extension ThresholdDefinition {
    /// Reads a request body. Unknown members are ignored: published scripts send members of flow definitions along.
    package init(json: JSONValue) throws(DefinitionError) {
        let members = try MemberReader(json, at: "", what: "an object such as {\"metric\":\"load_one\",\"value\":4}")
        let metric = try members.requiredText("metric", meaning: "the name of a metric or of a flow definition")
        if let prefix = ThresholdDefinition.statistics.first(where: { metric.hasPrefix($0 + ":") }) {
            throw DefinitionError(
                .badValue, at: "metric", "a threshold tests every data source by itself; remove \"\(prefix):\"")
        }
        guard let value = try members.number("value") else {
            throw DefinitionError(.missing, at: "value", "missing; expected the level, a number")
        }
        let timeout = try members.number("timeout") ?? 0
        guard (0...ThresholdDefinition.timeoutSecondsMax).contains(timeout) else {
            throw DefinitionError(
                .badValue, at: "timeout",
                "expected seconds from 0 to \(Int(ThresholdDefinition.timeoutSecondsMax))")
        }
        self.init(
            metric: metric, value: value, filter: try ThresholdDefinition.readFilter(members),
            byFlow: try members.flag("byFlow") ?? false, timeout: timeout > 0 ? timeout : nil)
    }

    private static let statistics = [
        "max", "min", "any", "sum", "avg", "var", "sdev", "med", "q1", "q2", "q3", "iqr", "sort", "null",
    ]

    private static func readFilter(_ members: MemberReader) throws(DefinitionError) -> [FilterTerm] {
        guard let value = members.value("filter") else { return [] }
        let place = members.place(of: "filter")
        guard case .object(let object) = value else {
            throw .wrongType(at: place, expected: "an object such as {\"ifspeed\":[\"1000000000\"]}", found: value)
        }
        guard object.count <= DefinitionLimits.filterItems else {
            throw DefinitionError(
                .limitExceeded, at: place, "at most \(DefinitionLimits.filterItems) names are possible")
        }
        var terms: [FilterTerm] = []
        for member in object.members {
            let place = memberPlace(place, member.name)
            try checkLength(member.name, at: place, bytesMax: DefinitionLimits.valueBytes)
            let patterns = try readPatterns(member.value, at: place)
            terms.append(FilterTerm(name: member.name, patterns: patterns))
        }
        return terms
    }

    /// A list, or a single pattern by itself.
    private static func readPatterns(_ value: JSONValue, at place: String) throws(DefinitionError) -> [String] {
        let bytesMax = DefinitionLimits.valueBytes
        guard case .array(let elements) = value else { return [try readText(value, at: place, bytesMax: bytesMax)] }
        guard !elements.isEmpty else {
            throw DefinitionError(.badValue, at: place, "expected at least one pattern; \"*\" matches every value")
        }
        guard elements.count <= DefinitionLimits.filterItems else {
            throw DefinitionError(
                .limitExceeded, at: place, "at most \(DefinitionLimits.filterItems) patterns are possible")
        }
        var patterns: [String] = []
        for (index, element) in elements.enumerated() {
            patterns.append(try readText(element, at: "\(place)[\(index)]", bytesMax: bytesMax))
        }
        return patterns
    }

    /// As `GET /threshold/NAME/json` shows it; `timeout` is always there, and 0 means the same as none.
    package var json: JSONValue {
        var object = JSONObject()
        object.set("metric", .string(metric))
        object.set("value", .number(value))
        object.set("byFlow", .bool(byFlow))
        object.set("timeout", .number(timeout ?? 0))
        if !filter.isEmpty {
            var names = JSONObject()
            for term in filter { names.set(term.name, .array(term.patterns.map(JSONValue.string))) }
            object.set("filter", .object(names))
        }
        return .object(object)
    }
}
