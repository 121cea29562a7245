// The names of addresses: messages as RFC 1035 spells them, hostile answers, and the search as a state machine.

import AddressDatabases
import Bytes
import Testing

/// A message of a name server, put together field by field.
private struct Reply {
    var flags: [UInt8] = [0x81, 0x80]
    var records: [[UInt8]] = []

    /// The question's name stands behind the header: 0xC00C points to it.
    static func record(type: UInt8 = 12, seconds: UInt8 = 100, data: [UInt8], byteCount: Int? = nil) -> [UInt8] {
        let count = byteCount ?? data.count
        return [0xC0, 0x0C, 0, type, 0, 1, 0, 0, 0, seconds, UInt8(count >> 8), UInt8(count & 0xFF)] + data
    }

    func bytes(to query: [UInt8]) -> [UInt8] {
        let counts: [UInt8] = [0, 1, 0, UInt8(records.count), 0, 0, 0, 0]
        let question = Array(query[12...])
        return Array(query[0..<2]) + flags + counts + question + Array(records.joined())
    }
}

private func labels(_ name: String) -> [UInt8] {
    name.split(separator: ".").flatMap { [UInt8($0.utf8.count)] + $0.utf8 } + [0]
}

private let address = IPAddress(v4: 0xC000_020A)
private let second: Int64 = 1_000_000_000

@Suite struct PointerQueryTests {
    private let query = PointerQuery.message(for: address, identifier: 0x1234)

    private func answer(_ reply: Reply) -> PointerQuery.Answer? { PointerQuery.answer(in: reply.bytes(to: query), to: address) }

    @Test func questions() throws {
        #expect(query == [0x12, 0x34, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0] + labels("10.2.0.192.in-addr.arpa") + [0, 12, 0, 1])
        let six = try #require(IPAddress("2001:db8::567:89ab"))
        let name = "b.a.9.8.7.6.5.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa"
        #expect(PointerQuery.message(for: six, identifier: 1).dropFirst(12) == (labels(name) + [0, 12, 0, 1])[...])
        let mapped = try #require(IPAddress("::ffff:192.0.2.10"))
        #expect(PointerQuery.message(for: mapped, identifier: 0x1234) == query)
    }

    @Test func names() {
        let alias = Reply.record(type: 5, data: labels("10.0-63.2.0.192.in-addr.arpa"))
        let pointer = Reply.record(data: labels("Host-A.Example"))
        #expect(answer(Reply(records: [pointer])) == .name("host-a.example.", seconds: 100))
        #expect(answer(Reply(records: [alias, pointer])) == .name("host-a.example.", seconds: 100), "RFC 2317")
        // The end of the question's own name, "arpa", is at 12 + 19.
        let compressed = Reply.record(data: [1, UInt8(ascii: "x"), 0xC0, 31])
        #expect(answer(Reply(records: [compressed])) == .name("x.arpa.", seconds: 100))
        let strange = Reply.record(data: [4, UInt8(ascii: "a"), UInt8(ascii: ","), UInt8(ascii: "."), 7, 0])
        #expect(answer(Reply(records: [strange])) == .name("a\\044\\046\\007.", seconds: 100), "no separator gets into a key")
    }

    @Test func nothing() {
        #expect(answer(Reply()) == PointerQuery.Answer.none)
        #expect(answer(Reply(flags: [0x81, 0x83])) == PointerQuery.Answer.none, "NXDOMAIN")
        #expect(answer(Reply(flags: [0x81, 0x82])) == .failed, "SERVFAIL")
        #expect(answer(Reply(flags: [0x83, 0x80])) == .failed, "cut off")
        #expect(answer(Reply(records: [Reply.record(data: [0])])) == PointerQuery.Answer.none, "the root")
    }

    @Test func noAnswers() {
        #expect(answer(Reply(flags: [0x01, 0])) == nil, "a question")
        #expect(PointerQuery.answer(in: Reply().bytes(to: query), to: IPAddress(v4: 1)) == nil, "about another address")
        for data in [[0xC0, 0xFF], [0xC0, 42], [1], [64, 0], [5, 1]] as [[UInt8]] {
            #expect(answer(Reply(records: [Reply.record(data: data)])) == nil, "\(data)")
        }
        #expect(answer(Reply(records: [Reply.record(data: labels("a"), byteCount: 60_000)])) == nil)
        let label: [UInt8] = [60] + [UInt8](repeating: UInt8(ascii: "a"), count: 60)
        let long: [UInt8] = label + label + label + label + label + [0]
        #expect(answer(Reply(records: [Reply.record(data: long)])) == nil, "longer than a name can be")
    }

    /// Whatever is cut off or changed: an answer or none, and no trap.
    @Test func mutations() {
        let whole = Reply(records: [Reply.record(data: [1, 0x78, 0xC0, 31])]).bytes(to: query)
        for count in 0..<whole.count { #expect(PointerQuery.answer(in: Array(whole.prefix(count)), to: address) == nil) }
        for place in whole.indices {
            for byte: UInt8 in [0, 1, 0x3F, 0x40, 0x7F, 0x80, 0xC0, 0xFF] {
                var changed = whole
                changed[place] = byte
                _ = PointerQuery.answer(in: changed, to: address)
            }
        }
    }
}

@Suite struct ReverseNameSearchTests {
    private func named(_ name: String, _ sending: ReverseNameSearch.Sending) -> [UInt8] {
        Reply(records: [Reply.record(data: labels(name))]).bytes(to: sending.message)
    }

    @Test func findsAndRemembers() throws {
        var search = ReverseNameSearch(serverCount: 1)
        #expect(search.isIdle)
        #expect(search.name(of: address, at: 0) == nil && search.name(of: address, at: 1) == nil && !search.isIdle)
        let sendings = search.due(at: 1)
        #expect(sendings.count == 1 && search.due(at: 1).isEmpty, "one question an address")
        search.take(named("a.example", sendings[0]), from: 0, at: 2)
        #expect(search.name(of: address, at: 3) == "a.example." && search.isIdle)
        // 100 seconds later it is asked for again, and stays meanwhile.
        #expect(search.name(of: address, at: 101 * second) == "a.example." && !search.isIdle)
        let again = try #require(search.due(at: 101 * second).first)
        search.take(named("b.example", again), from: 0, at: 101 * second)
        #expect(search.name(of: address, at: 102 * second) == "b.example.")
    }

    @Test func forgedAnswersAreIgnored() throws {
        var search = ReverseNameSearch(serverCount: 2)
        _ = search.name(of: address, at: 0)
        let sending = try #require(search.due(at: 0).first)
        let reply = named("a.example", sending)
        search.take(reply, from: 1, at: 0)
        var other = reply
        other[0] ^= 1
        search.take(other, from: 0, at: 0)
        search.take([], from: 0, at: 0)
        #expect(search.name(of: address, at: 0) == nil)
        search.take(reply, from: 0, at: 0)
        #expect(search.name(of: address, at: 0) == "a.example.")
    }

    @Test func otherServersAreAsked() throws {
        var search = ReverseNameSearch(serverCount: 2)
        _ = search.name(of: address, at: 0)
        #expect(search.due(at: 0).map(\.server) == [0])
        #expect(search.due(at: second).isEmpty)
        let retried = search.due(at: 2 * second)
        #expect(retried.map(\.server) == [1])
        search.take(Reply(flags: [0x81, 0x82]).bytes(to: retried[0].message), from: 1, at: 2 * second)
        #expect(search.due(at: 2 * second).map(\.server) == [0], "at once when a server says that it cannot tell")
        #expect(search.due(at: 4 * second).isEmpty && search.isIdle, "given up")
        #expect(search.name(of: address, at: 63 * second) == nil && search.isIdle)
        #expect(search.name(of: address, at: 64 * second) == nil && !search.isIdle, "a minute later once more")
    }

    @Test func everythingHasABound() {
        var limits = ReverseNameSearch.Limits()
        (limits.remembered, limits.waiting, limits.asked) = (8, 6, 4)
        var search = ReverseNameSearch(serverCount: 1, limits: limits)
        for number in 0..<100 as Range<UInt32> { _ = search.name(of: IPAddress(v4: number), at: 0) }
        #expect(search.due(at: 0).count == 4 && search.due(at: 0).isEmpty, "the others wait for answers")
        for time in 1...100 as ClosedRange<Int64> {
            for number in 0..<100 as Range<UInt32> { _ = search.name(of: IPAddress(v4: number), at: time * second) }
            for sending in search.due(at: time * second) {
                search.take(Reply().bytes(to: sending.message), from: 0, at: time * second)
            }
            #expect(search.rememberedCount <= 8)
        }
    }
}
