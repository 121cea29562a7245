// Flow records into IPFIX messages. Source: RFC 7011 sections 3.1 (message), 3.3 (sets), 3.4 (templates), 8.4 and 10.3
// (UDP: templates are sent again, messages fit one datagram).
//
// Apart from the sockets: records and a time in, bytes out.
//
//     message   version 10 | length | export time, s | sequence | observation domain     16 bytes
//     set 2     2 | length | per template: number | field count | per field: element | length
//     set 256   256 | length | records, without padding: the shortest record is longer than any padding

internal import Bytes

/// How messages are made.
package struct IPFIXPolicy: Hashable, Sendable {
    /// Bytes of a message; 512 to 65,535. The default leaves room for IPv6 and UDP in an Ethernet frame (RFC 7011
    /// section 10.3.3 asks for no fragments).
    package var messageBytesMax = 1400
    /// Messages after which the templates are sent again, whatever the time; 1 or more.
    package var templateMessages = 100
    /// Time after which the templates are sent again. Collectors forget them after three times as long, or later (RFC
    /// 7011 section 8.4), and one that starts late can read nothing until then.
    package var templateMilliseconds: UInt64 = 60_000

    package init() {}
}

package struct IPFIXEncoder: Sendable {
    package let template: IPFIXTemplate
    /// Tells the records of this exporter from those of others on this host: collectors keep templates by source
    /// address and domain, and not all of them by port, so every definition wants a domain of its own.
    package let observationDomain: UInt32
    private let policy: IPFIXPolicy
    private let layouts: [IPFIXTemplate.AgentFamily: [InformationElement]]

    /// Data records in all messages so far, modulo 2^32 (RFC 7011 section 3.1); templates do not count.
    private var sequence: UInt32
    private var messagesSinceTemplates = 0
    private var templatesSentMilliseconds: UInt64?

    /// The next message begins with the templates: somebody reads from there who has none.
    package mutating func repeatTemplates() { templatesSentMilliseconds = nil }

    /// - Parameter firstSequence: where the sequence numbers start.
    package init(
        template: IPFIXTemplate, observationDomain: UInt32, policy: IPFIXPolicy = IPFIXPolicy(),
        firstSequence: UInt32 = 0
    ) {
        self.template = template
        self.observationDomain = observationDomain
        self.policy = policy
        sequence = firstSequence
        var layouts: [IPFIXTemplate.AgentFamily: [InformationElement]] = [:]
        for family in IPFIXTemplate.AgentFamily.allCases { layouts[family] = template.elements(family) }
        self.layouts = layouts
    }

    package struct Message: Hashable, Sendable {
        package let bytes: [UInt8]
        /// Data records inside.
        package let recordCount: Int
    }

    package struct Batch: Hashable, Sendable {
        package fileprivate(set) var messages: [Message] = []
        /// Records that do not fit the template: too few or too many keys or values, a value of another kind, or one
        /// that is too large for its element.
        package fileprivate(set) var refusedCount = 0
    }

    /// Encodes completed flows. Nothing is kept for the next call: every record is in a message or counted as refused.
    /// - Parameter nowMilliseconds: since the Unix epoch.
    package mutating func encode(_ records: some Sequence<FlowExportRecord>, nowMilliseconds: UInt64) -> Batch {
        var batch = Batch()
        var message: IPFIXMessageBuilder?
        for record in records {
            let family = IPFIXTemplate.AgentFamily(of: record.agent)
            guard let bytes = encoded(record, family) else {
                batch.refusedCount += 1
                continue
            }
            if let full = message, !full.hasRoom(for: bytes.count, set: family.templateID, bytesMax: bytesMax) {
                finish(full, into: &batch)
                message = nil
            }
            var current = message ?? begin(nowMilliseconds)
            current.append(record: bytes, set: family.templateID)
            message = current
        }
        if let message { finish(message, into: &batch) }
        return batch
    }

    /// A message holds the templates (about 200 bytes) and a record (at most 150) whatever the policy says.
    private var bytesMax: Int { min(max(policy.messageBytesMax, 512), 65_535) }

    private mutating func begin(_ nowMilliseconds: UInt64) -> IPFIXMessageBuilder {
        var message = IPFIXMessageBuilder(
            exportSeconds: UInt32(truncatingIfNeeded: nowMilliseconds / 1000), sequence: sequence,
            domain: observationDomain)
        if templatesAreDue(nowMilliseconds) {
            message.append(
                templates: layouts.sorted { $0.key.rawValue < $1.key.rawValue }.map { ($0.key.templateID, $0.value) })
            messagesSinceTemplates = 0
            templatesSentMilliseconds = nowMilliseconds
        }
        return message
    }

    private func templatesAreDue(_ nowMilliseconds: UInt64) -> Bool {
        guard let sent = templatesSentMilliseconds else { return true }
        // A clock set back would otherwise silence the templates for as long.
        guard nowMilliseconds >= sent else { return true }
        return nowMilliseconds - sent >= policy.templateMilliseconds
            || messagesSinceTemplates >= policy.templateMessages
    }

    private mutating func finish(_ message: IPFIXMessageBuilder, into batch: inout Batch) {
        batch.messages.append(Message(bytes: message.finished(), recordCount: message.recordCount))
        // Wraps as the RFC says.
        sequence &+= UInt32(truncatingIfNeeded: message.recordCount)
        messagesSinceTemplates += 1
    }

    /// The record's bytes; nil when it does not fit the template.
    private func encoded(_ record: FlowExportRecord, _ family: IPFIXTemplate.AgentFamily) -> [UInt8]? {
        guard record.keys.count == template.keys.count, record.values.count == template.values.count,
            let layout = layouts[family]
        else { return nil }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(layout.reduce(0) { $0 + $1.byteCount })
        let rest = record.values + [record.startMilliseconds, record.endMilliseconds]
        let fields = record.keys + rest.map { .number($0) } + [.address(record.agent)]
        for (element, field) in zip(layout, fields) {
            guard bytes.append(field, as: element.content) else { return nil }
        }
        return bytes
    }
}
