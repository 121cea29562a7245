/// Properties of the whole table: what holds for one setting holds for all.
import SeededRandom
@testable import Settings
import Testing

@Suite struct TableTests {
    static let table = SettingsTable.weir
    static let inFiles = table.settings.filter { $0.scope == .everywhere }

    @Test func everyKeyIsInTheTableOnce() {
        let members = Mirror(reflecting: SettingKeys.shared).children.count
        #expect(Self.table.settings.count + Self.table.families.count == members)
    }

    @Test func namesAreDistinctInEveryForm() {
        var seen: Set<String> = []
        for name in Self.table.settings.flatMap({ [$0.name] + $0.aliases.map(\.name) }) {
            let normalised = SettingName.normalised(name)
            #expect(seen.insert(normalised).inserted, "\(name) twice")
            #expect(!normalised.hasPrefix("no."), "\(name) reads as a negated flag")
            #expect(!Self.table.withoutEffect.contain(normalised), "\(name) is said to have no effect")
            #expect(!Self.table.families.contains { normalised.hasPrefix($0.prefix) })
        }
        for setting in Self.table.settings { #expect(setting.name == SettingName.normalised(setting.name)) }
    }

    @Test(arguments: table.settings.map(\.name))
    func settingIsWellFormed(name: String) throws {
        let setting = try #require(Self.table.settings.first { $0.name == name })
        #expect(!setting.help.isEmpty && !setting.commands.isEmpty)
        if let text = setting.defaultText, setting.shape != .text || !text.isEmpty {
            #expect(setting.canonical(text) == text)
        }
        #expect(setting.sampleValues.count >= 2, "no sample fits: \(setting.expected)")
        for value in setting.sampleValues {
            let canonical = try #require(setting.canonical(value))
            #expect(setting.canonical(canonical) == canonical)
        }
    }

    @Test(arguments: inFiles.map(\.name))
    func everyWayGivesTheSameResult(name: String) throws {
        let setting = try #require(Self.table.settings.first { $0.name == name })
        let base = setting.sampleArguments
        for (given, value) in setting.names.flatMap({ name in setting.sampleValues.map { (name, $0) } }) {
            let option = SettingName.option(given)
            let variable = SettingName.environmentVariable(given)
            let dashed = String(option.dropFirst(2))
            let ways: [Resolution] = try [
                resolve(base + [option, value]),
                resolve(base + ["\(option)=\(value)"]),
                resolve(base + ["-D\(given)=\(value)"]),
                resolve(base + ["-D", "\(given)=\(value)"]),
                resolve(base, environment: [variable: value]),
                resolve(base, environment: ["WEIR_CONFIG": "f"], files: ["f": "\(given) = \(value)"]),
                resolve(base + ["--config", "f"], files: ["f": "\t\(given)=\(value)\n"]),
                resolve(base + ["--config=f"], files: ["f": "# x\r\n\r\n\(dashed) =\(value) \r\n"]),
            ]
            let expected = setting.canonical(value)
            for way in ways {
                #expect(way.settings.value(of: setting).text == expected, "\(given)=\(value)")
                #expect(way.warnings.isEmpty)
            }
            #expect(ways[4].settings.value(of: setting).origin == .environment(variable: variable))
            #expect(ways[5].settings.value(of: setting).origin == .file(path: "f", line: 1))
            #expect(ways[7].settings.value(of: setting).origin == .file(path: "f", line: 3))
        }
    }

    @Test(arguments: inFiles.map(\.name))
    func emptyMeansTheDefault(name: String) throws {
        let setting = try #require(Self.table.settings.first { $0.name == name })
        guard setting.shape != .text, !["target", "job", "coordinator", "collectors"].contains(name), !name.hasPrefix("cluster.tls.") else { return }
        let value = try #require(setting.sampleValues.last)
        let base = setting.sampleArguments + ["--config=f"]
        let file = ["f": "\(name) = \(value)"]
        let variable = SettingName.environmentVariable(name)
        #expect(try resolve(base, files: file).settings.value(of: setting).text == setting.canonical(value))
        guard name != "write" else { return }
        let reset = try resolve(base, environment: [variable: " "], files: file).settings
        #expect(reset.value(of: setting).text == setting.defaultText)
        let again = try resolve(base + ["-D\(name)="], files: file).settings
        #expect(again.value(of: setting).text == setting.defaultText)
    }

    /// For random values in random sources, the highest source that has one counts.
    @Test func precedenceOverTheWholeTable() throws {
        let seed = UInt64.random(in: 0...UInt64.max)
        var random = SeededGenerator(seed: seed)
        for _ in 0..<400 {
            let setting = try #require(Self.inFiles.randomElement(using: &random))
            // A list on the command line is added up, not replaced.
            guard setting.shape != .list else { continue }
            let samples = setting.sampleValues
            var arguments = setting.sampleArguments
            var environment: [String: String] = [:]
            var files = ["a": "", "b": ""]
            var expected = setting.defaultText
            var isGiven = false
            func draw() -> String? {
                guard Bool.random(using: &random), let value = samples.randomElement(using: &random) else { return nil }
                expected = setting.canonical(value)
                isGiven = true
                return value
            }
            for path in ["a", "b"] { if let value = draw() { files[path] = "\(setting.name)=\(value)" } }
            if let value = draw() { environment["RTPROP"] = value.contains(" ") ? nil : "-D\(setting.name)=\(value)" }
            if let value = draw() { environment[SettingName.environmentVariable(setting.name)] = value }
            if let value = draw() { arguments.append("\(SettingName.option(setting.name))=\(value)") }
            if let value = draw() { arguments.append("-D\(setting.name)=\(value)") }
            // A value with a space cannot be in RTPROP, and what a command needs has to be there.
            let mayBeMissing = environment["RTPROP"] == nil && samples.contains { $0.contains(" ") }
            guard isGiven, !mayBeMissing else { continue }
            let settings = try resolve(arguments + ["--config", "a,b"], environment: environment, files: files).settings
            #expect(settings.value(of: setting).text == expected, "seed \(seed): \(setting.name)")
        }
    }

    @Test func dumpGivesTheSameSettingsAgain() throws {
        let seed = UInt64.random(in: 0...UInt64.max)
        var random = SeededGenerator(seed: seed)
        for round in 0..<60 {
            let command = try #require(Command.allCases.randomElement(using: &random))
            var file = "metrics.alias.cpu_busy = cpu_utilization\nmetrics.alias.Load-One = load_one\n"
            let conflicting: Set = ["demo", "coordinator", "metrics.timeout.min", "target", "write"]
            for setting in Self.inFiles where !conflicting.contains(setting.name) {
                guard round > 0, let value = setting.sampleValues.randomElement(using: &random) else { continue }
                file += "\(setting.name) = \(setting.name == "metrics.timeout.max" ? "700" : value)\n"
            }
            let needs = "job = decode\nreplay = x.pcap\nwrite = y.pcap\ncoordinator = c:7343\ncollectors = a.example\n"
            let first = try resolve([command.rawValue, "--config=f"], files: ["f": needs + file]).settings
            let dump = Self.table.dump(first)
            let second = try resolve([command.rawValue, "--config=f"], files: ["f": dump])
            #expect(second.warnings.isEmpty)
            for setting in Self.inFiles where setting.commands.contains(command) {
                #expect(second.settings.value(of: setting).text == first.value(of: setting).text, "seed \(seed)")
            }
            #expect(second.settings.metricsAlias == ([.serve, .coordinator].contains(command) ? first.metricsAlias : [:]))
        }
    }
}
