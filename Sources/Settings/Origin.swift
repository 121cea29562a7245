/// Where a value came from, for error texts, for `--dump` and for whoever wonders.
package enum Origin: Hashable, Sendable, CustomStringConvertible {
    case `default`
    /// Lines count from 1.
    case file(path: String, line: Int)
    case environment(variable: String)
    /// As it was spelled: `--sflow-port`.
    case option(String)
    /// An argument without a name.
    case argument
    /// `-Dname=value` on the command line, or inside the environment variable named.
    case property(name: String, variable: String?)

    package var description: String {
        switch self {
        case .default: "default"
        case .file(let path, let line): "\(printable(path)) line \(line)"
        case .environment(let variable): "environment variable \(printable(variable))"
        case .option(let option): printable(option)
        case .argument: "the command line"
        case .property(let name, let variable):
            "-D\(printable(name))" + (variable.map { " in environment variable \($0)" } ?? "")
        }
    }

    /// A setting's name as the user would write it there.
    func spelling(of name: String) -> String {
        switch self {
        case .default, .file: name
        case .environment: SettingName.environmentVariable(name)
        case .option, .argument: SettingName.option(name)
        case .property: "-D" + name
        }
    }
}

/// Outside text made fit for one line of an error message: control characters escaped, at most 80 characters.
func printable(_ text: String) -> String {
    var result = ""
    // A character can be long; scalars cannot.
    for (count, scalar) in text.unicodeScalars.enumerated() {
        if count == 80 { return result + "…" }
        let isControl = scalar.properties.generalCategory == .control || scalar.properties.generalCategory == .format
        if isControl || scalar.value == 0x2028 || scalar.value == 0x2029 {
            result += "\\u{" + String(scalar.value, radix: 16) + "}"
        } else {
            result.unicodeScalars.append(scalar)
        }
    }
    return result
}
