// Flow samples and discarded-packet events, as they go on the wire. Layouts: sFlow version 5, structures flow_sample,
// flow_sample_expanded, discarded_packet and the flow records named below.

import Bytes

/// Tags of samples and of flow records (enterprise 0).
private enum Tag {
    static let flowSample: UInt32 = 1
    static let flowSampleExpanded: UInt32 = 3
    static let discardedPacket: UInt32 = 5

    static let sampledHeader: UInt32 = 1
    static let extendedSwitch: UInt32 = 1001
    static let extendedRouter: UInt32 = 1002
    static let extendedEgressQueue: UInt32 = 1036
    static let extendedACL: UInt32 = 1037
    static let extendedFunction: UInt32 = 1038
}

extension FabricSimulator {
    /// A sample of packet `position` (from 1) of those that cross the switch; `pool` counts it already.
    mutating func addFlowSample(_ crossing: Crossing, position: Int, pool: UInt32) {
        let (hop, node) = (crossing.hop, crossing.hop.node)
        let isExpanded = nodes[node].usesExpandedFormats
        ports[hop.input].flowSequence &+= 1
        let input = ports[hop.input].ifIndex
        let isDropped = position > crossing.forwarded
        let outputFormat: UInt32 = isDropped ? 1 : 0
        let output = isDropped ? crossing.dropReason.rawValue : ports[hop.output].ifIndex

        let start = sample.open(isExpanded ? Tag.flowSampleExpanded : Tag.flowSample)
        sample.append32(ports[hop.input].flowSequence)
        if isExpanded { sample.append32(0) }
        sample.append32(input)
        sample.append32(UInt32(configuration.samplingRate))
        sample.append32(pool)
        sample.append32(ports[hop.input].sampleDrops)
        if isExpanded {
            for word in [0, input, outputFormat, output] { sample.append32(word) }
        } else {
            sample.append32(input)
            sample.append32(outputFormat << 30 | output)
        }
        sample.append32(hop.nextHop == nil ? 2 : 3)
        appendHeader(crossing, packet: crossing.firstPacket + position - 1)
        appendForwarding(crossing)
        sample.close(start)
        enqueueSample(node)
    }

    /// The event of the first dropped packet.
    mutating func addDiscardEvent(_ crossing: Crossing) {
        let hop = crossing.hop
        ports[hop.input].discardSequence &+= 1
        let isDenied = crossing.dropReason == .accessList
        let start = sample.open(Tag.discardedPacket)
        sample.append32(ports[hop.input].discardSequence)
        sample.append32(0)
        sample.append32(ports[hop.input].ifIndex)
        sample.append32(ports[hop.input].eventDrops)
        sample.append32(ports[hop.input].ifIndex)
        // Known only of packets that were dropped on their way out.
        sample.append32(isDenied ? 0 : ports[hop.output].ifIndex)
        sample.append32(crossing.dropReason.rawValue)
        sample.append32(3)
        appendHeader(crossing, packet: crossing.firstPacket + crossing.forwarded)
        if isDenied {
            let record = sample.open(Tag.extendedACL)
            sample.append32(10)
            sample.appendOpaque("deny-udp-9999")
            sample.append32(1)
            sample.close(record)
        } else {
            let record = sample.open(Tag.extendedEgressQueue)
            sample.append32(2)
            sample.close(record)
        }
        let function = sample.open(Tag.extendedFunction)
        sample.appendOpaque(isDenied ? "ingress_acl" : "egress_enqueue")
        sample.close(function)
        sample.close(start)
        enqueueSample(hop.node)
    }

    private mutating func appendHeader(_ crossing: Crossing, packet: Int) {
        let record = sample.open(Tag.sampledHeader)
        sample.append32(1)  // Ethernet
        sample.append32(UInt32(crossing.flow.frameOctets))
        sample.append32(4)  // the FCS was taken off
        let length = sample.count
        sample.append32(0)
        crossing.flow.appendSampledFrame(at: crossing.hop, packet: packet, to: &sample)
        let headerBytes = sample.count - length - 4
        sample.overwrite32(UInt32(headerBytes), at: length)
        sample.pad(headerBytes)
        sample.close(record)
    }

    private mutating func appendForwarding(_ crossing: Crossing) {
        let (flow, hop) = (crossing.flow, crossing.hop)
        let priority: UInt32 = flow.vlan == nil ? 0 : UInt32(SimulatedFlow.tagPriority)
        let vlans = sample.open(Tag.extendedSwitch)
        for word in [hop.sourceVLAN, priority, hop.destinationVLAN, priority] { sample.append32(word) }
        sample.close(vlans)
        guard let nextHop = hop.nextHop else { return }
        let router = sample.open(Tag.extendedRouter)
        sample.append32(nextHop.isIPv6 ? 2 : 1)
        sample.append(nextHop)
        let maskLength: UInt32 = nextHop.isIPv6 ? 64 : 24
        sample.append32(maskLength)
        sample.append32(maskLength)
        sample.close(router)
    }
}
