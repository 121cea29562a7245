/// Finds the assignments in a process's environment: `WEIR_…` variables, and the properties in sFlow-RT's `RTPROP`.
struct EnvironmentReader {
    private(set) var assignments: [Assignment] = []
    private(set) var warnings: [String] = []

    /// Sorted by variable, so that messages and the winner between two names of one setting are the same in every run.
    init(_ environment: [String: String], foreignVariables: Set<String>) {
        if let properties = environment["RTPROP"] { readStartScriptProperties(properties) }
        for variable in EnvironmentReader.startScriptVariables where environment[variable] != nil {
            warnings.append("environment variable \(variable) of sFlow-RT's start script has no effect")
        }
        for (variable, value) in environment.sorted(by: { $0.key < $1.key }) {
            guard variable.hasPrefix(SettingName.environmentPrefix), !foreignVariables.contains(variable),
                !isServiceLink(variable, value: value)
            else { continue }
            let name = String(Substring(variable.utf8.dropFirst(SettingName.environmentPrefix.utf8.count)))
            // Environment variables have no lower case to speak of; metric names do.
            assignments.append(
                Assignment(name: name.lowercased(), text: value, origin: .environment(variable: variable)))
        }
    }

    private static let startScriptVariables = ["RTAPP", "RTGC", "RTMEM", "RTMEMLIMITS"]

    /// `RTPROP="-Dhttp.port=8009 -Xmx1G"`: arguments for the Java machine, of which properties mean something here.
    private mutating func readStartScriptProperties(_ text: String) {
        for word in text.utf8.split(whereSeparator: { $0 == 0x20 || $0 == 0x09 || $0 == 0x0A || $0 == 0x0D }) {
            let word = String(Substring(word))
            let (name, value) = splitAtEquals(String(Substring(word.utf8.dropFirst(2))))
            guard word.hasPrefix("-D"), !name.isEmpty, let value else {
                warnings.append("\(printable(word)) in environment variable RTPROP has no effect")
                continue
            }
            assignments.append(Assignment(name: name, text: value, origin: .property(name: name, variable: "RTPROP")))
        }
    }
}

/// Whether Kubernetes made this variable: for each Service it gives every pod of the namespace a set of them (its
/// documentation, "Discovering services"), and a Service called weir-http would otherwise set `http.port` to
/// "tcp://10.0.0.1:8008".
func isServiceLink(_ variable: String, value: String) -> Bool {
    let words = variable.split(separator: "_")
    if variable.hasSuffix("_SERVICE_HOST") || variable.hasSuffix("_SERVICE_PORT") { return true }
    if variable.contains("_SERVICE_PORT_") { return true }
    if words.last == "PORT" {
        if ["tcp://", "udp://", "sctp://"].contains(where: value.hasPrefix) { return true }
    }
    // …_PORT_8008_TCP, with _PROTO, _PORT or _ADDR after it.
    guard let port = words.lastIndex(where: { UInt16($0) != nil }), port > 0, words[port - 1] == "PORT"
    else { return false }
    let protocols: Set<Substring> = ["TCP", "UDP", "SCTP"]
    return port + 1 < words.count && protocols.contains(words[port + 1])
}
