"""Flow records over IPFIX: what collectors on IPv4 and IPv6 receive is decoded here field by field and, from the same bytes,
by tshark; it is what /flows/json shows. A collector that is not there and a name that does not exist disturb nothing."""

import json
import shutil
import socket
import struct
import subprocess
import threading

from weirtest import *

# Numbers of the IANA registry "IPFIX Information Elements", with how this test writes their content.
NUMBER = lambda data: int.from_bytes(data, "big")
IPV4 = lambda data: socket.inet_ntop(socket.AF_INET, data)
ELEMENTS = {
    1: ("octets", 8, NUMBER), 2: ("packets", 8, NUMBER), 8: ("source", 4, IPV4), 12: ("destination", 4, IPV4),
    56: ("macsource", 6, lambda data: data.hex().upper()), 130: ("agent", 4, IPV4),
    131: ("agent6", 16, lambda data: socket.inet_ntop(socket.AF_INET6, data)),
    152: ("start", 8, NUMBER), 153: ("end", 8, NUMBER), 182: ("port", 2, NUMBER), 14: ("output", 4, NUMBER),
}
KEYS = "ipsource,ipdestination,tcpsourceport,macsource,outputifindex"


class Collector:
    """A UDP socket that keeps what it gets."""

    def __init__(self, family):
        self.socket = socket.socket(family, socket.SOCK_DGRAM)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
        self.socket.bind(("::1" if family == socket.AF_INET6 else "127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        self.name = f"[::1]:{self.port}" if family == socket.AF_INET6 else f"127.0.0.1:{self.port}"
        self.messages = []
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self):
        while True:
            self.messages.append(self.socket.recv(65536))


def decode(messages):
    """The records of an exporter's messages in order (RFC 7011 sections 3.1 to 3.4); checks lengths and sequence numbers."""
    templates, records, gaps = {}, [], 0
    sequence = {}
    for message in messages:
        version, length, _, number, domain = struct.unpack_from(">HHIII", message)
        if (version, length) != (10, len(message)):
            raise AssertionError(f"version {version}, length {length} of {len(message)}")
        gaps += number != sequence.get(domain, 0)
        count, at = 0, 16
        while at < length:
            number_of_set, size = struct.unpack_from(">HH", message, at)
            body = message[at + 4:at + size]
            at += size
            if number_of_set == 2:
                while body:
                    template, fields = struct.unpack_from(">HH", body)
                    templates[domain, template] = [struct.unpack_from(">HH", body, 4 + 4 * i) for i in range(fields)]
                    body = body[4 + 4 * fields:]
                continue
            while body:
                record = {}
                for element, size_of_field in templates[domain, number_of_set]:
                    name, expected, read = ELEMENTS[element]
                    if size_of_field != expected:
                        raise AssertionError(f"element {element} has {size_of_field} bytes")
                    record[name] = read(body[:expected])
                    body = body[expected:]
                records.append(record)
                count += 1
        sequence[domain] = number + count
    return records, gaps


def capture(messages, port, path):
    """The same messages as a pcap of Ethernet frames, for tshark."""
    with open(path, "wb") as file:
        file.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 262144, 1))
        for message in messages:
            udp = struct.pack(">HHHH", 40000, port, 8 + len(message), 0) + message
            ip = struct.pack(">BBHHHBBH4s4s", 0x45, 0, 20 + len(udp), 0, 0, 64, 17, 0, b"\x7f\0\0\1", b"\x7f\0\0\1")
            frame = bytes(12) + b"\x08\0" + ip + udp
            file.write(struct.pack("<IIII", 1, 0, len(frame), len(frame)) + frame)


def tshark(messages, port, folder):
    """Source, destination, port, octets, start and end of every record as tshark reads them; nothing of ours is in it."""
    path = f"{folder}/ipfix.pcap"
    capture(messages, port, path)
    names = ["cflow.srcaddr", "cflow.dstaddr", "cflow.srcport", "cflow.octets", "cflow.abstimestart", "cflow.abstimeend"]
    fields = [part for name in names for part in ("-e", name)]
    run = subprocess.run(
        ["tshark", "-n", "-r", path, "-d", f"udp.port=={port},cflow", "-T", "fields", "-E", "separator=;", "-E", "aggregator=|",
         *fields, "-e", "_ws.malformed", "-e", "cflow.od_id"],
        capture_output=True, text=True, timeout=60, check=True)
    return names, [line.split(";") for line in run.stdout.splitlines()]


def packet(sequence, source, port, frame_bytes, rate):
    """A flow sample (0:1) of a TCP packet that went from port 3 to port 4 (sFlow version 5, section 5)."""
    header = bytes.fromhex("020000000001 020000000002 0800")
    header += struct.pack(">BBHHHBBH4s4s", 0x45, 0, frame_bytes - 18, 0, 0, 64, 6, 0, source, b"\x0a\x00\x00\x02")
    header += struct.pack(">HHIIBBHHH", port, 443, 0, 0, 0x50, 0x10, 0, 0, 0)
    record = framed(1, struct.pack(">IIII", 1, frame_bytes, 4, len(header)) + header + bytes(-len(header) % 4))
    return framed(1, struct.pack(">IIIIIIII", sequence, 3, rate, sequence * rate, 0, 3, 4, 1) + record)


def shown(flows):
    """`/flows/json` as the exported fields."""
    records = []
    for flow in flows:
        source, destination, port, mac, output = flow["flowKeys"].split(",")
        agent = {"agent6" if ":" in flow["agent"] else "agent": flow["agent"].lower()}
        records.append({
            "source": source, "destination": destination, "port": int(port), "macsource": mac, "output": int(output),
            "octets": int(flow["value"]), "packets": int(flow["values"][0]), "start": flow["start"], "end": flow["end"], **agent})
    return records


def order(records):
    return sorted(json.dumps(record, sort_keys=True) for record in records)


def live(collectors, gone):
    everyone = [collector.name for collector in collectors] + [gone, "no-such-name.invalid"]
    body = {"keys": KEYS, "value": "bytes", "values": "frames", "activeTimeout": 1, "t": 0.1, "log": True,
            "ipfixCollectors": everyone}
    # Flows that only collectors get are followed as well, and clients are not shown them.
    silent = {"keys": "ipsource", "value": "frames", "activeTimeout": 1, "t": 0.1, "ipfixCollectors": [collectors[0].name]}
    with serving("--sflow-port", "0") as server:
        for name, definition in [("logged", body), ("silent", silent)]:
            answer = server.ask(f"/flow/{name}/json", "PUT", body=json.dumps(definition))
            equal(f"definition '{name}' is accepted", answer.status, 204)
        equal("and shown", server.json("/flow/logged/json")["ipfixCollectors"], everyone)
        agents = ["192.0.2.9", "2001:db8::9"]
        send_udp(server.sflow, [
            datagram(agent, number, *(packet(8 * number + i, bytes([10, 1, number, i]), 1000 + i, 100 + i, 500) for i in range(8)))
            for number in range(1, 21) for agent in agents])
        flows = lambda: server.json("/flows/json?maxFlows=1000")
        wait_until("all flows have ended", lambda: len(flows()) == 320, 20)
        wait_until("nothing waits to be exported", lambda: server.analyzer()["stages"]["export"]["waiting"] == 0)
        wait_until("the collectors have all", lambda: all(len(decode(c.messages)[0]) >= 320 for c in collectors), 5)
        truth = shown(flows())
        check("clients are shown what is logged only", all(flow["name"] == "logged" for flow in flows()))
        for collector, extra in zip(collectors, [320, 0]):
            records, gaps = decode(collector.messages)
            wide = [record for record in records if "port" in record]
            equal(f"{collector.name}: the records are those of /flows/json", order(wide), order(truth))
            equal(f"{collector.name}: without a gap in the numbers", gaps, 0)
            equal(f"{collector.name}: and of the flows that are not logged", len(records) - len(wide), extra)
        books = server.check_books("with collectors")
        export, sent = books["stages"]["export"], books["stages"]["collectors"]
        equal("records received = encoded + waiting + refused", export["received"],
              sum(count for name, count in export.items() if name != "received"))
        equal("all were encoded", export["encoded"], 640)
        equal("records for each collector = sent + failed", sent["records_sent"] + sent["records_failed"], 4 * 320 + 320)
        equal("the name that does not exist has no address", (sent["collectors"], sent["without_address"]), (len(everyone), 1))
        equal("what was for it has failed", sent["records_failed"], 320)
        check("nobody took what was for the one that is gone", sent["messages_refused"] > 0, sent)
        text = server.get("/prometheus/analyzer/txt").text
        check("the counters are Prometheus's as well", f"sflow_analyzer_ipfix_records_sent {sent['records_sent']}" in text)
        check("and the books", 'sflow_analyzer_stage_total{stage="export",what="encoded"} 640' in text)
        wait_until("the name service has answered", lambda: any("no-such-name" in line for line in server.errors), 30)
        equal("each trouble is told once", [sum(name in line for line in server.errors) for name in (gone, "no-such-name")], [1, 1])
        equal("a definition is deleted", server.ask("/flow/logged/json", "DELETE").status, 204)
        equal("SIGTERM ends with 0", server.terminate(), 0)
    return truth


def independent(collector, truth):
    if not shutil.which("tshark"):
        return skip("the records as tshark reads them", "no tshark")
    with temporary_directory() as folder:
        # IPFIX-only definition first: its records have no port.
        names, rows = tshark(collector.messages, collector.port, folder)
    equal("tshark finds nothing malformed", [row[6] for row in rows if row[6]], [])
    seen = []
    for row in rows:
        columns = [column.split("|") if column else [] for column in row[:6]]
        if columns[2]:
            seen += zip(*columns)
    equal("tshark reads as many records", len(seen), len(truth))
    equal("tshark reads the same addresses, ports and octets", sorted((s, d, int(p), int(o)) for s, d, p, o, _, _ in seen),
          sorted((r["source"], r["destination"], r["port"], r["octets"]) for r in truth))


def test():
    collectors = [Collector(socket.AF_INET)] + ([Collector(socket.AF_INET6)] if has_ipv6() else [])
    if len(collectors) < 2:
        skip("a collector on IPv6", "no IPv6")
        collectors.append(Collector(socket.AF_INET))
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        gone = f"127.0.0.1:{probe.getsockname()[1]}"
    truth = live(collectors, gone)
    independent(collectors[0], truth)


if __name__ == "__main__":
    main(test)
