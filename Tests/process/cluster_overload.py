"""Workers that fall behind: their ingest node first lets datagrams stand for others, so that rates stay as they were, and only
then drops; each copy is in the books."""

from weirtest.clusters import *
from weirtest.traffic import *

AGENTS = 100
DEFINITION = {"keys": "inputifindex", "value": "bytes", "t": 30}


def load(front):
    return next(member["load"] for member in front.status()["members"] if member["name"] == "ingest-1")


def test():
    with clustered(workers=2) as cluster:
        front = cluster.front
        equal("a flow is defined", front.ask("/flow/all/json", "PUT", body=json.dumps(DEFINITION)).status, 204)
        ingest = cluster.add_ingest("ingest-1", "--sflow-port", "0", "--worker-queue", "512K")
        traffic = Traffic(int(ingest.ready["sflow"]), AGENTS, 20_000)
        traffic.start()
        try:
            wait_until("traffic flows", lambda: traffic.rounds > 3, 30)
            wait_until("all agents are known", lambda: len(front.json("/agents/json")) == AGENTS)
            equal("nothing is thinned while all keep up", load(front)["thinned"], 0)
            slowed(cluster)
            rates_are_kept(front)
        finally:
            traffic.stop()
        books(front, traffic)


def slowed(cluster):
    """A worker that gets a small part of the processor for a while: longer than its queue holds."""
    front, worker = cluster.front, cluster.workers[0]
    ingest = lambda: next(member for member in front.status()["members"] if member["name"] == "ingest-1")
    epoch, begin, thinned, longest = front.status()["epoch"], time.monotonic(), 0, 0
    while thinned < 20_000 or longest < 300:
        worker.signal(signal.SIGSTOP)
        time.sleep(0.8)
        now = ingest()
        thinned, longest = now["load"]["thinned"], max(longest, now["lagMs"])
        worker.signal(signal.SIGCONT)
        time.sleep(0.1)
        if time.monotonic() > begin + 60:
            raise Late(f"the worker keeps up all the same: {thinned} thinned, a lag of {longest} ms")
    check("the ingest node lets datagrams stand for others, and its lag tells of it", True)
    equal("the slow worker is still a member with its shards", front.status()["epoch"], epoch)
    wait_until("nothing waits any more", lambda: load(front)["queued"] < 1_000, 20)
    equal("and drops none", load(front)["dropped"], 0)
    wait_until("the lag is gone", lambda: ingest()["lagMs"] < 300)


def rates_are_kept(front):
    """All agents send alike. Those whose datagrams were thinned show it by the numbers that they miss."""
    agents = front.json("/agents/json")
    thinned = {name for name, agent in agents.items() if agent["sFlowDatagramsLost"] > 0}
    check("the agents of the other worker are spared", 0 < len(thinned) < AGENTS, len(thinned))
    rates = {row["agent"]: row["metricValue"] for row in front.json("/dump/ALL/all/json")}
    mean = lambda agents: sum(rates[agent] for agent in agents) / len(agents)
    ratio = mean(thinned) / mean(agents.keys() - thinned)
    figure("rate of a thinned agent over that of another", f"{ratio:.3f}")
    check("rates are kept", 0.93 < ratio < 1.07, ratio)
    # A rate between counters far apart is a mean of 5 and 80; multiplied, it would be far more.
    busiest = front.json("/metric/ALL/max:ifinutilization/json")[0]["metricValue"]
    check("counters are not multiplied", busiest < 81, busiest)


def books(front, traffic):
    """Per copy: taken in by a worker, thinned or dropped."""
    def settled():
        counts = load(front)
        return counts if counts["datagrams"] == traffic.sent and counts["queued"] == 0 else None

    counts = wait_until("the ingest node's books are told", settled, 20)
    taken = lambda: sum(member["load"]["datagrams"] for member in front.status()["members"] if member["role"] == "worker")
    wait_until("the workers' books are told", lambda: taken() == counts["datagrams"] - counts["thinned"] - counts["dropped"], 20)
    check("received = taken in by workers + thinned + dropped", True)
    figure("received, thinned, dropped", f"{counts['datagrams']}, {counts['thinned']}, {counts['dropped']}")


if __name__ == "__main__":
    main(test, 150)
