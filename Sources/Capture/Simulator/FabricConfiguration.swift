// What can be asked of the simulated fabric, with the limits that keep its cost and its address plan within bounds.

/// Size, speeds, sampling and traffic of a simulated leaf–spine fabric. The same configuration gives the same
/// datagrams.
package struct FabricConfiguration: Hashable, Sendable {
    package var leaves = 4
    package var spines = 2
    package var hostsPerLeaf = 4
    /// One packet in this many is sampled.
    package var samplingRate = 1000
    package var pollingIntervalSeconds = 20
    package var hostSpeedBitsPerSecond = 1_000_000_000
    package var linkSpeedBitsPerSecond = 10_000_000_000
    /// Large flows at work or pausing at any time.
    package var elephants = 6
    /// Mean rate of a large flow; single ones have half as much to half as much again.
    package var elephantBitsPerSecond = 200_000_000
    /// Small flows that begin each second.
    package var micePerSecond = 8
    /// Whether one flow is denied by an access list and traffic converges on one host now and then, more than its port
    /// can take. (Without it packets are still dropped where a port happens to be overloaded.)
    package var dropsPackets = true
    package var seed: UInt64 = 1

    package init() {}

    package static let leavesAllowed = 1...1024
    package static let spinesAllowed = 1...64
    package static let hostsPerLeafAllowed = 1...128
    /// Each host is an agent with state of its own, some 500 bytes.
    package static let hostsAllowed = 2...16_384
    package static let samplingRateAllowed = 1...16_777_215
    package static let pollingIntervalSecondsAllowed = 1...3600
    package static let speedBitsPerSecondAllowed = 1_000_000...1_600_000_000_000
    package static let elephantsAllowed = 0...10_000
    package static let elephantBitsPerSecondAllowed = 100_000...1_600_000_000_000
    package static let micePerSecondAllowed = 0...100_000

    /// Throws for the first setting that is out of bounds.
    package func validate() throws(FabricConfigurationError) {
        let checks: [(FabricConfigurationError.Setting, Int, ClosedRange<Int>)] = [
            (.leaves, leaves, FabricConfiguration.leavesAllowed),
            (.spines, spines, FabricConfiguration.spinesAllowed),
            (.hostsPerLeaf, hostsPerLeaf, FabricConfiguration.hostsPerLeafAllowed),
            (.samplingRate, samplingRate, FabricConfiguration.samplingRateAllowed),
            (.pollingIntervalSeconds, pollingIntervalSeconds, FabricConfiguration.pollingIntervalSecondsAllowed),
            (.hostSpeedBitsPerSecond, hostSpeedBitsPerSecond, FabricConfiguration.speedBitsPerSecondAllowed),
            (.linkSpeedBitsPerSecond, linkSpeedBitsPerSecond, FabricConfiguration.speedBitsPerSecondAllowed),
            (.elephants, elephants, FabricConfiguration.elephantsAllowed),
            (.elephantBitsPerSecond, elephantBitsPerSecond, FabricConfiguration.elephantBitsPerSecondAllowed),
            (.micePerSecond, micePerSecond, FabricConfiguration.micePerSecondAllowed),
        ]
        for (setting, value, allowed) in checks where !allowed.contains(value) {
            throw FabricConfigurationError(setting: setting, value: value, allowed: allowed)
        }
        // Both factors are in bounds here: no overflow.
        guard FabricConfiguration.hostsAllowed.contains(leaves * hostsPerLeaf) else {
            throw FabricConfigurationError(
                setting: .hosts, value: leaves * hostsPerLeaf, allowed: FabricConfiguration.hostsAllowed)
        }
    }
}

/// A setting of the simulated fabric that is out of bounds.
package struct FabricConfigurationError: Error, Hashable, Sendable, CustomStringConvertible {
    package enum Setting: String, CaseIterable, Sendable {
        case leaves, spines, hostsPerLeaf, samplingRate, pollingIntervalSeconds, hostSpeedBitsPerSecond
        case linkSpeedBitsPerSecond, elephants, elephantBitsPerSecond, micePerSecond
        /// Leaves times hosts per leaf.
        case hosts
    }

    package let setting: Setting
    package let value: Int
    package let allowed: ClosedRange<Int>

    package init(setting: Setting, value: Int, allowed: ClosedRange<Int>) {
        self.setting = setting
        self.value = value
        self.allowed = allowed
    }

    package var description: String {
        "simulated fabric: \(setting.rawValue) is \(value), allowed are \(allowed.lowerBound) to \(allowed.upperBound)"
    }
}
