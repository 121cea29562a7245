"""`weir doctor` against real servers: agents that are well, that lose datagrams, that have fallen silent, that never were heard; and
`weir dns`, whose records are its other half: they lead agents here."""

from weirtest import *


def doctor(server, *arguments):
    """Exit status, and its text on one line."""
    with running("doctor", *arguments, "--server", f"http://127.0.0.1:{server}") as program:
        status = program.wait_exit(30)
        return status, " ".join(" ".join(program.output).split())


def told(what, seen, status, *words):
    check(f"{what}: ends with {status}", seen[0] == status, seen)
    for word in words:
        check(f"{what}: says '{word}'", word in seen[1], seen)


def report(agent, sequence, name=None):
    records = [generic_interface(1), *([host_description(name)] if name else [])]
    return datagram(agent, sequence, counters_sample(sequence, 0, 1, *records))


def capture(path, datagrams):
    """A capture (pcap, raw IPv4) of (seconds, sender, datagram)."""
    with open(path, "wb") as file:
        file.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 101))
        for seconds, sender, data in datagrams:
            packet = struct.pack(">HHHH", 5000, 6343, 8 + len(data), 0) + data
            packet = struct.pack(
                ">BBHHHBBH4s4s", 0x45, 0, 20 + len(packet), 0, 0, 64, 17, 0, socket.inet_aton(sender),
                socket.inet_aton("192.0.2.250")) + packet
            file.write(struct.pack("<IIII", 1_700_000_000 + seconds, 0, len(packet), len(packet)) + packet)


def live():
    with serving("--sflow-port", "0", "--sflow-address", "127.0.0.1") as server:
        port = ("--sflow-port", server.sflow)
        told("nothing has arrived", doctor(server.http, *port), 1, "No datagram has arrived since the server started")
        send_udp(server.sflow, [report("10.0.0.1", n, "leaf1") for n in range(1, 40)])
        wait_until("they are taken in", lambda: server.json("/agents/json").get("10.0.0.1"))
        told("a healthy agent", doctor(server.http, *port), 0, "1 of 1 agents heard lately", "1 socket of weir")
        told("the same by name", doctor(server.http, "leaf1", *port), 0, "leaf1", "no packet samples")
        told("an agent that was never heard", doctor(server.http, "10.0.0.99", *port), 1, "No datagram of 10.0.0.99 has ever arrived")
        told("asked by the sender's address", doctor(server.http, "127.0.0.1", *port), 1, "their agent is 10.0.0.1 (leaf1)")

        # Half of them are lost on the way, and NetFlow version 9 comes, too.
        send_udp(server.sflow, [report("10.0.0.2", n) for n in range(1, 40, 2)] + [struct.pack(">HH", 9, 1) + bytes(40)])
        wait_until("they are taken in", lambda: len(server.json("/agents/json")) == 2)
        seen = doctor(server.http, *port)
        told("loss and NetFlow", seen, 1, "19 datagrams of 10.0.0.2 never arrived, 48.7 % of what was sent", "on the way", "NetFlow")
        told("the agent without loss", doctor(server.http, "10.0.0.1", *port), 1, "NetFlow")
        check("the agent without loss is not blamed for the other", "never arrived" not in doctor(server.http, "leaf1", *port)[1])
        http = server.http
    told("nobody answers", doctor(http), 1, f"Nobody answers at http://127.0.0.1:{http}", "systemctl status weir")


def silent():
    with temporary_directory() as folder:
        path = os.path.join(folder, "silent.pcap")
        capture(path, [(0, "192.0.2.1", report("10.0.0.1", 1, "leaf1"))]
                + [(20 * n, "192.0.2.2", report("10.0.0.2", n + 1)) for n in range(8)])
        with serving("--replay", path, "--replay-pace", "fast", "--replay-end", "hold") as server:
            wait_until("all is read", lambda: server.json("/agents/json").get("10.0.0.2", {}).get("sFlowDatagramsReceived") == 8)
            told("a silent agent", doctor(server.http), 1, "10.0.0.1 (leaf1) is silent: the last datagram came 2 min ago",
                 "Others are heard (1)", "1 of 2 agents heard lately")


def records():
    with running("dns", "c1.example.com,c2.example.com:6344", "--domain", "lan.example.com", "--rate", "512") as program:
        equal("weir dns ends well", program.wait_exit(), 0)
        equal("weir dns", program.output, [
            "_sflow._udp.lan.example.com. 60 IN SRV 0 0 6343 c1.example.com.",
            "_sflow._udp.lan.example.com. 60 IN SRV 10 0 6344 c2.example.com.",
            '_sflow._udp.lan.example.com. 60 IN TXT "txtvers=1" "sampling=512" "polling=20"'])
    with running("dns", "192.0.2.1") as program:
        equal("an address is refused", program.wait_exit(), 2)


def test():
    records()
    live()
    silent()


if __name__ == "__main__":
    main(test)
