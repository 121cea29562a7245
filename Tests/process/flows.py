"""Flows that a file of --define sets before the first datagram, over the simulated fabric: at how many data sources each flow is
seen, its rates and its totals are those of the simulator's own truth; and the limits on what may be defined hold."""

import json
import math
from collections import defaultdict

from weirtest import *

KEYS = "ipsource,ipdestination,tcpsourceport,tcpdestinationport"
# The filter leaves out what is TCP inside the tunnel only.
FLOW = {"keys": KEYS, "value": "bytes", "filter": "ipprotocol=6"}
LONG, SHORT = 600, 5


def define(truth, folder):
    path = pathlib.Path(folder) / "define.json"
    path.write_text(json.dumps({
        "flows": {
            "long": {**FLOW, "n": 1000, "t": LONG}, "short": {**FLOW, "n": 1000, "t": SHORT},
            "ended": {**FLOW, "log": True, "activeTimeout": 1, "t": 0.1},
        },
        "topology": truth["topology"]}))
    return path


def check_places(server, flows):
    found = {flow["key"]: flow for flow in server.json("/activeflows/ALL/long/json?maxFlows=10000")}
    equal("every flow that was sampled is there, and no other", sorted(found), sorted(flows))
    places = {key: sum(sight["samples"] > 0 for sight in flow["seen_by"]) for key, flow in flows.items()}
    equal("each at as many data sources as switches took samples", {key: flow["flowN"] for key, flow in found.items()}, places)
    outside = []
    for key, flow in flows.items():
        # What was sampled in the last minute has decayed by a tenth at most.
        most = max(sight["estimated_octets"] for sight in flow["seen_by"]) / LONG
        if not most * math.exp(-60 / LONG) * 0.999 <= found[key]["value"] <= most * 1.001:
            outside.append((key, found[key]["value"], most))
    equal("each with the rate of the switch that took most samples", outside, [])


def check_elephants(server, flows):
    """Those that go on to the end: their rates of the last seconds, as far as samples can tell (4 sigma)."""
    found = {flow["key"]: flow["value"] for flow in server.json("/activeflows/ALL/short/json?maxFlows=10000")}
    count = 0
    for key, flow in flows.items():
        if flow["kind"] != "elephant" or flow["start"] > 30 or flow["end"] < 60:
            continue
        count += 1
        sight = flow["seen_by"][0]
        rate = sight["octets"] / (flow["end"] - flow["start"])
        sigma = 1 / math.sqrt(2 * SHORT * flow["packets"] / (flow["end"] - flow["start"]) / 1000)
        check(f"rate of {key} is {rate:.0f}", abs(found[key] / rate - 1) < 4 * sigma, lambda: f"{found[key]}, sigma {sigma}")
    check("there are such elephants", count >= 2, count)


def check_totals(server, flows):
    totals = defaultdict(float)
    for record in server.json("/flows/json?name=ended&maxFlows=100000"):
        totals[record["agent"], record["flowKeys"]] += record["value"]
    compared, differing = 0, []
    for key, flow in flows.items():
        if flow["end"] > 57:
            continue
        for sight in flow["seen_by"]:
            if sight["samples"] > 0:
                compared += 1
                if abs(totals[sight["agent"], key] - sight["estimated_octets"]) > 0.5:
                    differing.append((key, sight["agent"], totals[sight["agent"], key], sight["estimated_octets"]))
    equal(f"the records of each flow at each of {compared} places add up to the estimate, to the octet", differing, [])
    check("there are many", compared > 100, compared)


def check_limits(server):
    """Definitions by the thousand, megabytes and bombs are refused with a message; the server goes on."""
    def refusal(what, body, status, message):
        answer = server.ask("/flow/bad/json", "PUT", body=body)
        check(f"{what}: {status}", answer.status == status and message in answer.text, lambda: f"{answer.status} {answer.text[:300]}")

    refusal("a body of megabytes", b"{" + b" " * (5 << 20) + b"}", 413, "exceeds")
    refusal("a filter of a megabyte", json.dumps({"value": "bytes", "filter": "a" * 900_000}), 400, "longer than 65536 bytes")
    refusal("ten thousand parentheses", json.dumps({"value": "bytes", "filter": "(" * 10_000}), 400, "filter, character")
    refusal("ten thousand functions", json.dumps({"value": "bytes", "keys": "null:[" * 10_000}), 400, "keys, character")
    refusal("a hundred thousand brackets", "[" * 100_000, 400, "")
    statuses = [server.ask(f"/flow/f{number}/json", "PUT", body='{"value":"frames"}').status for number in range(1000)]
    equal("definitions up to the limit are accepted", statuses, [204] * 997 + [400] * 3)
    refusal("one more", '{"value":"frames"}', 400, "at most 1000 flow definitions")
    equal("and the others answer", server.ask("/flow/long/json").status, 200)


def test():
    path = CAPTURES / "fabric.truth.json"
    if not path.exists():
        return skip("flows of the fabric", f"no captures in {CAPTURES}")
    truth = json.loads(path.read_text())
    flows = {
        ",".join(map(str, [flow["src"], flow["dst"], flow["src_port"], flow["dst_port"]])): flow for flow in truth["flows"]
        if flow["protocol"] == 6 and flow["ip_version"] == 4 and flow["kind"] != "discard"
        and any(sight["samples"] > 0 for sight in flow["seen_by"])}
    with temporary_directory() as folder:
        with serving("--replay", CAPTURES / "fabric.pcap", "--replay-pace", "fast", "--replay-end", "hold",
                     "--define", define(truth, folder), "-Dflows.max=100000") as server:
            server.wait_line("replayed ", 60)
            check_places(server, flows)
            check_elephants(server, flows)
            check_totals(server, flows)
            check_limits(server)
            server.check_books("with many definitions")


if __name__ == "__main__":
    main(test)
