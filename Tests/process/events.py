"""The loop of published clients: define a flow, set a threshold by flow, poll for events, against live traffic. The event
of the datagram that crosses the threshold reaches a waiting client."""

import struct
import threading
import time

from weirtest import *

DEFINITION = b"{keys:'ipsource,ipdestination',value:'bytes',t:1}"
THRESHOLD = b'{"metric":"pair","value":"1000000","byFlow":true,"timeout":"1"}'


def packet_sample(sequence, source, destination, rate, frame_bytes):
    """A flow sample (0:1) of a TCP packet that came in by port 3 (sFlow version 5, section 5)."""
    header = bytes.fromhex("020000000001 020000000002 0800")
    header += struct.pack(">BBHHHBBH4s4s", 0x45, 0, frame_bytes - 18, 0, 0, 64, 6, 0, source, destination)
    header += struct.pack(">HHIIBBHHH", 40000, 443, 0, 0, 0x50, 0x10, 0, 0, 0)
    record = framed(1, struct.pack(">IIII", 1, frame_bytes, 4, len(header)) + header + bytes(-len(header) % 4))
    return framed(1, struct.pack(">IIIIIIII", sequence, 3, rate, sequence * rate, 0, 3, 4, 1) + record)


def poll(server, last, answers):
    """What `requests.get(url + str(last)).json()` does in those clients, noting when the answer came."""
    events = server.ask(f"/events/json?thresholdID=large&maxEvents=10&timeout=20&eventID={last}", timeout=30).json
    answers.append((time.monotonic(), events))


def cross(server, number, source):
    """Sends one datagram whose sample alone is above the threshold: 1500 bytes in each of 10,000 packets."""
    send_udp(server.sflow, [datagram("192.0.2.9", number, packet_sample(number, source, b"\x0a\x00\x00\x02", 10000, 1500))])


def test():
    with serving("--sflow-port", "0") as server:
        equal("a flow is defined", server.ask("/flow/pair/json", "PUT", body=DEFINITION).status, 204)
        equal("a threshold is set", server.ask("/threshold/large/json", "PUT", body=THRESHOLD).status, 204)
        equal("no flow is active yet", server.json("/activeflows/ALL/pair/json"), [])
        last, delays = -1, []
        for round in range(1, 6):
            answers = []
            client = threading.Thread(target=poll, args=(server, last, answers))
            client.start()
            in_flight = lambda: server.analyzer()["httpConnectionsCurrent"] >= 2
            wait_until(f"the client of round {round} waits", in_flight)
            sent = time.monotonic()
            cross(server, round, bytes([10, 0, 1, round]))
            client.join(30)
            came, events = answers[0]
            delays.append((came - sent) * 1000)
            equal(f"round {round}: one event", len(events), 1)
            event = events[0]
            equal(f"round {round}: of the flow that crossed", event["flowKey"], f"10.0.1.{round},10.0.0.2")
            equal(f"round {round}: where it is", (event["agent"], event["dataSource"]), ("192.0.2.9", "3"))
            check(f"round {round}: above the threshold", event["value"] > event["threshold"] == 1000000, event)
            check(f"round {round}: numbered on", event["eventID"] == last + 1, event)
            last = event["eventID"]
        figure("datagram to event, slowest of five, ms", f"{max(delays):.1f}")
        flows = server.json("/activeflows/ALL/pair/json?maxFlows=10")
        equal("five flows are active", len(flows), 5)
        check("largest first", [flow["value"] for flow in flows] == sorted((flow["value"] for flow in flows), reverse=True))
        top = server.json("/metric/ALL/pair/json")[0]
        equal("the metric is its largest flow", top["metricValue"] >= top["topKeys"][0]["value"], True)
        empty = server.ask(f"/events/json?thresholdID=large&timeout=0.1&eventID={last}")
        equal("a poll without news ends empty", (empty.status, empty.json), (200, []))
        equal("the definition is deleted", server.ask("/flow/pair/json", "DELETE").status, 204)
        equal("and not found", server.ask("/flow/pair/json").status, 404)
        server.check_books("after the events")


if __name__ == "__main__":
    main(test)
