// The command: reads the settings, starts what was asked for, and turns failures into one line and an exit status.

internal import Glibc
internal import Settings

@main
enum Weir {
    /// `<major>.<minor>-<build>`, the form that clients of sFlow-RT split at the hyphen.
    static let version = "0.1-1"

    /// 0 done, 1 could not be done, 2 asked for in a way that is not understood.
    enum ExitStatus { static let done: Int32 = 0, failed: Int32 = 1, usage: Int32 = 2 }

    static func main() async {
        let resolution: Resolution
        do {
            resolution = try SettingsTable.weir.resolve(
                arguments: Array(CommandLine.arguments.dropFirst()), environment: environment(),
                readFile: readConfigurationFile)
        } catch {
            for warning in error.warnings { complain("warning: \(warning)") }
            complain("\(error)")
            exit(ExitStatus.usage)
        }
        for warning in resolution.warnings { complain("warning: \(warning)") }
        exit(await run(resolution))
    }

    private static func run(_ resolution: Resolution) async -> Int32 {
        let settings = resolution.settings
        switch resolution.action {
        case .help(let command): say(SettingsTable.weir.help(command))
        case .version: say("weir \(version)\n")
        case .check: say("ok\n")
        case .dump: say(SettingsTable.weir.dump(settings))
        case .run:
            do {
                switch settings.command {
                case .serve: try await ServeCommand(settings).run()
                case .coordinator: try await CoordinatorCommand(settings).run()
                case .worker: try await WorkerCommand(settings).run()
                case .ingest: try await IngestCommand(settings).run()
                case .simulate: try SimulateCommand(settings).run()
                case .bench: try await BenchCommand(settings).run()
                case .doctor: return try await DoctorCommand(settings).run()
                case .dns: say(ServiceRecords(settings).text)
                }
            } catch {
                complain("\(error)")
                return ExitStatus.failed
            }
        }
        return ExitStatus.done
    }

    static func environment() -> [String: String] {
        var variables: [String: String] = [:]
        var entry = environ
        while let text = entry.pointee {
            let parts = String(cString: text).split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            if parts.count == 2 { variables[String(parts[0])] = String(parts[1]) }
            entry += 1
        }
        return variables
    }
}

/// Something that the user has to change; one line.
struct CommandError: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}

/// To standard output, at once: scripts wait for these lines.
func say(_ text: String) { write(text, to: STDOUT_FILENO) }

/// To standard error.
func complain(_ text: String) {
    for line in text.split(separator: "\n") { write("weir: \(line)\n", to: STDERR_FILENO) }
}

private func write(_ text: String, to descriptor: Int32) {
    var rest = Array(text.utf8)[...]
    while !rest.isEmpty {
        let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
        guard count > 0 else { return }
        rest = rest.dropFirst(count)
    }
}
