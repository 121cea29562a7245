/// The commands of the program and how each is called.
package enum Command: String, CaseIterable, Sendable {
    case serve, coordinator, worker, ingest, simulate, bench, doctor, dns

    /// Completes "weir serve: …" in the help.
    var summary: String {
        switch self {
        case .serve: "receive sFlow, keep metrics and flows, answer REST queries (the default command)"
        case .coordinator: "lead a cluster: answer REST queries from all its workers"
        case .worker: "keep the metrics and flows of some of a cluster's shards"
        case .ingest: "receive sFlow and pass it on to the workers of a cluster"
        case .simulate: "send or write the sFlow datagrams of a leaf and spine fabric"
        case .bench: "measure decoding, aggregating or querying a capture"
        case .doctor: "say in words why an agent is silent or loses datagrams"
        case .dns: "print the DNS records by which host agents find their collectors"
        }
    }

    /// Names of the settings that arguments without a name give, in order.
    var positionals: [String] {
        switch self {
        case .serve, .coordinator, .worker, .ingest, .simulate: []
        case .bench: ["job"]
        case .doctor: ["agent"]
        case .dns: ["collectors"]
        }
    }

    /// What no setting alone can tell: settings that need or exclude each other.
    func conflicts(in settings: Settings) -> [String] {
        switch self {
        case .serve:
            return timeoutConflicts(settings) + sourceConflicts(settings)
        case .coordinator: return timeoutConflicts(settings) + tlsConflicts(settings)
        case .worker: return joinConflicts(settings) + tlsConflicts(settings)
        case .ingest: return joinConflicts(settings) + tlsConflicts(settings) + sourceConflicts(settings)
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
        case .doctor: return []
        case .dns: return settings.collectors.isEmpty ? ["weir dns: expected the host names of collectors"] : []
        }
    }

    private func timeoutConflicts(_ settings: Settings) -> [String] {
        settings.metricsTimeoutMin > settings.metricsTimeoutMax ? ["metrics.timeout.min is larger than metrics.timeout.max"] : []
    }

    private func sourceConflicts(_ settings: Settings) -> [String] {
        settings.demo && settings.replay != nil
            ? ["demo and replay exclude each other: datagrams come from one of them"] : []
    }

    private func tlsConflicts(_ settings: Settings) -> [String] {
        let isGiven = [settings.clusterTLSCert, settings.clusterTLSKey, settings.clusterTLSCA].map { $0 != nil }
        return isGiven.contains(true) && isGiven.contains(false)
            ? ["cluster.tls.cert, cluster.tls.key and cluster.tls.ca need each other: give all of them or none"] : []
    }

    private func joinConflicts(_ settings: Settings) -> [String] {
        settings.coordinator.isEmpty ? ["weir \(rawValue): expected --coordinator HOST:PORT"] : []
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
