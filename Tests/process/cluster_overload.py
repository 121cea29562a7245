"""Workers that fall behind: their ingest node first lets datagrams stand for others, so that rates stay as they were, and only
then drops; each copy is in the books. Where a shard has two owners and one of them did not get everything, it gets the other one's
state."""

from weirtest.clusters import *
from weirtest.traffic import *

AGENTS = 100
DEFINITION = {"keys": "inputifindex", "value": "bytes", "t": 30}


def load(front):
    return next(member["load"] for member in front.status()["members"] if member["name"] == "ingest-1")


def test():
    one_copy()
    two_copies()


def one_copy():
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


# --- Two copies of each shard ------------------------------------------------------------------------------------------

def two_copies():
    with clustered(workers=2, replicas=2) as cluster:
        front, slow = cluster.front, cluster.workers[0]
        ingest = cluster.add_ingest("ingest-1", "--sflow-port", "0", "--worker-queue", "4M")
        traffic = Traffic(int(ingest.ready["sflow"]), AGENTS, 10_000)
        traffic.start()
        try:
            wait_until("all agents are known", lambda: len(front.json("/agents/json")) == AGENTS, 30)
            equal("while both owners get everything no copy is short", short(front), (0, 0))
            paused_until_thinned(front, slow)
            begin = time.monotonic()
            mended = wait_until("copies are made again", lambda: mended_copies(front), 60)
            figure("copies made again, and seconds until they were", f"{mended}, {time.monotonic() - begin:.1f}")
            wait_rounds(traffic, 2)
            equal("each of them once", short(front), (0, mended))
        finally:
            traffic.stop()
        wait_until("nothing waits any more", lambda: load(front)["datagrams"] == traffic.sent and load(front)["queued"] == 0, 20)
        before = answers(front)
        equal("all agents and ports are compared", [len(part) for part in before], [AGENTS, AGENTS])
        lacking = {name: agent["sFlowDatagramsLost"] for name, agent in before[0].items() if agent["sFlowDatagramsLost"] > 0}
        equal("who has everything answers: no agent lacks a datagram", lacking, {})
        equal("all datagrams are in the books", sum(agent["sFlowDatagramsReceived"] for agent in before[0].values()), traffic.sent)
        cluster.workers[1].kill()
        cluster.wait_map(1)
        after = answers(front)
        check("the copy that was made again gives the same answers", after == before,
              lambda: [(one, other) for one, other in zip(before, after) if one != other])
        equal("nothing was lost with the other one", front.status()["lostShards"], 0)


def short(front):
    status = front.status()
    return status["shortShards"], status["copiesMended"]


def paused_until_thinned(front, worker):
    """Pauses too short for it to be taken for dead."""
    begin, thinned = time.monotonic(), 0
    while thinned < 2_000:
        worker.signal(signal.SIGSTOP)
        time.sleep(1.8)
        worker.signal(signal.SIGCONT)
        time.sleep(0.5)
        thinned = load(front)["thinned"]
        if time.monotonic() > begin + 60:
            raise Late(f"the worker keeps up all the same: {thinned} thinned")
    check("copies are known to be short", short(front)[0] > 0, short(front))


def mended_copies(front):
    """How many copies were made again, when all shards have two whole copies."""
    status = front.status()
    is_whole = status["shortShards"] == 0 and not status["handovers"] and all(len(owners) == 2 for owners in status["shardMap"])
    return status["copiesMended"] if is_whole else 0


def wait_rounds(traffic, count):
    goal = traffic.rounds + count
    wait_until(f"{count} more rounds of traffic", lambda: traffic.rounds >= goal, 30)


def answers(front):
    """What does not depend on when it is asked."""
    agents = {name: {key: agent[key] for key in ("sFlowDatagramsReceived", "sFlowDatagramsLost")}
              for name, agent in front.json("/agents/json").items()}
    return agents, sorted((row["agent"], row["metricValue"]) for row in front.json("/dump/ALL/ifinutilization/json"))


if __name__ == "__main__":
    main(test, 240)
