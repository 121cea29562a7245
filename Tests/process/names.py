"""The key function dns: asks the name servers of the property dns.servers, and keys come with the name as soon as it is known.
The server here knows one address, has no name for another, and is silent about all else."""

import socket
import struct
import threading

from weirtest import *

NAMES = {"1.0.0.10.in-addr.arpa": "web-1.example"}
UNNAMED = "2.0.0.10.in-addr.arpa"


def labels(name):
    return b"".join(bytes([len(label)]) + label.encode() for label in name.split(".")) + b"\0"


def name_of(question):
    """The name in a question and where it ends (RFC 1035 section 4.1.2)."""
    place, found = 12, []
    while question[place]:
        found.append(question[place + 1:place + 1 + question[place]].decode())
        place += 1 + question[place]
    return ".".join(found), place + 1


def serve_names(server, asked):
    while True:
        question, client = server.recvfrom(512)
        if not question:
            return
        name, end = name_of(question)
        asked.append(name)
        if name in NAMES:
            answer = b"\xc0\x0c" + struct.pack(">HHIH", 12, 1, 300, len(labels(NAMES[name]))) + labels(NAMES[name])
            reply = question[:2] + struct.pack(">HHHHH", 0x8180, 1, 1, 0, 0) + question[12:end + 4] + answer
        elif name == UNNAMED:
            reply = question[:2] + struct.pack(">HHHHH", 0x8183, 1, 0, 0, 0) + question[12:end + 4]
        else:
            continue
        server.sendto(reply, client)


def packet_sample(sequence, source):
    """A flow sample (0:1) of a UDP packet that came in by port 3 (sFlow version 5, section 5)."""
    header = bytes.fromhex("020000000001 020000000002 0800")
    header += struct.pack(">BBHHHBBH4s4s", 0x45, 0, 100, 0, 0, 64, 17, 0, source, b"\x0a\x00\x00\x63")
    header += struct.pack(">HHHH", 5000, 6000, 80, 0)
    record = framed(1, struct.pack(">IIII", 1, 118, 4, len(header)) + header + bytes(-len(header) % 4))
    return framed(1, struct.pack(">IIIIIIII", sequence, 3, 100, sequence * 100, 0, 3, 4, 1) + record)


def test():
    server, asked = socket.socket(socket.AF_INET, socket.SOCK_DGRAM), []
    server.bind(("127.0.0.1", 0))
    thread = threading.Thread(target=serve_names, args=(server, asked))
    thread.start()
    port = server.getsockname()[1]
    with serving("--sflow-port", "0", f"-Ddns.servers=127.0.0.1:{port}") as weir:
        definition = b'{"keys":"dns:ipsource","value":"frames","t":60}'
        equal("a definition with dns: is accepted", weir.ask("/flow/names/json", "PUT", body=definition).status, 204)
        sequence = 0

        def found():
            nonlocal sequence
            sequence += 3
            samples = [packet_sample(sequence + last, bytes([10, 0, 0, last])) for last in (1, 2, 3)]
            send_udp(weir.sflow, [datagram("192.0.2.9", sequence // 3, *samples)])
            return [flow["key"] for flow in weir.json("/activeflows/ALL/names/json")]

        wait_until("the key has the name, with its last dot", lambda: found() == ["web-1.example."])
        for _ in range(5):
            found()
        equal("addresses without a name do not count", found(), ["web-1.example."])
        equal("who is known is not asked for again", [asked.count(name) for name in [*NAMES, UNNAMED]], [1, 1])
        weir.check_books("after the names")
    server.sendto(b"", server.getsockname())
    thread.join()


if __name__ == "__main__":
    main(test)
