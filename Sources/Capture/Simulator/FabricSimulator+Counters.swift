// Counter samples, as they go on the wire. Layouts: sFlow version 5, structures counters_sample,
// counters_sample_expanded, and the counter records named below (host records: "sFlow Host Structures").

/// Tags of samples and of counter records (enterprise 0).
private enum Tag {
    static let countersSample: UInt32 = 2
    static let countersSampleExpanded: UInt32 = 4

    static let ifCounters: UInt32 = 1
    static let ethernetCounters: UInt32 = 2
    static let portName: UInt32 = 1005
    static let hostDescr: UInt32 = 2000
    static let hostAdapters: UInt32 = 2001
    static let hostCPU: UInt32 = 2003
    static let hostMemory: UInt32 = 2004
    static let hostDiskIO: UInt32 = 2005
    static let hostNetIO: UInt32 = 2006
}

extension FabricSimulator {
    private static let interfaceClass: UInt32 = 0
    private static let physicalClass: UInt32 = 2

    /// Interface counters of a port. The 32-bit ones wrap, as they do in real switches.
    mutating func pollPort(_ number: Int) {
        ports[number].counterSequence &+= 1
        let port = ports[number]
        let isSwitch = nodes[port.node].role != .host
        let start = openCounters(
            port.node, sequence: port.counterSequence, FabricSimulator.interfaceClass, port.ifIndex,
            records: isSwitch ? 3 : 2)
        let generic = sample.open(Tag.ifCounters)
        sample.append32(port.ifIndex)
        sample.append32(6)  // ethernetCsmacd
        sample.append64(UInt64(port.speedBitsPerSecond))
        sample.append32(1)  // full duplex
        sample.append32(3)  // up, by order and in fact
        appendDirection(port.received, discarded: port.discardedIn)
        sample.append32(0)  // unknown protocols
        appendDirection(port.sent, discarded: port.discardedOut)
        sample.append32(2)  // not promiscuous
        sample.close(generic)
        if isSwitch {
            let ethernet = sample.open(Tag.ethernetCounters)
            for _ in 0..<13 { sample.append32(0) }
            sample.close(ethernet)
        }
        let name = sample.open(Tag.portName)
        sample.appendOpaque(port.name)
        sample.close(name)
        sample.close(start)
        enqueueSample(port.node)
    }

    /// The records of the machine itself, on data source 2:1.
    mutating func pollMachine(_ number: Int) {
        nodes[number].machineSequence &+= 1
        nodes[number].machine.advance(to: uptimeMilliseconds, &machineRandom)
        let node = nodes[number]
        let isHost = node.role == .host
        let start = openCounters(
            number, sequence: node.machineSequence, FabricSimulator.physicalClass, 1, records: isHost ? 6 : 3)
        appendDescription(node)
        if isHost { appendAdapters(number) }
        appendProcessor(node.machine)
        appendMemory(node.machine)
        if isHost {
            appendDisk(node.machine)
            appendNetwork(number)
        }
        sample.close(start)
        enqueueSample(number)
    }

    private mutating func openCounters(
        _ node: Int, sequence: UInt32, _ sourceClass: UInt32, _ sourceIndex: UInt32, records: UInt32
    ) -> Int {
        let isExpanded = nodes[node].usesExpandedFormats
        let start = sample.open(isExpanded ? Tag.countersSampleExpanded : Tag.countersSample)
        sample.append32(sequence)
        if isExpanded {
            sample.append32(sourceClass)
            sample.append32(sourceIndex)
        } else {
            sample.append32(sourceClass << 24 | sourceIndex)
        }
        sample.append32(records)
        return start
    }

    /// Octets, unicast, multicast, broadcast, discards, errors: the same for both directions.
    private mutating func appendDirection(_ tally: Tally, discarded: Tally) {
        sample.append64(tally.octets)
        sample.append32(UInt32(truncatingIfNeeded: tally.frames))
        sample.append32(0)
        sample.append32(0)
        sample.append32(UInt32(truncatingIfNeeded: discarded.frames))
        sample.append32(0)
    }

    // MARK: Host structures

    private mutating func appendDescription(_ node: FabricNode) {
        let record = sample.open(Tag.hostDescr)
        sample.appendOpaque(node.name)
        sample.append64(node.machine.uuid.0)
        sample.append64(node.machine.uuid.1)
        sample.append32(3)  // x86_64
        sample.append32(2)  // Linux
        sample.appendOpaque("6.1.0-simulated")
        sample.close(record)
    }

    private mutating func appendAdapters(_ number: Int) {
        let record = sample.open(Tag.hostAdapters)
        sample.append32(1)
        sample.append32(ports[layout.ports(ofNode: number).lowerBound].ifIndex)
        sample.append32(1)
        sample.append(nodes[number].mac)
        sample.append16(0)
        sample.close(record)
    }

    private mutating func appendProcessor(_ machine: SimulatedMachine) {
        let record = sample.open(Tag.hostCPU)
        let load = Float(machine.cores * machine.busyPermille) / 1000
        for _ in 0..<3 { sample.append32(load.bitPattern) }
        sample.append32(2)
        sample.append32(200)
        sample.append32(UInt32(machine.cores))
        sample.append32(2400)  // MHz
        sample.append32(UInt32(truncatingIfNeeded: uptimeMilliseconds / 1000))
        sample.append32(machine.userMilliseconds)
        sample.append32(0)
        sample.append32(machine.systemMilliseconds)
        sample.append32(machine.idleMilliseconds)
        for _ in 0..<8 { sample.append32(0) }
        sample.close(record)
    }

    private mutating func appendMemory(_ machine: SimulatedMachine) {
        let record = sample.open(Tag.hostMemory)
        sample.append64(machine.memoryBytes)
        sample.append64(machine.memoryFreeBytes)
        sample.append64(0)
        sample.append64(64 << 20)
        sample.append64(machine.memoryBytes / 32)
        sample.append64(4 << 30)
        sample.append64(4 << 30)
        for _ in 0..<4 { sample.append32(0) }
        sample.close(record)
    }

    /// Ten reads and twenty writes a second, of 4 and 8 KiB, taking a millisecond each.
    private mutating func appendDisk(_ machine: SimulatedMachine) {
        let reads = UInt64(uptimeMilliseconds / 100)
        let record = sample.open(Tag.hostDiskIO)
        sample.append64(machine.diskBytes)
        sample.append64(machine.diskBytes / 5 * 3)
        sample.append32(4000)  // 40 % used
        for (count, octets) in [(reads, reads &* 4096), (reads &* 2, reads &* 16_384)] {
            sample.append32(UInt32(truncatingIfNeeded: count))
            sample.append64(octets)
            sample.append32(UInt32(truncatingIfNeeded: count))
        }
        sample.close(record)
    }

    private mutating func appendNetwork(_ number: Int) {
        let port = ports[layout.ports(ofNode: number).lowerBound]
        let record = sample.open(Tag.hostNetIO)
        for tally in [port.received, port.sent] {
            sample.append64(tally.octets)
            sample.append32(UInt32(truncatingIfNeeded: tally.frames))
            sample.append64(0)  // errors, drops
        }
        sample.close(record)
    }
}
