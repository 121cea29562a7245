// What the records of one flow definition look like on the wire. Source: RFC 7011 section 3.4.

internal import Bytes

/// The fields of a definition's records: its keys, its values, then the times and the agent.
///
/// An agent has an address of one family, and an element holds one family, so a definition has two templates on the
/// wire which differ in the last field.
package struct IPFIXTemplate: Hashable, Sendable {
    package let keys: [ExportedKey]
    package let values: [ExportedValue]

    /// - Parameters:
    ///   - keys: flow keys by name. No functions: what they give has no information element.
    ///   - values: `bytes`, `frames` or both.
    package init(keys: [String], values: [String]) throws(FlowExportError) {
        self.keys = try IPFIXTemplate.named(keys, reason: .keyNotAllowed, noun: "key")
        self.values = try IPFIXTemplate.named(values, reason: .valueNotAllowed, noun: "value")
        guard !self.values.isEmpty else {
            throw FlowExportError(reason: .noValue, description: "ipfixCollectors needs a value: bytes or frames")
        }
    }

    private static func named<Item: RawRepresentable<String> & CaseIterable & Hashable>(
        _ names: [String], reason: FlowExportError.Reason, noun: String
    ) throws(FlowExportError) -> [Item] {
        var items: [Item] = []
        for name in names {
            guard let item = Item(rawValue: name) else {
                let allowed = Item.allCases.map(\.rawValue).joined(separator: ", ")
                throw FlowExportError(
                    reason: reason,
                    description:
                        "\(noun) \"\(name.prefix(80))\" cannot be sent to ipfixCollectors: allowed are \(allowed)")
            }
            guard !items.contains(item) else {
                throw FlowExportError(
                    reason: .listedTwice,
                    description: "\(noun) \"\(name)\" is listed twice: ipfixCollectors takes it once")
            }
            items.append(item)
        }
        return items
    }

    /// The family of the agent's address, which chooses between the two templates of a definition.
    enum AgentFamily: UInt16, CaseIterable, Sendable {
        // Template numbers begin at 256 (RFC 7011 section 3.4.1).
        case ipv4 = 256
        case ipv6 = 257

        init(of agent: IPAddress) { self = agent.isIPv6 ? .ipv6 : .ipv4 }

        var templateID: UInt16 { rawValue }
    }

    func elements(_ family: AgentFamily) -> [InformationElement] {
        let agent: InformationElement = family == .ipv4 ? .exporterIPv4Address : .exporterIPv6Address
        return keys.map(\.element) + values.map(\.element) + [.flowStartMilliseconds, .flowEndMilliseconds, agent]
    }
}
