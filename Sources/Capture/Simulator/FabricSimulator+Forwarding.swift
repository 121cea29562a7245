// Packets on their way: through every port from host to host, sampled where they enter a switch, dropped where they are
// denied or find no room.

extension FabricSimulator {
    /// Why a switch drops a packet. Source: sFlow version 5, reason codes of dropped packets.
    enum DropReason: UInt32 {
        case accessList = 258
        case noBufferSpace = 259
    }

    /// Packets of a flow that cross a switch in one tick; the last of them may be dropped there.
    struct Crossing {
        let flow: SimulatedFlow
        let hop: Hop
        /// Number within the flow of the first packet.
        let firstPacket: Int
        let count: Int
        let forwarded: Int
        var dropReason: DropReason { flow.isDenied ? .accessList : .noBufferSpace }
    }

    mutating func send(_ due: Int, ofFlow index: Int) {
        let flow = flows[index]
        let octets = flow.frameOctets
        let origin = layout.hostPort(flow.sourceHost)
        // A host sends no more than its port takes; what is too much is not sent later either.
        var count = ports[origin].reserve(due, octetsEach: octets, tick: tick)
        ports[origin].sent.add(count, octetsEach: octets)
        flows[index].packetsSent += count
        for hop in flow.hops {
            guard count > 0 else { return }
            ports[hop.input].received.add(count, octetsEach: octets)
            let forwarded = flow.isDenied ? 0 : ports[hop.output].reserve(count, octetsEach: octets, tick: tick)
            let crossing = Crossing(
                flow: flow, hop: hop, firstPacket: flow.packetsSent, count: count, forwarded: forwarded)
            takeSamples(crossing)
            if forwarded < count { drop(crossing) }
            ports[hop.output].sent.add(forwarded, octetsEach: octets)
            count = forwarded
        }
        ports[layout.hostPort(flow.destinationHost)].received.add(count, octetsEach: octets)
    }

    /// Packets until the next sample, itself included: uniform from 1 to 2N − 1, whose mean is N. Whole numbers only,
    /// so that no platform's logarithm decides what the bytes are.
    mutating func nextSkip() -> Int { 1 + samplingRandom.next(below: 2 * configuration.samplingRate - 1) }

    private mutating func takeSamples(_ crossing: Crossing) {
        let (input, node) = (crossing.hop.input, crossing.hop.node)
        if nodes[node].samplesTick != tick {
            nodes[node].samplesTick = tick
            nodes[node].samplesInTick = 0
        }
        let pool = ports[input].samplePool
        var position = ports[input].packetsToSample
        while position <= crossing.count {
            guard nodes[node].samplesInTick < FabricSimulator.samplesPerTickMax else {
                let missed = 1 + (crossing.count - position) / configuration.samplingRate
                ports[input].sampleDrops &+= UInt32(truncatingIfNeeded: missed)
                position = crossing.count + nextSkip()
                break
            }
            nodes[node].samplesInTick += 1
            addFlowSample(crossing, position: position, pool: pool &+ UInt32(truncatingIfNeeded: position))
            position += nextSkip()
        }
        ports[input].packetsToSample = position - crossing.count
        ports[input].samplePool = pool &+ UInt32(truncatingIfNeeded: crossing.count)
    }

    /// Counts the dropped packets and reports the first of them, unless the input port has just reported another.
    private mutating func drop(_ crossing: Crossing) {
        let (input, dropped) = (crossing.hop.input, crossing.count - crossing.forwarded)
        switch crossing.dropReason {
        case .accessList: ports[input].discardedIn.add(dropped, octetsEach: crossing.flow.frameOctets)
        case .noBufferSpace:
            ports[crossing.hop.output].discardedOut.add(dropped, octetsEach: crossing.flow.frameOctets)
        }
        // At most 10 a second and port: the specification's default.
        guard tick >= ports[input].nextEventTick else {
            ports[input].eventDrops &+= UInt32(truncatingIfNeeded: dropped)
            return
        }
        ports[input].nextEventTick = tick + 1
        addDiscardEvent(crossing)
        ports[input].eventDrops &+= UInt32(truncatingIfNeeded: dropped - 1)
    }
}
