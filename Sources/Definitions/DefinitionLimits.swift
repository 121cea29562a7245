/// How much may be defined. Each limit bounds what one client can make every worker keep, and lies well above what any
/// known installation uses.
package enum DefinitionLimits {
    /// Of each kind: flow definitions, thresholds, groups, maps. Every flow definition costs time for every sample.
    package static let definitionsPerKind = 1000

    /// Flow definitions that the server makes for itself, beside those of users: what scrapes of different flows can make
    /// it count within five minutes.
    package static let temporaryFlows = 100

    package static let nameBytes = 128

    /// Any single text inside a definition: a filter, a key with its functions.
    package static let textBytes = 65_536

    /// A label, or one of the many texts of a list: a pattern, a value of a map.
    package static let valueBytes = 1024

    /// Hosts that one flow definition reports to, and those of all definitions together: each has a socket, and a name
    /// that the name service may take seconds to answer for.
    package static let ipfixCollectors = 16, collectorsOfAll = 64

    /// Names of a threshold's filter, and patterns of each name.
    package static let filterItems = 256

    /// Patterns of all thresholds together.
    package static let thresholdPatterns = 100_000

    /// Prefixes of all address groups together; lists of a million are in use.
    package static let groupPrefixes = 2_000_000

    /// Values of all maps together.
    package static let mapValues = 1_000_000

    /// Nodes of the topology, and equally its links.
    package static let topologyItems = 100_000

    /// Ports under the topology's nodes, all together.
    package static let topologyPorts = 2_000_000
}
