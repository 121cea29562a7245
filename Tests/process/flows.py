"""Flows that a file of --define sets before the first datagram, over the simulated fabric: at how many data sources each flow is
seen, its rates and its totals are those of the simulator's own truth; the elephants of the demonstration fabric are found; and
the limits on what may be defined hold."""

import gzip
import json
import math
import struct
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


def cut(capture, seconds, path):
    """The first seconds of a capture, and the arrival times of its frames (pcap: a header of 24 bytes, then for each frame
    seconds, microseconds, its length, and 4 bytes more)."""
    content, end, times = capture.read_bytes(), 24, []
    while end < len(content):
        second, microsecond, byte_count = struct.unpack_from("<III", content, end)
        time = second + microsecond * 1e-6
        if times and time - times[0] > seconds:
            break
        times.append(time)
        end += 16 + byte_count
    path.write_bytes(content[:end])
    return path, times


def smoothed_rates(times, t):
    """The rate of each pair at each of its data sources in the end, from the independent decode of the capture: what each
    sample stands for, decayed by its age. Silence of ten times t ends a flow."""
    flows = defaultdict(dict)
    with gzip.open(CAPTURES / "ecmp.sflowtool.json.gz", "rt") as lines:
        for time, line in zip(times, lines):
            datagram = json.loads(line)
            for sample in datagram["samples"]:
                for element in sample["elements"]:
                    if "srcIP" in element:
                        places = flows[f"{element['srcIP']},{element['dstIP']}"]
                        place = datagram["agent"], sample["sourceId"]
                        rate, last = places.get(place, (0, time))
                        rate = rate * math.exp(-(time - last) / t) if time - last <= 10 * t else 0
                        octets = int(element["sampledPacketSize"]) * int(sample["meanSkipCount"])
                        places[place] = rate + octets / t, time
    end = times[-1]
    living = {key: [rate * math.exp(-(end - last) / t) for rate, last in places.values() if end - last <= 10 * t]
              for key, places in flows.items()}
    return {key: rates for key, rates in living.items() if rates}


def check_demonstration(folder):
    """Two flows of some 10 Gbit/s between the racks, in bursts of 20 seconds that take another path each time: in such a
    burst each is at the three ports of its path, and within 100 seconds it has been at six or seven."""
    elephants = ["10.4.1.2,10.4.2.2", "10.4.3.2,10.4.4.2"]
    flow = {"keys": "ipsource,ipdestination", "value": "bytes"}
    path = folder / "demonstration.json"
    path.write_text(json.dumps({
        "flows": {"srcdst": flow, "places": {**flow, "t": 10}},
        "topology": json.loads((CAPTURES / "ecmp.topology.json").read_text())}))
    capture, times = cut(CAPTURES / "ecmp.pcap", 537, folder / "cut.pcap")
    with serving("--replay", capture, "--replay-pace", "fast", "--replay-end", "hold", "--define", path) as server:
        server.wait_line("replayed ", 60)

        def largest(name, mode):
            return {one["key"]: one for one in server.json(f"/activeflows/ALL/{name}/json?maxFlows=2&aggMode={mode}")}

        for mode in ["max", "edge", "core", "avg"]:
            flows = largest("srcdst", mode)
            equal(f"the largest by {mode} are the elephants", sorted(flows), elephants)
            # 41 samples a second at each place: with t of 2 seconds the standard deviation of a rate is 8 %.
            rates = [one["value"] * 8 for one in flows.values()]
            check(f"each of some 10 Gbit/s by {mode}", all(7.5e9 < rate < 12.5e9 for rate in rates), rates)
        for name, t in [("srcdst", 2), ("places", 10)]:
            expected = smoothed_rates(times, t)
            for mode, combined in [("max", max), ("min", min), ("sum", sum)]:
                values = {key: combined(rates) for key, rates in expected.items()}
                flows = {one["key"]: one for one in server.json(f"/activeflows/ALL/{name}/json?aggMode={mode}")}
                equal(f"{name} by {mode}: all pairs at all places", {key: one["flowN"] for key, one in flows.items()},
                      {key: len(rates) for key, rates in expected.items()})
                off = {key: (one["value"], values.get(key)) for key, one in flows.items()
                       if not math.isclose(one["value"], values.get(key, 0), rel_tol=1e-6)}
                equal(f"{name} by {mode}: the rates of the independent decode", off, {})
        counts = [one["flowN"] for one in largest("places", "max").values()]
        check("each seen by 6 to 7 data sources", len(counts) == 2 and all(6 <= count <= 7 for count in counts), counts)


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
        check_demonstration(pathlib.Path(folder))
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
