"""Events over the deaths of leaders: each crossing of a threshold is told once, under a number of its own, by whichever coordinator is
asked; and what was told before an earlier leader died can still be asked for."""

import collections

from weirtest.clusters import *
from weirtest.traffic import *

AGENTS = 40
OPTIONS = ["--events-max", "100000"]


class PatientPoller(Poller):
    """Goes on when nobody leads for a while, and when its coordinator dies asks another."""

    def __init__(self, cluster):
        super().__init__(None)
        self.cluster, self.refused = cluster, 0

    def turn(self):
        self.server = self.cluster.coordinators[-1]
        try:
            answer = self.server.ask(f"/events/json?maxEvents=100000&timeout=1&eventID={self.last}", timeout=30)
        except OSError:
            return time.sleep(0.05)
        if answer.status != 200:
            self.refused += 1
            return time.sleep(0.05)
        for event in reversed(answer.json):
            self.events.append(event)
            self.last = event["eventID"]


def leader(cluster):
    return next((node for node in cluster.coordinators if node.is_running and node.leads), None)


def test():
    with clustered(workers=2, coordinators=2, replicas=2, options=OPTIONS) as cluster:
        first = wait_until("one leads", lambda: leader(cluster))
        answer = first.ask("/threshold/busy/json", "PUT", body=json.dumps(THRESHOLD), timeout=30)
        equal("a threshold is set", answer.status, 204)
        ingest = cluster.add_ingest("ingest-1", "--sflow-port", "0")
        traffic, poller = Traffic(int(ingest.ready["sflow"]), AGENTS, 1_000), PatientPoller(cluster)
        traffic.start()
        poller.start()
        try:
            wait_until("events come", lambda: len(poller.events) >= AGENTS, 30)
            for node in cluster.coordinators:
                nodes = node.json("/analyzer/json")["nodes"]
                equal(f"{node.name} tells of all nodes in its books", sorted(nodes), sorted(m["name"] for m in node.status()["members"]))
            leader_dies(cluster, "the first leader", poller)
            again = started_again(cluster, first)
            wait_until("the new coordinator follows", lambda: again.ask("/events/json?maxEvents=1").status == 200)
            rounds = traffic.rounds
            wait_until("two more rounds", lambda: traffic.rounds >= rounds + 2, 30)
            leader_dies(cluster, "the second leader", poller)
            rounds = traffic.rounds
            wait_until("two more rounds", lambda: traffic.rounds >= rounds + 2, 30)
        finally:
            traffic.stop()
        told(cluster, traffic, poller)
        alone(cluster, poller, traffic)


def started_again(cluster, dead):
    """Where the other nodes know a coordinator to be."""
    cluster.coordinators.append(
        Coordinator(cluster.store, "--name", dead.name, "--cluster-port", dead.cluster, *cluster.options))
    return cluster.coordinators[-1]


def leader_dies(cluster, what, poller):
    dying = wait_until("one leads", lambda: leader(cluster))
    known = dying.json("/events/json?maxEvents=100000")
    dying.kill()
    begin = time.monotonic()
    other = wait_until("another leads", lambda: leader(cluster), 10)
    figure(f"from the death of {what} to the next, s", f"{time.monotonic() - begin:.1f}")
    kept = other.json("/events/json?maxEvents=100000")
    equal(f"{what} is dead: the next has the same events under the same numbers", kept[-len(known):], known)


def told(cluster, traffic, poller):
    expected = AGENTS * traffic.events_per_agent
    try:
        wait_until("all events have come", lambda: len(poller.events) >= expected, 20)
    except Late:
        pass
    poller.stop()
    by_agent = collections.Counter(event["agent"] for event in poller.events)
    odd = {agent: count for agent, count in by_agent.items() if count != traffic.events_per_agent}
    check(f"each of {expected} events was told once", len(poller.events) == expected and not odd,
          f"{len(poller.events)} came; {traffic.events_per_agent} expected of each, not so: {odd}")
    numbers = [event["eventID"] for event in poller.events]
    equal("under numbers that go on without a gap", numbers, list(range(len(numbers))))


def alone(cluster, poller, before):
    """The last coordinator starts again: it has forgotten the events, but not which numbers are taken."""
    for node in cluster.coordinators:
        node.kill()
    front = started_again(cluster, cluster.coordinators[-1])
    wait_until("it leads", lambda: front.leads, 20)
    wait_until("the workers are back", lambda: len(front.status()["members"]) == 3, 20)
    ingest = cluster.ingests[0]
    traffic = Traffic(int(ingest.ready["sflow"]), AGENTS, 100)
    traffic.agents, traffic.rounds = before.agents, before.rounds
    traffic.start()
    try:
        events = wait_until("new events", lambda: front.json("/events/json?maxEvents=10"), 30)
    finally:
        traffic.stop()
    lowest, last = min(event["eventID"] for event in events), poller.events[-1]["eventID"]
    check("a coordinator that has forgotten the events uses none of their numbers again", lowest > last, (lowest, last))


if __name__ == "__main__":
    main(test, 170)
