#!/usr/bin/env python3
"""Writes the inputs that fuzzing starts from, `corpus/` beside this file: a few for every parser, built field by field.

The first byte of an input is the parser's letter (Fuzz.swift). Run it again after changing it; an input that once
crashed a parser goes into the folder by hand, under the name `crash-…`, and is run first from then on.
"""
import pathlib
import struct

FOLDER = pathlib.Path(__file__).parent / "corpus"
AGENT = bytes([10, 0, 0, 7])


def words(*values):
    return struct.pack(f">{len(values)}I", *values)


def framed(tag, body):
    return words(tag, len(body)) + body


def text(value):
    return words(len(value)) + value.encode() + b"\0" * (-len(value) % 4)


def datagram(*samples, sequence=1, address=words(1) + AGENT):
    return words(5) + address + words(0, sequence, 1000, len(samples)) + b"".join(samples)


def flow_sample(*records, sequence=1, source=3):
    return framed(1, words(sequence, source, 400, 4000, 0, source, 4, len(records)) + b"".join(records))


def expanded_flow_sample(*records):
    return framed(3, words(1, 0, 3, 400, 4000, 0, 0, 3, 0, 4, len(records)) + b"".join(records))


def counter_sample(*records, sequence=1, source=3):
    return framed(2, words(sequence, source, len(records)) + b"".join(records))


def expanded_counter_sample(*records):
    return framed(4, words(1, 0, 3, len(records)) + b"".join(records))


def sampled_header(frame):
    return framed(1, words(1, 1500, 4, len(frame)) + frame + b"\0" * (-len(frame) % 4))


def interface_counters(octets):
    rate, other = struct.pack(">Q", 10_000_000_000), words(*[octets // 1000] * 5)
    received, sent = struct.pack(">Q", octets) + other, struct.pack(">Q", octets * 2) + other
    return framed(1, words(3, 6) + rate + words(1, 3) + received + words(0) + sent + words(0))


def tcp_frame():
    ethernet = bytes.fromhex("020000000001" "020000000002" "8100" "2064" "0800")
    ip = bytes.fromhex("45000040000140004006") + b"\0\0" + AGENT + bytes([10, 0, 0, 9])
    return ethernet + ip + struct.pack(">HHIIHHHH", 443, 50000, 1, 2, 0x5010, 512, 0, 0)


def vxlan_frame():
    ethernet = bytes.fromhex("020000000001" "020000000002" "86dd")
    ip = bytes.fromhex("6000000000641140") + b"\x20" * 32
    return ethernet + ip + struct.pack(">HHHH", 50000, 4789, 100, 0) + words(0x08000000, 77 << 8) + tcp_frame()


# Formats that have a layout; contents are left to the fuzzer, which finds lengths and counts by itself.
FLOW_TAGS = [*range(2, 5), *range(1001, 1044), *range(2100, 2104), *range(2200, 2211), 4413 << 12 | 1]
COUNTER_TAGS = [*range(2, 8), 10, 1001, *range(1003, 1006), *range(2000, 2011), *range(2100, 2107), *range(2201, 2207)]


def datagrams():
    zeros = [framed(tag, bytes(40)) for tag in FLOW_TAGS]
    yield "flow", datagram(flow_sample(sampled_header(tcp_frame())))
    yield "expanded-flow", datagram(expanded_flow_sample(sampled_header(vxlan_frame())))
    yield "flow-records-1", datagram(flow_sample(*zeros[:32]))
    yield "flow-records-2", datagram(flow_sample(*zeros[32:]))
    yield "counters", datagram(counter_sample(interface_counters(1 << 33)))
    yield "counter-records", datagram(expanded_counter_sample(*[framed(tag, bytes(60)) for tag in COUNTER_TAGS]))
    host = text("leaf1") + bytes(16) + words(2, 3) + text("6.1")
    yield "host", datagram(counter_sample(framed(2000, host), framed(1005, text("eth0"))))
    gateway = words(1) + AGENT + words(65001, 65002, 65003, 1, 2, 2, 65004, 65005, 2, 1, 2, 100)
    user = words(106) + text("ada") + words(106) + text("grace")
    yield "gateway", datagram(flow_sample(framed(1003, gateway), framed(1004, user)))
    yield "acl", datagram(framed(4413 << 12 | 2, words(0, 1) + flow_sample(sampled_header(tcp_frame()))))
    yield "discarded", datagram(framed(5, words(1, 0, 3, 9, 3, 4, 291, 1) + sampled_header(tcp_frame())))
    yield "ipv6-agent", datagram(flow_sample(), address=words(2) + b"\x20" * 16)
    yield "unnamed-agent", datagram(flow_sample(), address=words(0) + bytes(4))
    metrics = text("app") + words(2) + text("busy") + words(6, 42) + text("version") + text("1.0")
    yield "named-metrics", datagram(framed(4300 << 12 | 1002, metrics))
    flow = text("app") + words(10, 100, 1) + text("user") + words(1) + text("ada")
    yield "named-flow", datagram(framed(4300 << 12 | 1003, flow))


def shards():
    steps = b""
    for step in range(1, 4):
        whole = datagram(
            counter_sample(interface_counters(step * 10**6), sequence=step),
            flow_sample(sampled_header(tcp_frame()), sequence=step), sequence=step)
        steps += struct.pack(">BH", 20, len(whole)) + whole
    yield "three-polls", steps
    for name, whole in datagrams():
        if name in ("counter-records", "named-metrics", "host"):
            yield name, 2 * (struct.pack(">BH", 10, len(whole)) + whole)


def packets():
    yield "tcp", b"\x01" + tcp_frame()
    yield "vxlan", b"\x01" + vxlan_frame()
    yield "ip", b"\x0b" + tcp_frame()[18:]
    mpls = words(16 << 12 | 64, 17 << 12 | 1 << 8 | 64)
    yield "mpls", b"\x0d" + mpls + tcp_frame()[18:]
    question = struct.pack(">HHHHHH", 1, 0x100, 1, 0, 0, 0) + b"\x03www\x07example\0" + struct.pack(">HH", 1, 1)
    udp = struct.pack(">HHHH", 50000, 53, 8 + len(question), 0) + question
    ip = bytes.fromhex("4500003d0001000040110000") + AGENT + bytes([10, 0, 0, 53])
    yield "dns", b"\x0b" + ip + udp


def sent(payload):
    """An Ethernet frame that carries a datagram to a collector."""
    udp = struct.pack(">HHHH", 40000, 6343, 8 + len(payload), 0) + payload
    ip = struct.pack(">BBHHHBBH", 0x45, 0, 20 + len(udp), 1, 0, 64, 17, 0) + AGENT + bytes([10, 0, 0, 1])
    return bytes.fromhex("020000000001" "020000000002" "0800") + ip + udp


def captures():
    frames = [sent(datagram(flow_sample(), sequence=sequence)) for sequence in (1, 2)]
    for name, order, magic in (("pcap", "<", 0xA1B2C3D4), ("pcap-nanoseconds", ">", 0xA1B23C4D)):
        content = struct.pack(f"{order}IHHiIII", magic, 2, 4, 0, 0, 262144, 1)
        for seconds, frame in enumerate(frames):
            content += struct.pack(f"{order}IIII", seconds, 500, len(frame), len(frame)) + frame
        yield name, content
    content = block(0x0A0D0D0A, struct.pack("<IHHq", 0x1A2B3C4D, 1, 0, -1))
    content += block(1, struct.pack("<HHI", 1, 0, 0) + struct.pack("<HHB3x", 9, 1, 9) + bytes(4))
    for frame in frames:
        content += block(6, struct.pack("<IIIII", 0, 0, 1000, len(frame), len(frame)) + frame)
    yield "pcapng", content + block(3, struct.pack("<I", len(frames[0])) + frames[0])


def block(kind, body):
    body += b"\0" * (-len(body) % 4)
    return struct.pack("<II", kind, len(body) + 12) + body + struct.pack("<I", len(body) + 12)


def partials():
    yield "zero", bytes(10)
    # Two values, 1 and 3: sum 4, sum of squares 10; one byte each at bit 0, which is byte 268 and a half of the form.
    yield "two", struct.pack("<QBHHBBHHB", 2, 1, 268, 1, 0x40, 1, 268, 1, 0xA0)
    yield "infinite", struct.pack("<QBB", 1, 3, 3)


def message(kind, *parts):
    """Texts with their length before them; numbers as they are."""
    body = b"".join(bytes([len(part)]) + part.encode() if isinstance(part, str) else bytes([part]) for part in parts)
    return bytes([kind]) + body


def messages():
    yield "books", message(0, 8)
    # All agents, one metric at any data source, no filter; then a listed agent, a pattern.
    yield "metric", message(0, 0, 0, 1, "max:ifspeed", "max", "ifspeed", 0, 0)
    yield "filter", message(0, 0, 1, 1, 0, 10, 1, "leaf1", 1, "q1:4.load", "q1", "load", 1, 0, 0, 4, 1, "ifname", 1, "swp*")
    # A table: ifname, and sorted by ifspeed, at most five.
    columns = (2, "ifname", 0, "ifname", 0, "ifspeed", 0, "ifspeed", 0)
    yield "table", message(0, 1, 0, 2, *columns, 0, 1, 2, 1, 1, 10, 0)
    yield "flows", message(0, 5, 0, "src", 20, *bytes(8), "max", 1, 2, 1, "10.0.0.1", 0)
    yield "locations", message(0, 6, 0, "src", "10.0.0.1")
    # Needs extremes; one value at 10.0.0.7's port 1, 1.0 at time 5.
    placed = (1, 0, 7, 0, 0, 1, 0, *struct.pack("<d", 1), 10, 0)
    yield "extremes", message(1, 1, 1, 1, 10, 10, 1, 10, 10, *placed, *placed, *placed)
    yield "rows", message(2, 1, 1, 0, 7, 0, 0, 1, 1, 1, "ifspeed", 0, 0, 1, 0, *struct.pack("<d", 1), 10, 0, 0, 0)
    yield "agents", message(3, 1, 0, 7, 0, *bytes(10), 0, 0, *bytes(18), 2, 4, 9)
    yield "outbox", message(4, 0, 0, 0, 0)
    yield "locations-found", message(5, 1, 1, 0, 7, 0, 0, 1, 2, 0x11, 1, *struct.pack("<dd", 1, 1), 10, 0)
    yield "counts", message(6, *bytes(13), 4)
    yield "flows-asked", message(8, 0, 0, 20, *bytes(8))
    tally = (1, 0, 7, 0, 0, 1, *struct.pack("<d", 1), 10, 0)
    yield "flows-largest", message(9, 0, 1, 2, 0x11, 1, *tally, 0, 0)
    yield "flows-summed", message(9, 0, 1, 2, 0x11, 1, *tally, 1, *struct.pack("<dd", 1, 1), 5)
    yield "flows-found", message(9, 1, 2, 0, 1, *tally, 0)
    yield "selection", message(7, 1, 5, *struct.pack("<qq", -5, -2))


def snapshots():
    # An agent's piece with the books of one datagram, data source 3, its series of flow samples, and nothing else.
    agent = bytes([1, 0, 0x87, 0x80, 0x80, 0x50, 20, 20, 5]) + bytes([1, 99, *bytes(8), 0, 0])
    sources, sub_agents = bytes([1, 0, 0, 3]), bytes([1, 0, 0, 1, 5, 1, *bytes(128)])
    series = bytes([1, 0, 0, 0, 3, 0, *bytes(16), 100, 100, 0, 0, 1, 1, 1, 0]) + bytes(4 + 8)
    piece = agent + sources + sub_agents + series + bytes([0, 0, 0, 0, 0, 0, 0, 0, 0, 0])
    yield "agent", len(piece).to_bytes(3, "big") + piece
    yield "none", b""


CONFIGURATION = """# collector
http.port = 8009
sflow.port=0
http.cors = *
metrics.timeout.min = 60
sflow.rcvpktsbuffer = 1000
sflow.cidr.allow = 10.0.0.0/8,2001:db8::/32
http.prot = 1
"""
FLOWS = [
    ("pair", "ipsource,ipdestination\nbytes\nframes,avg:ipttl\nvlan=100&(tcpdestinationport=443|!ipprotocol=17)"),
    ("functions", "if:[first:stack:.:ip:ip6]:ip:[mask:ipsource:24]:ip6source,null:udpsourceport:-\ncount:ipsource\n\n"
                  "prefix:stack:.:2=eth.vlan"),
    ("patterns", "concat:\\::ipprotocol:vlan,[range:bytes:0:64]\nmax:[bits:tcpflags:255]\nbps\nmacsource~'02.*'&ipsource!~10\\..*"),
]
BODIES = [
    ("flow", "{keys:'ipsource,vlan', \"value\":\"bytes\", n:'10', t:.5, log:\"true\", ipfixCollectors:['h:1','::1']}"),
    ("threshold", '{"metric":"pair","value":"1e6","filter":{"ifspeed":["1000000000"]},"byFlow":true,"timeout":"1"}'),
    ("group", '{"site":["10.0.0.0/8","2001:db8::/32"]}'),
    ("topology", '{"nodes":{"a":{"agent":"10.0.0.1","ports":{"p":{"ifindex":"3"}}}},'
                 '"links":{"l":{"node1":"a","port1":"p","node2":"b","port2":"q"}}}'),
]
QUERY = "ALL\nmax:ifinutilization,sum:4.ifinoctets;q1:2.1.load_one\nifname,null:iferrors,sort:ifinutilization:-5\n"


def write(letter, inputs):
    for name, body in inputs:
        (FOLDER / f"{letter}-{name}").write_bytes(letter.encode() + body)


def main():
    FOLDER.mkdir(exist_ok=True)
    write("d", datagrams())
    write("s", shards())
    write("p", packets())
    write("f", captures())
    write("m", partials())
    write("w", messages())
    write("n", snapshots())
    write("c", [("file", CONFIGURATION.encode()), ("windows", b"\xef\xbb\xbfhttp.port=9\r\n")])
    write("l", [(name, text.encode()) for name, text in FLOWS])
    write("j", [(name, text.encode()) for name, text in BODIES])
    write("k", [("all", bytes.fromhex("12 01bb 50 0a000001 29 48 020000000001 60 0002 6162 33 0005 20 c000000000000000"))])
    write("q", [("all", (QUERY + "ifname=eth*\nifname=lo\nifspeed=1e9").encode()), ("list", b"10.0.0.1;leaf1\nload_one\nx\n")])


main()
