@testable import Settings
import Testing

/// Files by name; anything else does not exist.
struct NoSuchFile: Error, CustomStringConvertible {
    let description = "No such file or directory"
}

func resolve(
    _ arguments: [String], environment: [String: String] = [:], files: [String: String] = [:]
) throws(SettingsErrors) -> Resolution {
    try SettingsTable.weir.resolve(arguments: arguments, environment: environment) { path in
        guard let text = files[path] else { throw NoSuchFile() }
        return Array(text.utf8)
    }
}

func resolve(_ arguments: [String], file bytes: [UInt8]) throws(SettingsErrors) -> Resolution {
    try SettingsTable.weir.resolve(arguments: ["--config", "weir.conf"] + arguments, environment: [:]) { _ in bytes }
}

/// The error messages of settings that are wrong.
func messages(
    _ arguments: [String], environment: [String: String] = [:], file: String? = nil,
    sourceLocation: SourceLocation = #_sourceLocation
) -> [String] {
    do {
        let arguments = file == nil ? arguments : arguments + ["--config", "weir.conf"]
        let resolution = try resolve(arguments, environment: environment, files: file.map { ["weir.conf": $0] } ?? [:])
        Issue.record("accepted, with \(resolution.warnings)", sourceLocation: sourceLocation)
        return []
    } catch {
        return error.problems.map(\.message)
    }
}

extension Setting {
    /// A command that takes the setting, with what else that command needs.
    var sampleArguments: [String] {
        if commands.contains(.serve) {
            return name == "metrics.timeout.max" ? ["serve", "--metrics-timeout-min=1"] : ["serve"]
        }
        if commands.contains(.simulate) {
            return ["target", "write"].contains(name) ? ["simulate"] : ["simulate", "--target", "collector:6343"]
        }
        if commands.contains(.coordinator) {
            let together = ["cluster.tls.cert", "cluster.tls.key", "cluster.tls.ca"]
            return ["coordinator"] + (together.contains(name) ? together.filter { $0 != name }.map { "-D\($0)=x.pem" } : [])
        }
        if commands.contains(.ingest) { return ["ingest"] + (name == "coordinator" ? [] : ["--coordinator", "c:7343"]) }
        if commands.contains(.doctor) { return ["doctor"] }
        if commands.contains(.dns) { return ["dns"] + (name == "collectors" ? [] : ["collector.example"]) }
        return ["bench"] + (name == "job" ? [] : ["decode"]) + (name == "replay" ? [] : ["--replay", "a.pcap"])
    }

    /// Acceptable values, found by trying some of each sort.
    var sampleValues: [String] {
        let pool = [
            "0", "1", "2", "17", "300.5", "64K", "16M", "no", "yes", "collector.example:99", "[2001:db8::1]:99", "::1",
            "all", "10.0.0.1", "fast", "recorded", "loop", "hold", "exit", "debug", "warning", "query", "decode", "*",
            "/tmp/a file.pcap", "a=b # c", "\"quoted\"", "ünïcödé",
        ]
        return pool.filter { canonical($0) != nil }
    }

    var names: [String] { [name] + aliases.filter { $0.expected == nil }.map(\.name) }
}
