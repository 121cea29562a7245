"""The main job on real input: a capture replayed fast and held answers the tutorial's queries, the same for any number of
shards, and the same again when asked again."""

from weirtest import *

AGENTS = ["192.168.0.11", "192.168.0.12", "192.168.0.13", "192.168.0.14"]
NAMES = ["leaf1", "leaf2", "spine1", "spine2"]

QUERIES = [
    "/agents/json",
    "/agents/json?agent=192.168.0.11&agent=192.168.0.14",
    "/agents/json?agent=192.0.2.1",
    "/datasources/ALL/json",
    "/datasources/leaf1,spine2/json",
    "/metrics/json",
    "/metric/192.168.0.11/json",
    "/metric/spine2/json",
    "/metric/ALL/max:ifinutilization/json",
    "/metric/ALL/ifinutilization,min:ifinutilization,any:ifinutilization/json",
    "/metric/ALL/sum:ifinoctets,avg:ifinoctets,var:ifinoctets,sdev:ifinoctets/json",
    "/metric/ALL/med:ifinutilization,q1:ifinutilization,q2:ifinutilization,q3:ifinutilization,iqr:ifinutilization/json",
    "/metric/ALL/sum:ifinpkts,sum:ifoutpkts,avg:ifindiscards,max:ifouterrors/json",
    "/metric/ALL/max:load_one,min:load_one,med:load_one,sdev:load_one/json",
    "/metric/ALL/any:host_name,max:host_name,min:host_name,sum:host_name/json",
    "/metric/ALL/max:cpu_utilization,avg:cpu_utilization,max:mem_utilization/json",
    "/metric/ALL/max:no_such_metric,sum:no_such_metric,med:no_such_metric/json",
    "/metric/leaf1;leaf2/max:ifoututilization,max:ifinutilization/json",
    "/metric/spine1,spine2/max:ifoututilization,max:ifinutilization/json",
    "/metric/192.168.0.13/52.ifinoctets,max:52.ifoutoctets,2.1.load_one/json",
    "/metric/ALL/max:ifinoctets/json?ifname=swp1*",
    "/metric/ALL/sum:ifinoctets,med:ifinoctets/json?iftype=ethernetCsmacd&ifspeed=10000000000",
    "/metric/ALL/max:ifinoctets/json?ifname=swp49&ifname=swp50",
    "/metric/192.0.2.1/max:ifinoctets/json",
    "/metric/TOPOLOGY/max:ifinoctets/json",
    "/table/ALL/ifname,ifinutilization,ifoututilization/json",
    "/table/ALL/ifname,sort:ifinutilization:-10,null:ifoututilization/json",
    "/table/ALL/sort:ifinutilization:5,ifname/json",
    "/table/ALL/sort:ifname,ifoperstatus,null:load_one/json",
    "/table/leaf1,leaf2/host_name,load_one,null:cpu_utilization/json",
    "/table/ALL/ifname,ifinoctets/json?ifoperstatus=up&ifname=*s0",
    "/table/ALL/no_such_metric/json",
    "/dump/ALL/ALL/json",
    "/dump/ALL/ifinutilization/json",
    "/dump/ALL/ifname;ifspeed,load_one/json",
    "/dump/spine1/ALL/json?ifname=*",
    "/dump/192.168.0.12/ifinoctets/json?ifspeed=1e10",
    "/dump/192.0.2.1/ALL/json",
    "/prometheus/metrics/ALL/ALL/txt",
    "/prometheus/metrics/ALL/ifinoctets,ifoutoctets/txt?iftype=ethernetCsmacd",
    "/prometheus/metrics/leaf1/load_one,cpu_utilization/txt",
]


def replay(name, *arguments):
    return ("--replay", CAPTURES / name, "--replay-pace", "fast", "--replay-end", "hold", *arguments)


def tutorial(server):
    """What the tutorial asks first."""
    agents = server.json("/agents/json")
    equal("the four switches are there", sorted(agents), AGENTS)
    equal("with their names", [agents[a].get("hostName") for a in AGENTS], NAMES)
    equal("every datagram of the capture belongs to one", sum(a["sFlowDatagramsReceived"] for a in agents.values()), 9279)
    equal("none was lost", sum(a["sFlowDatagramsLost"] for a in agents.values()), 0)
    most = server.json("/metric/ALL/max:ifinutilization,max:ifoututilization/json")
    equal("answers come in the order asked", [m["metricName"] for m in most], ["max:ifinutilization", "max:ifoututilization"])
    check("the busiest port is a busy one", all(10 < m["metricValue"] <= 100 for m in most), most)
    check("and is named", all(m["agent"] in AGENTS and m["dataSource"].isdigit() for m in most), most)
    names = server.json("/dump/ALL/ifname/json")
    check("interface names come from the port-name records", {"swp1s0", "swp49", "swp50"} <= {
        row["metricValue"] for row in names}, names[:5])
    top = server.json("/table/ALL/ifname,sort:ifinutilization:-1/json")[0]
    equal("/table and /metric agree on the busiest port", (top[1]["agent"], top[1]["dataSource"], top[1]["metricValue"]),
          (most[0]["agent"], most[0]["dataSource"], most[0]["metricValue"]))
    host = server.json("/metric/leaf1/load_one,host_name,os_name/json")
    check("hosts have host metrics", host[0]["metricN"] == 1 and host[1]["metricValue"] == "leaf1", host)
    check("time stands still after the capture", server.get("/dump/ALL/ALL/json").body == server.get("/dump/ALL/ALL/json").body)


def answers(*arguments):
    """The bytes of all answers of a server that replays the capture."""
    with serving(*replay("ecmp.pcap", *arguments)) as server:
        replayed = server.wait_line("replayed ", 60)
        lines = [line.split()[0] for line in server.output]
        equal(f"{' '.join(arguments)}: ready before replayed", lines, ["ready", "replayed"])
        equal("the books of the file", {name: replayed[name] for name in ("packets", "datagrams", "refused")},
              {"packets": "9279", "datagrams": "9279", "refused": "0"})
        equal("its end is the time of its last frame", replayed["at"], "1426272954088")
        server.check_books(" ".join(arguments))
        first = [server.get(query).body for query in QUERIES]
        second = [server.get(query).body for query in QUERIES]
        differing = [query for query, a, b in zip(QUERIES, first, second) if a != b]
        equal(f"{len(QUERIES)} queries answered twice are the same to the byte", differing, [])
        if arguments == ("--shards", "1"):
            tutorial(server)
        equal("SIGTERM ends a held replay with 0", server.terminate(), 0)
        return first


def test():
    if not HAS_CAPTURES:
        return skip("replay", f"no captures in {CAPTURES}")
    one = answers("--shards", "1")
    for shards in ["2", "7"]:
        many = answers("--shards", shards)
        differing = [query for query, a, b in zip(QUERIES, one, many) if a != b]
        equal(f"{len(QUERIES)} answers of {shards} shards are those of one to the byte", differing, [])
    empty = [query for query, body in zip(QUERIES, one) if len(body) < 3 and "192.0.2.1" not in query]
    check("nearly all queries have something to answer", len(empty) < 3, empty)


if __name__ == "__main__":
    main(test)
