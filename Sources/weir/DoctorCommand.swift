// `weir doctor`: asks a running server, twice, and looks at this machine; says in words what is wrong and what to do about it.
// What follows from what is judged in the module Diagnosis.

internal import AsyncHTTPClient
internal import Definitions
internal import Diagnosis
internal import NIOCore
internal import NIOHTTP1
internal import Settings

struct DoctorCommand {
    private let settings: Settings

    /// Between the two looks at the server: what grows meanwhile is going on. Unit: seconds.
    private static let pauseSeconds = 2.0
    private static let columns = 96

    init(_ settings: Settings) { self.settings = settings }

    /// - Returns: the exit status: 1 when something is wrong.
    func run() async throws -> Int32 {
        let client = HTTPClient(configuration: .init(redirectConfiguration: .disallow))
        let machine = MachineLook(ports: [settings.sflowPort, settings.nodePort])
        var findings: [Finding] = []
        var looks: (before: ServerLook, now: ServerLook)?
        do {
            let before = try await look(client)
            try await Task.sleep(for: .seconds(DoctorCommand.pauseSeconds))
            looks = (before, try await look(client))
        } catch let problem as ServerProblem {
            findings.append(problem.finding)
        }
        try await client.shutdown()

        if let (before, now) = looks {
            findings += ServerJudgement(before: before, now: now).findings()
            let agents = AgentJudgement(before: before, now: now)
            findings += settings.agent.map { agents.findings(of: $0) } ?? agents.findings()
        }
        let judgement = MachineJudgement(
            machine, sflowPort: settings.sflowPort, nodePort: settings.nodePort, receiving: receiving(looks), senders: senders(looks?.now))
        findings += judgement.findings()
        report(looks?.now, judgement, findings)
        return findings.contains { $0.weight == .fault } ? Weir.ExitStatus.failed : Weir.ExitStatus.done
    }

    /// One process on this machine receives by itself; where a cluster's ingest nodes are, nobody here knows.
    private func receiving(_ looks: (before: ServerLook, now: ServerLook)?) -> MachineJudgement.Receiving {
        let isLocal = ["localhost", "127.", "[::1]"].contains { settings.server.contains("://\($0)") }
        guard isLocal, looks?.now.role != "coordinator" else { return .elsewhere }
        let isHeard = looks?.now.agents.contains { $0.silence <= AgentJudgement.silenceMax } ?? false
        return isHeard ? .seen : .expected
    }

    private func senders(_ look: ServerLook?) -> Set<String> {
        guard let name = settings.agent else { return [] }
        let agents = look?.agents.filter { $0.address == name || $0.hostName == name } ?? []
        return Set(agents.flatMap { $0.sources + [$0.address] } + [name])
    }

    // MARK: Asking

    private struct ServerProblem: Error { let finding: Finding }

    private func look(_ client: HTTPClient) async throws -> ServerLook {
        guard let agents = try await ask(client, "/agents/json"), let analyzer = try await ask(client, "/analyzer/json") else {
            throw ServerProblem(finding: .notOurs(settings.server))
        }
        return ServerLook(agents: agents, analyzer: analyzer, cluster: try await ask(client, "/cluster/json"))
    }

    /// nil when there is no such path.
    private func ask(_ client: HTTPClient, _ path: String) async throws -> JSONValue? {
        do {
            let response = try await client.execute(HTTPClientRequest(url: settings.server + path), timeout: .seconds(10))
            let body = try await response.body.collect(upTo: 64 << 20)
            guard response.status != .serviceUnavailable else { throw ServerProblem(finding: .notReady(settings.server, path)) }
            guard response.status == .ok else { return nil }
            return try RelaxedJSON.parse(Array(buffer: body), sizeMax: 64 << 20)
        } catch let problem as ServerProblem {
            throw problem
        } catch is JSONSyntaxError {
            return nil
        } catch {
            let isLate = [.connectTimeout, .deadlineExceeded, .readTimeout].contains(error as? HTTPClientError)
            throw ServerProblem(finding: .unreachable(settings.server, why: isLate ? "no answer in time" : "no connection"))
        }
    }

    // MARK: Telling

    private func report(_ look: ServerLook?, _ machine: MachineJudgement, _ findings: [Finding]) {
        if let look {
            let heard = look.agents.count { $0.silence <= AgentJudgement.silenceMax }
            let members = look.role == "coordinator" ? ", \(look.members.count) members" : ""
            say("\(settings.server): weir \(look.version), up \(spoken(seconds: look.figure("uptime") / 1000))\(members)\n")
            say("\(Int(look.figure("sFlowDatagramsReceived"))) datagrams received; \(heard) of \(look.agents.count) agents heard lately\n")
        }
        say("UDP port \(settings.sflowPort) of this machine: \(machine.listeners)\n")
        for (number, finding) in findings.sorted(by: { $0.weight == .fault && $1.weight == .hint }).enumerated() {
            let mark = finding.weight == .fault ? "\(number + 1). " : "\(number + 1). (hint) "
            say("\n" + wrapped(mark + finding.what, indent: 3) + wrapped("   -> " + finding.advice, indent: 6))
        }
        if findings.isEmpty { say("\nNothing is wrong.\n") }
    }

    private func wrapped(_ text: String, indent: Int) -> String {
        var lines = [""]
        let start = text.prefix { $0 == " " }
        for word in text.split(separator: " ") {
            if lines[lines.count - 1].count + word.count >= DoctorCommand.columns {
                lines.append(String(repeating: " ", count: indent) + word)
            } else {
                lines[lines.count - 1] += lines[lines.count - 1].isEmpty ? start + word : " " + word
            }
        }
        return lines.joined(separator: "\n") + "\n"
    }
}
