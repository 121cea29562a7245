/// The commands of the program and how each is called.
package enum Command: String, CaseIterable, Sendable {
    case serve, simulate, bench

    /// Completes "weir serve: …" in the help.
    var summary: String {
        switch self {
        case .serve: "receive sFlow, keep metrics and flows, answer REST queries (the default command)"
        case .simulate: "send or write the sFlow datagrams of a leaf and spine fabric"
        case .bench: "measure decoding, aggregating or querying a capture"
        }
    }

    /// Names of the settings that arguments without a name give, in order.
    var positionals: [String] {
        switch self {
        case .serve, .simulate: []
        case .bench: ["job"]
        }
    }

    /// What no setting alone can tell: settings that need or exclude each other.
    func conflicts(in settings: Settings) -> [String] {
        switch self {
        case .serve:
            var conflicts: [String] = []
            if settings.metricsTimeoutMin > settings.metricsTimeoutMax {
                conflicts.append("metrics.timeout.min is larger than metrics.timeout.max")
            }
            if settings.demo, settings.replay != nil {
                conflicts.append("demo and replay exclude each other: datagrams come from one of them")
            }
            return conflicts
        case .simulate:
            switch (settings.target, settings.write) {
            case (nil, nil): return ["weir simulate: expected --target HOST:PORT or --write FILE"]
            case (.some, .some): return ["target and write exclude each other: give one of them"]
            default: return []
            }
        case .bench:
            var conflicts: [String] = []
            if settings.job == nil { conflicts.append("weir bench: expected a job: decode, aggregate or query") }
            if settings.replay == nil { conflicts.append("weir bench: expected --replay FILE") }
            return conflicts
        }
    }
}

package enum ReplayPace: String, CaseIterable, Sendable {
    /// As fast as it was recorded.
    case recorded
    /// As fast as it can be read.
    case fast
}

/// What happens when a capture is through.
package enum ReplayEnd: String, CaseIterable, Sendable {
    case loop
    /// Time stands still at the last packet and answers stay as they are.
    case hold
    case exit
}

/// As in swift-log, without its `critical`.
package enum LogLevel: String, CaseIterable, Sendable {
    case trace, debug, info, notice, warning, error
}

package enum BenchJob: String, CaseIterable, Sendable {
    case decode, aggregate, query
}
