// What a guest's name tells about it. Host agents report containers, services and virtual machines alike as guests;
// only the schedulers' habits of naming them tell which is which.

package enum VirtualNames {
    package enum Part: Sendable {
        case kubernetesPod, kubernetesNamespace, swarmService, systemdService, container
    }

    /// The part of a guest's name, nil when the name is of another kind.
    ///
    /// Kubernetes names its containers `k8s_<container>_<pod>_<namespace>_<uid>_<attempt>`, Docker swarm
    /// `<service>.<25 characters>.<25 characters>` or `<service>.<n>.<25 characters>`, systemd units end in `.service`;
    /// what is left is a container or machine named by hand.
    package static func part(_ part: Part, of name: String) -> String? {
        if name.hasPrefix("k8s_") {
            let words = name.split(separator: "_", omittingEmptySubsequences: false)
            guard words.count >= 6, words[1] != "POD" else { return nil }
            switch part {
            case .kubernetesPod: return String(words[2])
            case .kubernetesNamespace: return String(words[3])
            default: return nil
            }
        }
        if let service = swarmService(name) { return part == .swarmService ? service : nil }
        if name.hasSuffix(".service") { return part == .systemdService ? name : nil }
        return part == .container && !name.isEmpty ? name : nil
    }

    private static func swarmService(_ name: String) -> String? {
        let words = name.split(separator: ".", omittingEmptySubsequences: false)
        guard words.count >= 3, words[words.count - 1].count == 25 else { return nil }
        let task = words[words.count - 2]
        guard task.count == 25 || !task.isEmpty && task.allSatisfy(\.isNumber) else { return nil }
        return words.dropLast(2).joined(separator: ".")
    }
}
