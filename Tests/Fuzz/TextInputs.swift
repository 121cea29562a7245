// Texts that people write: configuration files, and the parts of a query.

import Queries
import Settings
import ShardEngine

func fuzzConfigurationFile(_ input: [UInt8]) {
    let resolve = { (file: [UInt8]) in
        try SettingsTable.weir.resolve(arguments: ["--config", "fuzz.conf"], environment: [:]) { _ in file }
    }
    guard let settings = try? resolve(input).settings else { return }
    let dump = SettingsTable.weir.dump(settings)
    guard let again = try? resolve(Array(dump.utf8)).settings else { return check(false, "a dump can be read") }
    let values = { (text: String) in text.split(separator: "\n").filter { !$0.hasPrefix("#") } }
    check(values(SettingsTable.weir.dump(again)) == values(dump), "a dump gives the same settings again")
}

/// Lines: agents, metrics of a query, columns of a table, then name=pattern pairs.
func fuzzQueryText(_ input: [UInt8]) {
    let lines = String(decoding: input, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false)
    guard lines.count > 2 else { return }
    let agents = (try? AgentSelector(String(lines[0]))) ?? .all
    _ = try? MetricTerm.list(String(lines[1]))
    _ = try? RowQuery.table(agents: agents, columns: String(lines[2]), filter: .none)
    let pairs = lines.dropFirst(3).map { line in
        let name = line.prefix { $0 != "=" }
        return (name: String(name), pattern: String(line.dropFirst(name.count + 1)))
    }
    guard let filter = try? RowFilter(pairs) else { return }
    for pattern in filter.conditions.flatMap(\.patterns) {
        check(pattern.text.contains("*") || pattern.matches(.text(pattern.text)), "a text matches itself")
        _ = pattern.matches(.number(1e9))
        _ = pattern.matches(.text("eth0/1*"))
    }
}
