// What members (workers, ingest nodes) and the leading coordinator tell each other on the stream that a member holds open.

package import Wire

package enum MemberRole: UInt8, Sendable, WireCodable, CaseIterable {
    case worker = 1
    case ingest = 2

    package var name: String { self == .worker ? "worker" : "ingest" }
}

/// The first message of a member.
package struct Join: Hashable, Sendable {
    package var role: MemberRole
    package var name: String
    package var incarnation: UInt64
    /// Where its own cluster port is; the host is whoever the connection comes from. 0: it has none.
    package var port: Int
    /// The newest map that it knows; 0 for none.
    package var epoch: UInt64
    /// Of the program, for people.
    package var version: String
    /// Whether it is an ingest node that shows the simulated fabric.
    package var isDemo = false

    package init(role: MemberRole, name: String, incarnation: UInt64, port: Int, epoch: UInt64, version: String) {
        self.role = role
        self.name = name
        self.incarnation = incarnation
        self.port = port
        self.epoch = epoch
        self.version = version
    }
}

/// How much a member has to do.
package struct MemberLoad: Hashable, Sendable {
    /// Since the start.
    package var datagrams: UInt64 = 0, bytes: UInt64 = 0, samples: UInt64 = 0, dropped: UInt64 = 0
    /// Copies that an ingest node left out for a worker that had fallen behind, since others stand for them; not dropped.
    package var thinned: UInt64 = 0
    /// Of those dropped, by the kernel before they could be received.
    package var droppedByKernel: UInt64 = 0
    /// Messages of peers that made no sense.
    package var refusedMessages: UInt64 = 0
    /// Questions that a worker did not answer, because they went by an older map.
    package var olderQuestions: UInt64 = 0
    package var agents = 0
    /// Datagrams that wait to be passed on or taken in.
    package var queued = 0
    /// Unit: datagrams and samples a second, over the last heartbeat.
    package var datagramsPerSecond = 0.0, samplesPerSecond = 0.0

    package init() {}
}

/// Where an ingest node's clock stands.
package struct SourceTime: Hashable, Sendable {
    /// Whether it is the clock of a capture that is replayed fast.
    package var isCapture: Bool
    /// Everything that arrived until then has been taken in by its owners. Unit: nanoseconds since the Unix epoch.
    package var watermark: Int64

    package init(isCapture: Bool, watermark: Int64) {
        self.isCapture = isCapture
        self.watermark = watermark
    }
}

/// Sent each second, and at once when something in it has changed that others wait for.
package struct Heartbeat: Hashable, Sendable {
    /// Counted by the member on each stream; the leader repeats it.
    package var number: UInt64 = 0
    package var epoch: UInt64 = 0
    package var definitionsVersion: UInt64 = 0
    package var load = MemberLoad()
    /// How long the oldest of what waits has waited: of an ingest node until workers have taken it in, of a worker since it came.
    /// Unit: milliseconds.
    package var lagMilliseconds = 0
    /// Of ingest nodes.
    package var sourceTime: SourceTime?
    /// Of ingest nodes: everything that they sent by maps older than this epoch has been taken in.
    package var settledEpoch: UInt64 = 0
    /// Of ingest nodes: the copies of shards that were not sent all that others were.
    package var short = ShortReport()
    /// Of workers: the shards coming to them, by the map of `epoch`, that have come.
    package var filled = ShardSet()
    /// Of workers, now and then: what there was to do lately for the shards that they answer for. Unit: samples a second.
    package var shardLoads: [UInt64: UInt64] = [:]
    /// It is about to stop: a worker wants to hand its shards over, an ingest node has passed on all that it will ever pass on.
    package var isDraining = false
    /// What went wrong last; nil when nothing did.
    package var error: String?

    package init() {}
}

extension Duration {
    /// Whole ones, of a time that a process has measured.
    package var milliseconds: Int { Int(clamping: components.seconds) * 1_000 + Int(components.attoseconds / 1_000_000_000_000_000) }
}

package enum MemberReport: Sendable {
    case join(Join)
    case heartbeat(Heartbeat)
    /// Events and flow records, encoded, with their number since the worker joined.
    case outbox(number: UInt64, bytes: [UInt8])
}

/// What everybody in a cluster must agree on; the first message to a member that was let in.
package struct ClusterTerms: Hashable, Sendable {
    package var shardCount: Int
    package var replicas: Int
    /// Unit: nanoseconds.
    package var expiryMinimum: Int64, expiryMaximum: Int64
    /// Further names of metrics, which thresholds may use.
    package var aliases: [String: String] = [:]

    package init(shardCount: Int, replicas: Int, expiryMinimum: Int64, expiryMaximum: Int64) {
        self.shardCount = shardCount
        self.replicas = replicas
        self.expiryMinimum = expiryMinimum
        self.expiryMaximum = expiryMaximum
    }
}

package enum MemberOrder: Sendable {
    case welcome(ClusterTerms)
    case map(ShardMap)
    /// A definition document (`DefinitionSet`) and its number.
    case definitions(version: UInt64, document: [UInt8])
    /// Outboxes up to this number are kept by the coordinator.
    case taken(number: UInt64)
    /// The heartbeat of this number has arrived, and what it says is known.
    case heard(number: UInt64)
    /// Whatever ingest nodes sent by maps older than this epoch has been taken in: who has a shard has all of it.
    case settled(epoch: UInt64)
    /// The member may go: nothing depends on it any more.
    case released
    /// The member may not join; for its operator. The first message then, and the last.
    case refused(String)
}

// MARK: On the wire

extension Join: WireCodable {
    package func encode(into writer: inout WireWriter) {
        writer.write(role)
        writer.write(name)
        writer.write(incarnation)
        writer.write(port)
        writer.write(epoch)
        writer.write(version)
        writer.write(isDemo)
    }

    package init(from reader: inout WireReader) throws(WireError) {
        self.init(
            role: try reader.value(), name: try reader.value(), incarnation: try reader.value(), port: try reader.value(),
            epoch: try reader.value(), version: try reader.value())
        isDemo = try reader.value()
        guard !name.isEmpty, name.utf8.count <= ClusterLimits.nameBytesMax, (0...65_535).contains(port),
            version.utf8.count <= ClusterLimits.nameBytesMax, epoch < UInt64(Int64.max) / 2
        else { throw reader.fault(.badValue) }
    }
}

extension MemberLoad: WireCodable {
    package func encode(into writer: inout WireWriter) {
        writer.write(datagrams)
        writer.write(bytes)
        writer.write(samples)
        writer.write(dropped)
        writer.write(thinned)
        writer.write(droppedByKernel)
        writer.write(refusedMessages)
        writer.write(olderQuestions)
        writer.write(agents)
        writer.write(queued)
        writer.write(datagramsPerSecond)
        writer.write(samplesPerSecond)
    }

    package init(from reader: inout WireReader) throws(WireError) {
        datagrams = try reader.value()
        bytes = try reader.value()
        samples = try reader.value()
        dropped = try reader.value()
        thinned = try reader.value()
        droppedByKernel = try reader.value()
        refusedMessages = try reader.value()
        olderQuestions = try reader.value()
        agents = try reader.value()
        queued = try reader.value()
        datagramsPerSecond = try reader.value()
        samplesPerSecond = try reader.value()
        guard datagramsPerSecond.isFinite, samplesPerSecond.isFinite else { throw reader.fault(.badValue) }
    }
}

extension SourceTime: WireCodable {
    package func encode(into writer: inout WireWriter) {
        writer.write(isCapture)
        writer.write(watermark)
    }

    package init(from reader: inout WireReader) throws(WireError) {
        self.init(isCapture: try reader.value(), watermark: try reader.value())
    }
}

extension Heartbeat: WireCodable {
    package func encode(into writer: inout WireWriter) {
        writer.write(number)
        writer.write(epoch)
        writer.write(definitionsVersion)
        writer.write(load)
        writer.write(lagMilliseconds)
        writer.write(sourceTime)
        writer.write(settledEpoch)
        writer.write(short)
        writer.write(filled)
        writer.write(shardLoads)
        writer.write(isDraining)
        writer.write(error)
    }

    package init(from reader: inout WireReader) throws(WireError) {
        number = try reader.value()
        epoch = try reader.value()
        definitionsVersion = try reader.value()
        load = try reader.value()
        lagMilliseconds = try reader.value()
        sourceTime = try reader.value()
        settledEpoch = try reader.value()
        short = try reader.value()
        filled = try reader.value()
        shardLoads = try reader.value()
        isDraining = try reader.value()
        error = try reader.value()
    }
}

extension MemberReport: WireCodable {
    package func encode(into writer: inout WireWriter) {
        switch self {
        case .join(let join):
            writer.write(byte: 1)
            writer.write(join)
        case .heartbeat(let heartbeat):
            writer.write(byte: 2)
            writer.write(heartbeat)
        case .outbox(let number, let bytes):
            writer.write(byte: 3)
            writer.write(number)
            writer.write(bytes: bytes)
        }
    }

    package init(from reader: inout WireReader) throws(WireError) {
        switch try reader.byte() {
        case 1: self = .join(try reader.value())
        case 2: self = .heartbeat(try reader.value())
        case 3: self = .outbox(number: try reader.value(), bytes: try reader.byteArray())
        default: throw reader.fault(.badValue)
        }
    }
}

extension ClusterTerms: WireCodable {
    package func encode(into writer: inout WireWriter) {
        writer.write(shardCount)
        writer.write(replicas)
        writer.write(expiryMinimum)
        writer.write(expiryMaximum)
        writer.write(aliases)
    }

    package init(from reader: inout WireReader) throws(WireError) {
        self.init(
            shardCount: try reader.value(), replicas: try reader.value(), expiryMinimum: try reader.value(),
            expiryMaximum: try reader.value())
        aliases = try reader.value()
        guard (1...ClusterLimits.shardsMax).contains(shardCount), (1...2).contains(replicas),
            expiryMinimum > 0, expiryMinimum <= expiryMaximum
        else { throw reader.fault(.badValue) }
    }
}

extension MemberOrder: WireCodable {
    package func encode(into writer: inout WireWriter) {
        switch self {
        case .welcome(let terms):
            writer.write(byte: 1)
            writer.write(terms)
        case .map(let map):
            writer.write(byte: 2)
            writer.write(map)
        case .definitions(let version, let document):
            writer.write(byte: 3)
            writer.write(version)
            writer.write(bytes: document)
        case .taken(let number):
            writer.write(byte: 4)
            writer.write(number)
        case .released: writer.write(byte: 5)
        case .heard(let number):
            writer.write(byte: 6)
            writer.write(number)
        case .refused(let why):
            writer.write(byte: 7)
            writer.write(text: why)
        case .settled(let epoch):
            writer.write(byte: 8)
            writer.write(epoch)
        }
    }

    package init(from reader: inout WireReader) throws(WireError) {
        switch try reader.byte() {
        case 1: self = .welcome(try reader.value())
        case 2: self = .map(try reader.value())
        case 3: self = .definitions(version: try reader.value(), document: try reader.byteArray())
        case 4: self = .taken(number: try reader.value())
        case 5: self = .released
        case 6: self = .heard(number: try reader.value())
        case 7: self = .refused(try reader.text())
        case 8: self = .settled(epoch: try reader.value())
        default: throw reader.fault(.badValue)
        }
    }
}
