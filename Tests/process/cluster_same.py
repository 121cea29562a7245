"""A cluster answers what one process answers, to the byte: a capture replayed on its own clock into one process and into clusters
of one, two, three and seven workers, with definitions, asked some fifty queries."""

from serve_replay import QUERIES, replay
from weirtest.clusters import *

DEFINITIONS = {
    "flows": {
        "pair": {"keys": "ipsource,ipdestination", "value": "bytes", "log": True},
        "ports": {"keys": "macsource,ipprotocol", "value": "frames", "n": 20, "t": 1},
        "agents": {"keys": "ipsource", "value": "bytes", "aggMode": "AGENT"},
    },
    "thresholds": {
        "busy": {"metric": "ifinutilization", "value": 20},
        "named-otherwise": {"metric": "busyness", "value": 30},
        "elephant": {"metric": "pair", "value": 1_000_000, "byFlow": True},
    },
    "groups": {"racks": {"left": ["10.4.1.0/24"], "right": ["10.4.0.0/16"]}},
}

FLOW_QUERIES = [
    f"/activeflows/{agents}/{name}/json{parameters}"
    for name in ("pair", "ports", "agents")
    for agents, parameters in [
        ("ALL", "?maxFlows=10"), ("ALL", "?aggMode=sum&maxFlows=5"), ("ALL", "?aggMode=avg"), ("ALL", "?aggMode=min&minValue=1"),
        ("192.168.0.11,spine2", "")]
] + [
    "/metric/ALL/max:pair,sum:pair,med:pair/json",
    "/table/ALL/ifname,sort:pair:-5/json",
    "/flow/json", "/threshold/json", "/group/json",
    "/flowlocations/ALL/pair/json?key=10.4.1.2,10.4.3.2",
]

ALIAS = "-Dmetrics.alias.busyness=ifinutilization"

# Numbers and order of events may differ between one process and a cluster; the set and everything else in it may not.
EVENT_QUERIES = ["/events/json", "/flows/json"]


def events(server, path):
    return sorted(
        json.dumps({name: value for name, value in event.items() if name not in ("eventID", "flowID")}, sort_keys=True)
        for event in server.json(path))


def everything(server):
    return ({path: server.ask(path).body for path in QUERIES + FLOW_QUERIES},
            {path: events(server, path) for path in EVENT_QUERIES})


def compare(what, one, many):
    differing = [path for path in one[0] if one[0][path] != many[0][path]]
    equal(f"{what}: {len(one[0])} answers are those of one process to the byte", differing, [])
    for path in differing:
        print(f"      {path}\n{one[0][path][:600]}\n{many[0][path][:600]}")
    for path in EVENT_QUERIES:
        check(f"{what}: the same {len(one[1][path])} records at {path}", one[1][path] == many[1][path],
              lambda: str(sorted(set(one[1][path]) ^ set(many[1][path]))[:2]))


def test():
    if not HAS_CAPTURES:
        return skip("same answer", f"no captures in {CAPTURES}")
    with temporary_directory() as directory:
        define = pathlib.Path(directory) / "definitions.json"
        define.write_text(json.dumps(DEFINITIONS))
        capture = replay("ecmp.pcap", "--events-max", "100000", "--flows-max", "100000", "--define", define, ALIAS)
        with serving(*capture) as server:
            server.wait_line("replayed ", 60)
            one = everything(server)
        check("there are events and flow records to compare", all(one[1][path] for path in EVENT_QUERIES))
        for workers, replicas in [(1, 1), (2, 1), (3, 2), (7, 1)]:
            with clustered(
                    workers=workers, replicas=replicas, coordinators=2,
                    options=["--define", define, "--events-max", "100000", "--flows-max", "100000", ALIAS]) as cluster:
                ingest = cluster.add_ingest("ingest-1", *replay("ecmp.pcap"))
                replayed = ingest.wait_line("replayed ", 60)
                equal("the books of the file", replayed["datagrams"], "9279")
                for coordinator in cluster.coordinators:
                    role = "leading" if coordinator.leads else "following"
                    compare(f"{workers} workers, {replicas} replicas, {role} coordinator", one, everything(coordinator))
                check("no shard has lost anything", cluster.front.status()["lostShards"] == 0, lambda: cluster.log())
                header = cluster.front.get(QUERIES[8]).headers["weir-shards"]
                equal("all shards answer", header, "1024/1024")


if __name__ == "__main__":
    main(test, 240)
