// What the fabric's nodes and ports remember: totals, sequence numbers, what waits to be sent. All starts at 0 at the
// moment in which the simulation does: the fabric has just been switched on.

import Bytes

/// A port of a switch, or a host's eth0.
struct FabricPort: Sendable {
    let node: Int
    let ifIndex: UInt32
    let name: String
    let speedBitsPerSecond: Int

    var received = Tally()
    var sent = Tally()
    /// Received, then denied.
    var discardedIn = Tally()
    /// Meant for this port, which had no room.
    var discardedOut = Tally()

    var flowSequence: UInt32 = 0
    var counterSequence: UInt32 = 0
    var discardSequence: UInt32 = 0
    var samplePool: UInt32 = 0
    /// Samples that the switch was too busy to send.
    var sampleDrops: UInt32 = 0
    /// Discard events withheld by the rate limit.
    var eventDrops: UInt32 = 0
    /// The next sample is taken of the packet this many further on, 1 being the next.
    var packetsToSample = 1
    /// Tick from which on an event may be sent again.
    var nextEventTick: UInt64 = 0

    private var loadTick: UInt64 = 0
    private var loadOctets = 0

    init(node: Int, ifIndex: UInt32, name: String, speedBitsPerSecond: Int) {
        self.node = node
        self.ifIndex = ifIndex
        self.name = name
        self.speedBitsPerSecond = speedBitsPerSecond
    }

    /// Reserves room on the wire for up to `count` frames in this tick; how many fit.
    mutating func reserve(_ count: Int, octetsEach: Int, tick: UInt64) -> Int {
        if loadTick != tick {
            loadTick = tick
            loadOctets = 0
        }
        let capacityOctets = speedBitsPerSecond / 8 / FabricSimulator.ticksPerSecond
        let fitting = min(count, max(0, capacityOctets - loadOctets) / octetsEach)
        loadOctets += fitting * octetsEach
        return fitting
    }
}

/// A switch or host as an sFlow agent.
struct FabricNode: Sendable {
    let name: String
    let role: FabricLayout.Role
    let agent: IPAddress
    let mac: MACAddress
    let subAgent: UInt32
    let usesExpandedFormats: Bool
    var machine: SimulatedMachine

    var datagramSequence: UInt32 = 0
    var machineSequence: UInt32 = 0
    /// Samples that wait for company, encoded.
    var pending: [UInt8] = []
    var pendingCount: UInt32 = 0
    /// Flow samples taken in tick `samplesTick`.
    var samplesTick: UInt64 = 0
    var samplesInTick = 0
}

/// A computer: its processors are busy to a varying degree, its disk works along. Everything is a running total that is
/// brought up to date when it is asked for.
struct SimulatedMachine: Sendable {
    let cores: Int
    let memoryBytes: UInt64
    let diskBytes: UInt64
    let uuid: (UInt64, UInt64)
    private(set) var memoryFreeBytes: UInt64
    private(set) var busyPermille: Int
    /// Summed over all processors. Unit: milliseconds, wrapping.
    private(set) var userMilliseconds: UInt32 = 0
    private(set) var systemMilliseconds: UInt32 = 0
    private(set) var idleMilliseconds: UInt32 = 0
    private var advancedMilliseconds: Int64 = 0

    init(_ random: inout SplitMix64, isSwitch: Bool) {
        cores = isSwitch ? 4 : 4 << random.next(below: 4)
        memoryBytes = (isSwitch ? 8 : 16 << UInt64(random.next(below: 3))) << 30
        diskBytes = 480 << 30
        uuid = (random.next(), random.next())
        memoryFreeBytes = memoryBytes / 1000 * UInt64(random.next(in: 200...700))
        busyPermille = isSwitch ? random.next(in: 50...300) : random.next(in: 20...850)
    }

    /// Moves on to `milliseconds` after the start, at the degree of use so far, then lets that degree drift.
    mutating func advance(to milliseconds: Int64, _ random: inout SplitMix64) {
        let elapsed = (milliseconds - advancedMilliseconds) * Int64(cores)
        advancedMilliseconds = milliseconds
        let busy = elapsed * Int64(busyPermille) / 1000
        let system = busy / 4
        userMilliseconds &+= UInt32(truncatingIfNeeded: busy - system)
        systemMilliseconds &+= UInt32(truncatingIfNeeded: system)
        idleMilliseconds &+= UInt32(truncatingIfNeeded: elapsed - busy)
        busyPermille = min(max(busyPermille + random.next(in: -50...50), 10), 950)
        let part = memoryBytes / 1000
        let drifted = memoryFreeBytes + part * UInt64(random.next(in: 0...20))
        memoryFreeBytes = min(max(drifted, part * 60) - part * 10, part * 900)
    }
}
