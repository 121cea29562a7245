// A flow definition as configured. Parsing JSON is the REST layer's work; here the values have their types already.

/// What to count. Equal definitions are the same definition: setting one again changes nothing.
package struct FlowDefinition: Hashable, Sendable {
    /// Keys and functions; each element may hold several, separated by commas. Empty: one flow per data source.
    package var keys: [String]
    /// One numeric key, with or without a prefix such as `avg:`.
    package var value: String
    /// Further values of the same flows, in the order of the answer.
    package var values: [String]
    /// Nil or empty: every sample counts.
    package var filter: String?
    /// Largest flows kept for each data source, within ``FlowLimits/flowCount``.
    package let n: Int
    /// Smoothing time constant in seconds, within ``FlowLimits/smoothingSeconds``.
    package let t: Double
    /// True: only discard notifications count; false: only samples.
    package var dropped: Bool
    /// Stands between the keys of an answer.
    package var fs: String
    /// Records are kept for clients.
    package var log: Bool
    /// Of definitions that make records: a record is written when a flow begins instead of when it ends.
    package var flowStart: Bool
    /// Of definitions that make records: a flow that goes on is reported after this many seconds.
    package let activeTimeout: Int
    /// Who gets records over IPFIX, with or without `log`: `HOST` or `HOST:PORT`.
    package var ipfixCollectors: [String]
    /// `AGENT`, `edge` or nil.
    package var aggMode: String?

    /// `n`, `t` and `activeTimeout` outside their limits are moved to the limit, so that reading the definition back
    /// shows what is in force. A `t` that is no number becomes 2.
    package init(
        keys: [String] = [], value: String, values: [String] = [], filter: String? = nil, n: Int = 5, t: Double = 2,
        dropped: Bool = false, fs: String = ",", log: Bool = false, flowStart: Bool = false, activeTimeout: Int = 60,
        ipfixCollectors: [String] = [], aggMode: String? = nil
    ) {
        self.keys = keys
        self.value = value
        self.values = values
        self.filter = filter
        self.n = min(max(n, FlowLimits.flowCount.lowerBound), FlowLimits.flowCount.upperBound)
        let limits = FlowLimits.smoothingSeconds
        self.t = t.isNaN ? 2 : min(max(t, limits.lowerBound), limits.upperBound)
        self.dropped = dropped
        self.fs = fs
        self.log = log
        self.flowStart = flowStart
        let timeouts = FlowLimits.activeTimeoutSeconds
        self.activeTimeout = min(max(activeTimeout, timeouts.lowerBound), timeouts.upperBound)
        self.ipfixCollectors = ipfixCollectors
        self.aggMode = aggMode
    }
}

extension FlowDefinition {
    /// Whether flows are followed until they end.
    package var makesRecords: Bool { log || !ipfixCollectors.isEmpty }

    /// The names of the keys, and of all values. Meant for definitions that can be exported, which have no functions.
    package var exportedNames: (keys: [String], values: [String]) {
        (FlowDefinition.names(keys), FlowDefinition.names([value]) + FlowDefinition.names(values))
    }

    private static func names(_ lists: [String]) -> [String] {
        lists.flatMap { $0.split(whereSeparator: { $0 == "," || $0.isWhitespace }) }.map(String.init)
    }
}
