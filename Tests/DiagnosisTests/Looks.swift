// Answers of the REST API for the tests of this folder.

import Definitions
import Diagnosis

func json(_ text: String) throws -> JSONValue { try RelaxedJSON.parse(Array(text.utf8), sizeMax: 1 << 20) }

/// A member of `/agents/json`: a healthy agent, but for what is given.
func agent(_ address: String, _ members: String = "") -> String {
    let healthy = "\"sFlowDatagramsReceived\": 1000, \"sFlowFlowSamples\": 5000, \"sFlowCounterSamples\": 100, \"lastSeen\": 1000"
    return "\"\(address)\": {\(healthy)\(members.isEmpty ? "" : ", " + members)}"
}

func serverLook(
    agents: [String] = [agent("10.0.0.1")], analyzer: String = "", stages: String = "", cluster: String? = nil
) throws -> ServerLook {
    let figures = "\"sFlowDatagramsReceived\": 1000\(analyzer.isEmpty ? "" : ", " + analyzer), \"stages\": {\(stages)}"
    return ServerLook(
        agents: try json("{\(agents.joined(separator: ","))}"), analyzer: try json("{\(figures)}"),
        cluster: try cluster.map { try json($0) })
}
