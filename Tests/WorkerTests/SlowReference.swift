// What the answers must be, worked out in the most obvious way: dictionaries of everything, a reader of its own for the
// few structures that the streams use, all values of a metric in one array. Shares nothing with the engine but the words
// that place a value (agent, data source).

import Bytes
import DatagramBuilding
import Queries
import SFlow
import ShardEngine

struct SlowReference {
    struct Value: Hashable {
        var text: String?
        var number: Double?
        var arrival: Int64
    }

    struct Counter {
        var total: UInt64
        var rate: Double?
        var isAllOnes = false
    }

    /// One structure of one data source: it came at these times, and what it said.
    struct Block {
        var arrival: Int64
        var interval: Int64 = 0
        var uptime: UInt32
        var isInterrupted = false
        var numbers: [String: Double] = [:]
        var texts: [String: String] = [:]
        var counters: [String: Counter] = [:]
    }

    struct Agent {
        var lastArrival: Int64 = 0
        var blocks: [SourceName: [String: Block]] = [:]
        var seen: Set<UInt32> = []
        var newest: UInt32?
        var newestUptime: UInt32 = 0
        var run = 0
        var sampleNumbers: [String: (number: UInt32, run: Int, backsteps: Int)] = [:]
        var datagrams = 0, duplicates = 0
    }

    var agents: [IPAddress: Agent] = [:]

    static func life(_ interval: Int64) -> Int64 { interval == 0 ? 600_000_000_000 : min(600_000_000_000, max(60_000_000_000, 5 * interval)) }

    func isAlive(_ agent: Agent, at now: Int64) -> Bool {
        now - agent.lastArrival <= 60_000_000_000
            || agent.blocks.values.contains { $0.values.contains { now - $0.arrival <= SlowReference.life($0.interval) } }
    }

    // MARK: Taking in

    mutating func take(_ arrival: Arrival) {
        let datagram = arrival.datagram
        var agent = agents[datagram.agent] ?? Agent()
        if !isAlive(agent, at: arrival.time) { agent = Agent() }
        agent.lastArrival = max(agent.lastArrival, arrival.time)
        agent.datagrams += 1
        var isLate = false
        let step = Int64(Int32(bitPattern: datagram.sequence &- (agent.newest ?? datagram.sequence &- 1)))
        if agent.newest != nil, step <= 0, Int64(agent.newestUptime) - Int64(datagram.uptime) > 5_000 {
            agent.run += 1
            agent.seen = []
            agent.newest = nil
        } else if agent.seen.contains(datagram.sequence) {
            agent.duplicates += 1
            agents[datagram.agent] = agent
            return
        } else {
            isLate = step < 0
        }
        agent.seen.insert(datagram.sequence)
        if !isLate { (agent.newest, agent.newestUptime) = (datagram.sequence, datagram.uptime) }
        for sample in datagram.samples {
            var words = Words(sample.body)
            switch sample.tag {
            case 2, 4: counters(&words, isExpanded: sample.tag == 4, &agent, arrival, isLate)
            case 4300 << 12 | 1002: custom(&words, &agent, arrival, isLate)
            default: break
            }
        }
        agents[datagram.agent] = agent
    }

    private func counters(_ words: inout Words, isExpanded: Bool, _ agent: inout Agent, _ arrival: Arrival, _ isLate: Bool) {
        let number = words.u32()
        let word = words.u32()
        let source = isExpanded ? DataSource(classNumber: word, index: words.u32()) : DataSource(classNumber: word >> 24, index: word & 0xFF_FFFF)
        let key = "\(source)"
        var isReset = false
        if let last = agent.sampleNumbers[key] {
            if last.run != agent.run {
                isReset = true
            } else {
                if number == last.number { return }
                if number < last.number {
                    if isLate { return }
                    isReset = true
                }
            }
        }
        agent.sampleNumbers[key] = (number, agent.run, 0)
        var row = SourceName.numbered(source)
        if isReset { interrupt(&agent, row) }
        for _ in 0..<words.u32() {
            let tag = words.u32()
            var record = Words(words.bytes(Int(words.u32())))
            if tag == 1 {
                let index = record.peek()
                if source.classNumber == 0, index != 0 {
                    row = .numbered(DataSource(classNumber: 0, index: index))
                    if isReset { interrupt(&agent, row) }
                }
            }
            structure(tag, &record, &agent, row, arrival)
        }
    }

    private func interrupt(_ agent: inout Agent, _ row: SourceName) {
        guard var blocks = agent.blocks[row] else { return }
        for name in blocks.keys { blocks[name]?.isInterrupted = true }
        agent.blocks[row] = blocks
    }

    /// Opens the block as it stands; nil seconds: no uninterrupted series.
    private func open(_ agent: Agent, _ row: SourceName, _ name: String, _ arrival: Arrival) -> (Block, seconds: Double?) {
        guard let block = agent.blocks[row]?[name], arrival.time - block.arrival <= SlowReference.life(block.interval) else {
            return (Block(arrival: arrival.time, uptime: arrival.datagram.uptime), nil)
        }
        if block.isInterrupted || Int64(block.uptime) - Int64(arrival.datagram.uptime) > 5_000 { return (block, nil) }
        let byArrival = Double(arrival.time - block.arrival) * 1e-9
        let byUptime = Double(arrival.datagram.uptime &- block.uptime) * 1e-3
        let seconds = abs(byUptime - byArrival) <= 0.2 * byArrival + 1 ? byUptime : byArrival
        return (block, max(0, seconds))
    }

    private func close(_ block: Block, _ seconds: Double?, _ agent: inout Agent, _ row: SourceName, _ name: String, _ arrival: Arrival) {
        var block = block
        if seconds != 0 {
            block.interval = agent.blocks[row]?[name] == nil || block.arrival == arrival.time ? 0 : max(0, arrival.time - block.arrival)
            block.arrival = arrival.time
            block.uptime = arrival.datagram.uptime
            block.isInterrupted = false
        }
        agent.blocks[row, default: [:]][name] = block
    }

    private func count(_ metric: String, _ total: UInt64, bits: Int, most: Double?, _ block: inout Block, _ seconds: Double?) {
        let isAllOnes = total == (bits == 32 ? 0xFFFF_FFFF : UInt64.max)
        guard var counter = block.counters[metric] else {
            block.counters[metric] = Counter(total: total, rate: nil, isAllOnes: isAllOnes)
            return
        }
        defer { block.counters[metric] = counter }
        if seconds == 0 { return }
        let old = counter
        (counter.total, counter.isAllOnes) = (total, isAllOnes)
        guard let seconds else {
            if isAllOnes { counter.rate = nil }
            return
        }
        if isAllOnes {
            if old.isAllOnes { counter.rate = nil }
            return
        }
        if old.isAllOnes, old.rate == nil { return }
        let increase: Double
        if bits == 32 {
            increase = Double((total &- old.total) & 0xFFFF_FFFF)
            guard increase <= most ?? 2_147_483_648 else { return }
        } else if total >= old.total {
            increase = Double(total - old.total)
            if let most, increase > most { return }
        } else {
            guard let most, old.total < 1 << 32 else { return }
            increase = Double(total + (1 << 32) - old.total)
            guard increase <= most else { return }
        }
        counter.rate = increase / seconds
    }

    private func structure(_ tag: UInt32, _ words: inout Words, _ agent: inout Agent, _ row: SourceName, _ arrival: Arrival) {
        var (block, seconds) = open(agent, row, "\(tag)", arrival)
        if seconds == 0, block.arrival == arrival.time { return }
        switch tag {
        case 1:
            block.numbers["ifindex"] = Double(words.u32())
            let type = words.u32()
            block.texts["iftype"] = [6: "ethernetCsmacd"][type] ?? "\(type)"
            let speedBefore = block.numbers["ifspeed"] ?? 0
            let speed = Double(words.u64())
            block.numbers["ifspeed"] = speed
            _ = words.u32()
            let status = words.u32()
            block.texts["ifoperstatus"] = status & 2 == 0 ? "down" : "up"
            let bits = seconds.map { max(speed, speedBefore) * $0 * 2 }
            let (octets, packets) = (bits.map { $0 / 8 }, bits.map { $0 / 512 })
            let isKnown = max(speed, speedBefore) > 0
            count("ifinoctets", words.u64(), bits: 64, most: isKnown ? octets : nil, &block, seconds)
            count("ifinucastpkts", UInt64(words.u32()), bits: 32, most: isKnown ? packets : nil, &block, seconds)
            for _ in 0..<3 { _ = words.u32() }
            count("ifinerrors", UInt64(words.u32()), bits: 32, most: isKnown ? packets : nil, &block, seconds)
            let rate = block.counters["ifinoctets"]?.rate
            block.numbers["ifinutilization"] = speed > 0 ? rate.map { 800 * $0 / speed } : nil
        case 1005: block.texts["ifname"] = words.string()
        case 2000:
            block.texts["host_name"] = words.string()
            _ = words.bytes(16)
            _ = words.u32()
            block.texts["os_name"] = ["unknown", "other", "linux", "windows"][Int(words.u32())]
        case 2003:
            let load = Double(Float(bitPattern: words.u32()))
            block.numbers["load_one"] = load
            for _ in 0..<4 { _ = words.u32() }
            let cpus = Double(words.u32())
            block.numbers["cpu_num"] = cpus
            block.numbers["load_one_per_cpu"] = cpus > 0 ? load / cpus : nil
        default: return
        }
        close(block, seconds, &agent, row, "\(tag)", arrival)
    }

    private func custom(_ words: inout Words, _ agent: inout Agent, _ arrival: Arrival, _ isLate: Bool) {
        let row = SourceName.named(words.string())
        for _ in 0..<words.u32() {
            let name = words.string()
            let type = words.u32()
            let isKnown = agent.blocks[row]?[name].map { arrival.time - $0.arrival <= SlowReference.life($0.interval) } ?? false
            var (block, _) = open(agent, row, name, arrival)
            let isContinued = isKnown && Int64(block.uptime) - Int64(arrival.datagram.uptime) <= 5_000
            let total = type == 1 ? UInt64(words.u32()) : 0
            let number = type == 6 ? Double(bitPattern: words.u64()) : nil
            if isLate, isKnown { continue }
            let elapsed = isKnown ? max(0, arrival.time - block.arrival) : 0
            if let number {
                block.numbers[name] = number
            } else {
                if isContinued, elapsed == 0 { continue }
                count(name, total, bits: 32, most: nil, &block, isContinued ? Double(elapsed) * 1e-9 : nil)
            }
            (block.interval, block.arrival, block.uptime) = (elapsed, arrival.time, arrival.datagram.uptime)
            agent.blocks[row, default: [:]][name] = block
        }
    }

    // MARK: Asking

    /// All values of a metric, by place, in order.
    func values(of metric: String, at now: Int64) -> [(place: Place, value: Value)] {
        var found: [(place: Place, value: Value)] = []
        for (address, agent) in agents where isAlive(agent, at: now) {
            for (source, blocks) in agent.blocks {
                for block in blocks.values where now - block.arrival <= SlowReference.life(block.interval) {
                    let number = block.numbers[metric] ?? block.counters[metric]?.rate
                    guard number != nil || block.texts[metric] != nil else { continue }
                    found.append((
                        Place(agent: address, source: source),
                        Value(text: block.texts[metric], number: number, arrival: block.arrival)))
                }
            }
        }
        return found.sorted { $0.place < $1.place }
    }
}

/// Big-endian words, one after the other.
struct Words {
    private let content: [UInt8]
    private var place = 0

    init(_ content: [UInt8]) { self.content = content }

    func peek() -> UInt32 { content[place..<place + 4].reduce(0) { $0 << 8 | UInt32($1) } }

    mutating func u32() -> UInt32 {
        defer { place += 4 }
        return peek()
    }

    mutating func u64() -> UInt64 { UInt64(u32()) << 32 | UInt64(u32()) }

    mutating func bytes(_ count: Int) -> [UInt8] {
        defer { place += (count + 3) / 4 * 4 }
        return Array(content[place..<place + count])
    }

    mutating func string() -> String { String(decoding: bytes(Int(u32())), as: UTF8.self) }
}
