// What a flow definition looks like in a request and in an answer. What its keys and its filter mean is the business of
// the flow language, which is asked whether it understands them.

package import FlowLanguage

extension FlowDefinition {
    /// Reads a request body. Unknown members are ignored: published scripts send members of other definitions along.
    /// `n`, `t` and `activeTimeout` are moved to the nearest limit.
    package init(json: JSONValue) throws(DefinitionError) {
        let members = try MemberReader(
            json, at: "", what: "an object such as {\"keys\":\"ipsource\",\"value\":\"bytes\"}")
        let filter = try members.text("filter") ?? ""
        self.init(
            keys: try members.list("keys", countMax: FlowLimits.keys),
            value: try members.requiredText("value", meaning: "what to add up, such as \"bytes\" or \"frames\""),
            values: try members.list("values", countMax: FlowLimits.values),
            filter: filter.trimmed.isEmpty ? nil : filter,
            n: try FlowDefinition.readCount(members) ?? 5,
            t: try members.number("t") ?? 2,
            dropped: try members.flag("dropped") ?? false,
            fs: try FlowDefinition.readSeparator(members) ?? ",",
            log: try members.flag("log") ?? false,
            flowStart: try members.flag("flowStart") ?? false,
            activeTimeout: try members.number("activeTimeout").map { nearestInt(to: $0.rounded()) } ?? 60,
            ipfixCollectors: try members.list("ipfixCollectors", countMax: DefinitionLimits.ipfixCollectors),
            aggMode: try FlowDefinition.readAggregationMode(members))
        try checkSyntax()
    }

    /// Compiles the definition and forgets the program: whoever evaluates flows compiles it for himself.
    private func checkSyntax() throws(DefinitionError) {
        do throws(FlowSyntaxError) {
            _ = try CompiledFlow(self, environment: FlowEnvironment(seed: 0))
        } catch {
            throw DefinitionError(
                .badValue, at: "\(error.part.rawValue), character \(error.position)", "expected \(error.expected)")
        }
    }

    private static func readCount(_ members: MemberReader) throws(DefinitionError) -> Int? {
        guard let count = try members.number("n") else { return nil }
        guard count == count.rounded() else {
            throw DefinitionError(.badValue, at: members.place(of: "n"), "expected a whole number of flows")
        }
        return nearestInt(to: count)
    }

    private static func readSeparator(_ members: MemberReader) throws(DefinitionError) -> String? {
        guard let separator = try members.text("fs") else { return nil }
        guard (1...FlowLimits.separatorBytes).contains(separator.utf8.count) else {
            throw DefinitionError(
                .badValue, at: members.place(of: "fs"),
                "expected a separator of 1 to \(FlowLimits.separatorBytes) bytes; leave fs out for a comma")
        }
        return separator
    }

    /// In the spelling that answers use.
    private static let aggregationModes = ["AGENT", "edge"]

    private static func readAggregationMode(_ members: MemberReader) throws(DefinitionError) -> String? {
        guard let mode = try members.text("aggMode")?.trimmed, !mode.isEmpty else { return nil }
        let known = aggregationModes.first { $0.lowercased() == mode.lowercased() }
        guard let known else {
            throw DefinitionError(
                .badValue, at: members.place(of: "aggMode"),
                "expected \"AGENT\" or \"edge\", or no aggMode at all, found \(shown(mode))")
        }
        return known
    }

    /// As `GET /flow/NAME/json` shows it: defaults filled in, optional members only when set.
    package var json: JSONValue {
        var object = JSONObject()
        object.set("keys", .string(keys.joined(separator: ",")))
        object.set("value", .string(value))
        if !values.isEmpty { object.set("values", .string(values.joined(separator: ","))) }
        if let filter { object.set("filter", .string(filter)) }
        object.set("n", .number(Double(n)))
        object.set("t", .number(t))
        object.set("fs", .string(fs))
        object.set("activeTimeout", .number(Double(activeTimeout)))
        if dropped { object.set("dropped", .bool(true)) }
        if log { object.set("log", .bool(true)) }
        if flowStart { object.set("flowStart", .bool(true)) }
        if !ipfixCollectors.isEmpty { object.set("ipfixCollectors", .array(ipfixCollectors.map(JSONValue.string))) }
        if let aggMode { object.set("aggMode", .string(aggMode)) }
        return .object(object)
    }
}

/// The nearest integer that an `Int` can hold.
private func nearestInt(to whole: Double) -> Int { Int(exactly: whole) ?? (whole < 0 ? .min : .max) }
