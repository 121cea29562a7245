"""No capture ends the process: damaged copies of real captures are replayed to their end, with balanced books."""

import random

from weirtest import *

SEED = int(os.environ.get("SEED", random.randrange(2**32)))
COPIES = int(os.environ.get("COPIES", 200))
SOURCES = ["gopacket", "gravwell-a", "akvorado-a", "telegraf-a", "logstash-a", "cistern-a", "ndpi", "tcpdump-counters",
           "malformed-a", "hsflowd"]


def mutated(data, source):
    """A copy with bytes changed behind the file's header: bits, words of note, spans repeated, cut or filled, a cut end."""
    data = bytearray(data)
    for _ in range(source.randrange(1, 12)):
        if len(data) < 64:
            break
        at = source.randrange(24, len(data) - 8)
        kind = source.randrange(6)
        if kind == 0:
            data[at] ^= 1 << source.randrange(8)
        elif kind == 1:
            data[at:at + 4] = source.choice([0, 1, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF, source.randrange(2**32)]).to_bytes(4, "big")
        elif kind == 2:
            data[at:at + 4] = source.randrange(65536).to_bytes(4, "big")
        elif kind == 3:
            length = source.randrange(1, 200)
            data[at:at] = data[at:at + length]
        elif kind == 4:
            del data[at:at + source.randrange(1, 60)]
        else:
            length = min(source.randrange(1, 100), len(data) - at)
            data[at:at + length] = source.randbytes(length)
    return bytes(data[:source.randrange(24, len(data) + 1)] if source.random() < 0.1 else data)


def mutated_payloads(data, source):
    """A copy in which only UDP payloads are changed, so that the damage reaches the decoder of sFlow."""
    data, at = bytearray(data), 24
    order = "little" if data[0] in (0xD4, 0x4D) else "big"
    while at + 16 <= len(data):
        length = int.from_bytes(data[at + 8:at + 12], order)
        start, end = at + 16 + 42, min(len(data), at + 16 + length)
        for _ in range(source.choice([0, 1, 3])):
            if end - start > 4:
                spot = source.randrange(start, end - 3)
                data[spot:spot + 4] = source.choice(
                    [0, 1, 2, 3, 4, 5, 0x7FFFFFFC, 0xFFFFFFFF, source.randrange(2**32), source.randrange(2000)]).to_bytes(4, "big")
        at += 16 + length
    return bytes(data)


def replay(path):
    """None when all is well, else what is not."""
    with running("serve", "--http-port", "0", "--replay", path, "--replay-pace", "fast", "--replay-end", "exit",
                 "--log-level", "warning") as program:
        status = program.wait_exit(20)
        # A capture that cannot be read to its end is no success, and one line says why.
        if (status, len(program.errors)) not in [(0, 0), (1, 1)]:
            return f"{path.name} ends with {status}: {program.errors}"
        line = program.wait_line("replayed ")
        if int(line["packets"]) != sum(int(line[name]) for name in ("datagrams", "refused", "fragments")):
            return f"{path.name}: books do not balance: {program.output}"
    return None


def pcapng(path, frames):
    """A capture of one interface with times in microseconds since 1970, 64 bits wide."""
    def block(kind, body):
        return struct.pack("<II", kind, 12 + len(body)) + body + struct.pack("<I", 12 + len(body))

    def packet(microseconds, payload):
        udp = struct.pack(">HHHH", 6343, 6343, 8 + len(payload), 0) + payload
        ip = struct.pack(">BBHHHBBH", 0x45, 0, 20 + len(udp), 0, 0, 64, 17, 0) + bytes([10, 0, 0, 1, 10, 0, 0, 2])
        frame = bytes(12) + b"\x08\x00" + ip + udp
        return block(6, struct.pack("<IIIII", 0, microseconds >> 32, microseconds & 0xFFFFFFFF, len(frame), len(frame))
                     + frame + b"\0" * (-len(frame) % 4))

    path.write_bytes(block(0x0A0D0D0A, struct.pack("<IHHq", 0x1A2B3C4D, 1, 0, -1)) + block(1, struct.pack("<HHI", 1, 0, 0))
                     + b"".join(packet(*frame) for frame in frames))


def odd_times(directory):
    """Captures from the beginning to the end of time, backwards, of one moment, and of nothing, over and over."""
    end = (2**63 - 1) // 1000
    for name, times in [("to the end of time", [0, 5, end - 5, end]), ("backwards", [end, 10**15, 0]), ("one moment", [10**15]),
                        ("nothing", [])]:
        path = pathlib.Path(directory, name.replace(" ", "-") + ".pcapng")
        pcapng(path, [
            (time, datagram("192.0.2.7", number, counters_sample(number, 0, 7, generic_interface(7, in_octets=1000 * number))))
            for number, time in enumerate(times, 1)])
        for pace in ["fast", "recorded"]:
            with serving("--replay", path, "--replay-pace", pace, "--replay-end", "loop") as server:
                if not times:
                    server.wait_line("replayed ")
                elif pace == "fast":
                    wait_until("some rounds", lambda: server.analyzer()["sFlowDatagramsReceived"] > 50 * len(times))
                else:
                    wait_until("the first round begins", lambda: server.analyzer()["sFlowDatagramsReceived"] > 0)
                for query in ["/agents/json", "/dump/ALL/ALL/json", "/metrics/json", "/metric/ALL/max:ifinoctets/json"]:
                    server.get(query)
                equal(f"times {name}, {pace}, in a loop: well, and ends with 0", server.terminate(), 0)


def test():
    print(f"      SEED={SEED}")
    if not HAS_CAPTURES:
        return skip("hostile captures", f"no captures in {CAPTURES}")
    equal("malformed-a is replayed to its end", replay(CAPTURES / "malformed-a.pcap"), None)
    with serving("--replay", CAPTURES / "malformed-a.pcap", "--replay-pace", "fast", "--replay-end", "hold") as server:
        server.wait_line("replayed ")
        books = server.check_books("malformed-a")
        equal("its three datagrams are received", books["sFlowDatagramsReceived"], 3)
        faults = {name: count for name, count in books["stages"]["samples"].items() if name.startswith("fault.")}
        equal("and their faults counted by reason", faults,
              {"fault.record_truncated": 1, "fault.sample_truncated": 1, "fault.trailing_bytes": 1})
    source = random.Random(SEED)
    with temporary_directory() as directory:
        odd_times(directory)
        wrong = []
        for number in range(COPIES):
            name = source.choice(SOURCES)
            original = (CAPTURES / f"{name}.pcap").read_bytes()
            path = pathlib.Path(directory, f"{number}-{name}.pcap")
            path.write_bytes((mutated if number % 2 else mutated_payloads)(original, source))
            problem = replay(path)
            if problem:
                wrong.append(problem)
                keep = os.environ.get("KEEP")
                if keep:
                    pathlib.Path(keep, path.name).write_bytes(path.read_bytes())
            path.unlink()
        check(f"{COPIES} damaged copies are replayed to their end with balanced books", not wrong, wrong[:5])


if __name__ == "__main__":
    main(test, 240)
