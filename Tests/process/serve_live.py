"""Live sFlow: what other processes send by UDP is counted to the datagram, and SIGTERM ends the server cleanly."""

import struct
import subprocess
import sys

from weirtest import *


def send_from_process(port, host, agent, count):
    """Sends from a process of its own, whose end is waited for."""
    subprocess.run([sys.executable, __file__, "send", str(port), host, agent, str(count)], check=True, timeout=30)


def send(port, host, agent, count):
    speed, step = 10**9, 1_250_000  # octets a second: 1 % of the speed
    send_udp(int(port), (
        datagram(
            agent, number,
            counters_sample(
                number, 0, 7, generic_interface(7, speed, in_octets=step * number), port_name("uplink1")),
            counters_sample(number, 2, 1, host_description("rack1-leaf1")))
        for number in range(1, int(count) + 1)), host)


def received(server):
    """Datagrams that the shards have taken in."""
    return server.analyzer()["stages"]["shards"]["received"]


def count_agents(server):
    send_from_process(server.sflow, "127.0.0.1", "192.0.2.7", 3000)
    wait_until("3000 datagrams arrive", lambda: received(server) >= 3000)
    agent = server.json("/agents/json?agent=192.0.2.7")["192.0.2.7"]
    equal("3000 datagrams of a second process are counted", agent["sFlowDatagramsReceived"], 3000)
    equal("none is taken for lost, late or a duplicate",
          [agent["sFlowDatagrams" + name] for name in ("Lost", "OutOfOrder", "Duplicates")], [0, 0, 0])
    equal("its UDP source is shown", agent["sFlowDatagramSource"], ["127.0.0.1"])
    equal("its name is shown", agent["hostName"], "rack1-leaf1")
    values = server.json("/metric/rack1-leaf1/json")
    equal("the interface has its name", values.get("7.ifname"), "uplink1")
    check("the interface has a rate", values.get("7.ifinoctets", 0) > 0, values)
    total = 3000
    if has_ipv6():
        send_from_process(server.sflow, "::1", "2001:db8::7", 500)
        total += 500
        wait_until("500 datagrams arrive by IPv6", lambda: received(server) >= total)
        # Asked in any spelling, told in upper case.
        agent = server.json("/agents/json?agent=2001:db8:0::7")["2001:DB8::7"]
        equal("500 datagrams by IPv6 are counted", agent["sFlowDatagramsReceived"], 500)
        equal("their UDP source is shown", agent["sFlowDatagramSource"], ["::1"])
    else:
        skip("IPv6 sender", "no IPv6 here")
    return total


def count_foreign(server, total):
    """Version 2 and 4, NetFlow 5 and 9, an empty datagram, one cut off, text."""
    foreign = [struct.pack(">II", 4, 1) + bytes(60)] * 20 + [struct.pack(">II", 2, 1) + bytes(60)] * 5
    netflow = [struct.pack(">HH", 5, 1) + bytes(68)] * 10 + [struct.pack(">HH", 9, 1) + bytes(68)] * 5
    broken = [b""] * 3 + [datagram("192.0.2.8", 1)[:18]] * 2 + [b"hello"] * 4
    sent = foreign + netflow + broken
    send_udp(server.sflow, sent)
    wait_until("the junk arrives", lambda: received(server) >= total + len(sent))
    books = server.check_books("after junk")
    equal("every datagram of the junk is counted as received", books["sFlowDatagramsReceived"], total + len(sent))
    equal("the junk is refused to the datagram", books["sFlowParseErrors"] + books["sFlowUnsupportedVersion"], len(sent))
    equal("versions 2 and 4 and NetFlow count as unsupported versions",
          books["sFlowUnsupportedVersion"] >= len(foreign + netflow), True)
    equal("junk makes no agents", "192.0.2.8" in server.json("/agents/json"), False)


def simulated_fabric(server):
    before = received(server)
    with running("simulate", "--target", f"127.0.0.1:{server.sflow}", "--duration", "3", "--polling", "1") as fabric:
        sent = int(fabric.wait_line("sent ", 20)["datagrams"])
        equal("weir simulate ends with 0", fabric.wait_exit(), 0)
    wait_until("all of the fabric arrives", lambda: received(server) - before >= sent)
    equal(f"all {sent} datagrams of weir simulate are counted", received(server) - before, sent)
    answer = server.json("/metric/ALL/max:ifinutilization/json")[0]
    check("the fabric's ports have utilisations", answer["metricN"] > 20, answer)
    equal("the kernel dropped nothing", server.analyzer()["sFlowDatagramsDiscarded"], 0)


def drains(server):
    """What has been sent when the server is told to stop is taken in before it ends."""
    before = received(server)
    send_udp(server.sflow, (datagram("192.0.2.9", number) for number in range(1, 301)))
    equal("SIGTERM ends the server with 0 within 10 s", server.terminate(10), 0)
    stopped = [line for line in server.errors if "Stopped" in line]
    check("the log tells the datagrams taken in, the last ones too",
          len(stopped) == 1 and f"datagrams={before + 300} " in stopped[0] + " ", server.errors)


def test():
    with serving("--sflow-port", "0") as server:
        check("a free UDP port is chosen and told", server.sflow and server.sflow > 0, server.ready)
        total = count_agents(server)
        count_foreign(server, total)
        simulated_fabric(server)
        drains(server)


if __name__ == "__main__":
    send(*sys.argv[2:]) if sys.argv[1:2] == ["send"] else main(test)
