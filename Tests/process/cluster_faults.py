"""What breaks in a cluster, and what users see of it: real processes are killed, paused and talked nonsense to, while traffic with
known results flows, a client polls for events and another never stops asking. Nothing may be missing without being named."""

import collections
import random
import shutil

from weirtest.clusters import *
from weirtest.traffic import *

AGENTS = 200
COMPLETE = {"Weir-Require": "complete"}
OPTIONS = ["--events-max", "100000"]


@contextlib.contextmanager
def under_load(cluster, datagrams_per_second):
    """Traffic into the cluster's first ingest node, with clients; begins when all ports are seen."""
    ingest = cluster.add_ingest("ingest-1", "--sflow-port", "0")
    front = cluster.front
    equal("a threshold is set", front.ask("/threshold/busy/json", "PUT", body=json.dumps(THRESHOLD)).status, 204)
    load = Load(Traffic(int(ingest.ready["sflow"]), AGENTS, datagrams_per_second), Poller(front), Asker(front))
    load.traffic.start()
    load.poller.start()
    try:
        wait_until("all ports are seen", lambda: ports(front) == AGENTS, 20)
        load.asker.start()
        yield load
    finally:
        load.stop()


class Load:
    def __init__(self, traffic, poller, asker):
        self.traffic, self.poller, self.asker = traffic, poller, asker

    def stop(self):
        self.traffic.stop()
        for client in (self.asker, self.poller):
            if client.is_alive():
                client.stop()

    def wait_rounds(self, count):
        goal = self.traffic.rounds + count
        wait_until(f"{count} more rounds of traffic", lambda: self.traffic.rounds >= goal, 10 + 5 * count)

    def check_events(self, what):
        """Every crossing once: not one less, not one more."""
        if self.traffic.longest_pause > 1.9:
            return skip(f"{what}: events", f"the machine was too busy to send in time ({self.traffic.longest_pause:.1f} s)")
        expected = AGENTS * self.traffic.events_per_agent
        try:
            wait_until("all events have come", lambda: len(self.poller.events) >= expected, 15)
        except Late:
            pass
        by_agent = collections.Counter(event["agent"] for event in self.poller.events)
        odd = {agent: count for agent, count in by_agent.items() if count != self.traffic.events_per_agent}
        check(f"{what}: each of {expected} events came once", len(self.poller.events) == expected and not odd,
              lambda: f"{len(self.poller.events)} came; {self.traffic.events_per_agent} expected of each, not so: {odd}")
        numbers = [event["eventID"] for event in self.poller.events]
        equal(f"{what}: they are numbered without a gap", numbers, list(range(len(numbers))))


def ports(server):
    answer = server.ask(Asker.PATH)
    return answer.json[0].get("metricN", 0) if answer.status == 200 else None


def check_no_gap(what, load, begin):
    answers = load.asker.since(begin)
    bad = [answer for answer in answers if answer[2:] != (200, "1024/1024", AGENTS)]
    check(f"{what}: all of {len(answers)} answers are whole", answers and not bad, lambda: f"{len(bad)} are not: {bad[:3]}")
    figure("slowest answer, s", f"{load.asker.slowest:.2f}")


def check_books(what, front, sent):
    """What was sent has been received by the owners of its agents, and by an ingest node before."""
    def received():
        return sum(agent["sFlowDatagramsReceived"] for agent in front.json("/agents/json").values())

    try:
        wait_until("all datagrams are counted", lambda: received() >= sent, 15)
    except Late:
        pass
    equal(f"{what}: all datagrams sent are in the agents' books", received(), sent)
    agents = front.json("/agents/json").values()
    equal(f"{what}: none was lost", sum(agent["sFlowDatagramsLost"] for agent in agents), 0)
    equal(f"{what}: none came twice", sum(agent["sFlowDatagramsDuplicates"] for agent in agents), 0)


def ingest_load(front, name):
    return next(member["load"] for member in front.status()["members"] if member["name"] == name)


def member(front, name):
    return next((member for member in front.status()["members"] if member["name"] == name), None)


# --- Two copies of each shard ------------------------------------------------------------------------------------------

def two_replicas():
    with clustered(workers=3, replicas=2, options=OPTIONS) as cluster, under_load(cluster, 20_000) as load:
        front = cluster.front
        for node in cluster.nodes():
            equal(f"{node.name} is alive and ready", (node.probe("/healthz"), node.probe("/readyz")), (200, 200))

        begin = time.monotonic()
        epoch = front.status()["epoch"]
        cluster.workers[2].signal(signal.SIGSTOP)
        pause_until(begin + 1)
        cluster.workers[2].signal(signal.SIGCONT)
        load.wait_rounds(1)
        check_no_gap("a worker paused for a second", load, begin)
        equal("a worker paused for a second: nothing has moved", front.status()["epoch"], epoch)

        begin = time.monotonic()
        bad_peers(cluster)
        check_no_gap("bad peers", load, begin)

        begin = time.monotonic()
        cluster.workers[0].kill()
        cluster.wait_map(2)
        figure("from kill -9 to a map without the worker, s", f"{time.monotonic() - begin:.1f}")
        load.wait_rounds(2)
        load.traffic.stop()
        check_no_gap("worker killed", load, begin)
        equal("worker killed: no shard has lost anything", front.status()["lostShards"], 0)
        figure("datagrams sent", load.traffic.sent)
        check_books("worker killed", front, load.traffic.sent)
        load.check_events("worker killed")
        # A member tells its books with its heartbeats.
        wait_until("the ingest node says that it received all", lambda: ingest_load(front, "ingest-1")["datagrams"] == load.traffic.sent)
        load.stop()
        ingest_replaced(cluster, load.traffic)


def pause_until(when):
    """For faults that last a given time: there is no condition to wait for."""
    time.sleep(max(0.0, when - time.monotonic()))


def ingest_replaced(cluster, before):
    front = cluster.front
    cluster.ingests[0].kill()
    wait_until("the dead ingest node is no member", lambda: member(front, "ingest-1") is None, 20)
    ingest = cluster.add_ingest("ingest-1", "--sflow-port", "0")
    wait_until("the new ingest node is ready", lambda: ingest.probe("/readyz") == 200)
    after = Traffic(int(ingest.ready["sflow"]), AGENTS, 5_000)
    after.agents, after.rounds = before.agents, before.rounds
    after.start()
    wait_until("a round of traffic", lambda: after.rounds > before.rounds)
    after.stop()
    check_books("ingest node replaced", front, before.sent + after.sent)
    settled = lambda: ingest_load(front, "ingest-1")["datagrams"] >= after.sent and ingest_load(front, "ingest-1")["queued"] == 0
    wait_until("the new ingest node's books are told", settled)
    counts = ingest_load(front, "ingest-1")
    equal("the new ingest node's books balance", (counts["datagrams"], counts["dropped"]), (after.sent, 0))


def paused_owner():
    """Long enough for its shards to go to their replicas: it comes back with what it had, which nobody wants any more."""
    with clustered(workers=3, replicas=2, options=OPTIONS) as cluster, under_load(cluster, 10_000) as load:
        front, worker = cluster.front, cluster.workers[1]
        begin = time.monotonic()
        worker.signal(signal.SIGSTOP)
        cluster.wait_map(2)
        pause_until(begin + 6)
        worker.signal(signal.SIGCONT)
        wait_until("the paused worker is back", lambda: member(front, worker.name)["state"] == "up")
        wait_until("it knows the map", lambda: member(front, worker.name)["epoch"] == front.status()["epoch"])
        equal("owner paused: it answers for no shards", member(front, worker.name).get("primaryShards", 0), 0)
        load.wait_rounds(2)
        load.traffic.stop()
        check_no_gap("owner paused", load, begin)
        check_books("owner paused", front, load.traffic.sent)
        load.check_events("owner paused")
        equal("owner paused: no shard has lost anything", front.status()["lostShards"], 0)


# --- One copy of each shard --------------------------------------------------------------------------------------------

def one_replica():
    with clustered(workers=3, replicas=1, options=OPTIONS) as cluster, under_load(cluster, 5_000) as load:
        front = cluster.front
        owned = member(front, "worker-1")["primaryShards"]
        cluster.workers[0].kill()
        killed = time.monotonic()
        expected = f"{1024 - owned}/1024"
        answer = wait_until("an answer says what is missing", lambda: partial(front), 4)
        equal("worker killed: the answer says how much is missing", answer.headers["weir-shards"], expected)
        refused = front.ask(Asker.PATH, headers=COMPLETE)
        equal("worker killed: who asks for all gets none", (refused.status, refused.headers["weir-shards"]), (503, expected))
        check("worker killed: and a reason", "shards" in refused.text, refused.text)
        status = cluster.wait_map(2)
        figure("from kill -9 to a map without the worker, s", f"{time.monotonic() - killed:.1f}")
        equal("worker killed: its shards are named as lost", status["lostShards"], owned)
        wait_until("answers are whole again", lambda: whole(front) and ports(front) == AGENTS)
        equal("taken over: who asks for all gets it", front.ask(Asker.PATH, headers=COMPLETE).status, 200)
        answers = load.asker.since(killed)
        equal("worker killed: every question was answered", {status for _, _, status, _, _ in answers}, {200})
        unsaid = [a for a in answers if a[3] == "1024/1024" and a[4] < AGENTS and a[0] < killed + 2]
        equal("worker killed: no smaller number without a word", unsaid, [])
        long_pause(cluster, load)


def partial(front):
    answer = front.ask(Asker.PATH)
    return answer if answer.status == 200 and answer.headers["weir-shards"] != "1024/1024" else None


def whole(front):
    answer = front.ask(Asker.PATH)
    return answer.status == 200 and answer.headers["weir-shards"] == "1024/1024"


def long_pause(cluster, load):
    front, worker = cluster.front, cluster.workers[1]
    worker.signal(signal.SIGSTOP)
    begin = time.monotonic()
    cluster.wait_map(1)
    figure("from a pause to a map without the worker, s", f"{time.monotonic() - begin:.1f}")
    pause_until(begin + 6)
    known = len(load.poller.events)
    worker.signal(signal.SIGCONT)
    wait_until("the paused worker is back", lambda: member(front, worker.name)["state"] == "up")
    wait_until("it knows the map", lambda: member(front, worker.name)["epoch"] == front.status()["epoch"])
    equal("a worker paused for six seconds: it has no shards now", member(front, worker.name).get("primaryShards", 0), 0)
    wait_until("answers are whole", lambda: whole(front) and ports(front) == AGENTS)
    load.wait_rounds(2)
    load.traffic.stop()
    load.stop()
    seen = collections.Counter((event["agent"], event["timestamp"]) for event in load.poller.events)
    equal("a worker paused for six seconds: no event came twice", [key for key, count in seen.items() if count > 1], [])
    ordered = [event["timestamp"] for event in load.poller.events[known:]]
    stale = [stamp for stamp in ordered if stamp < ordered[-1] - 4000] if ordered else []
    equal("a worker paused for six seconds: it tells nothing stale", stale, [])


# --- Bad peers ---------------------------------------------------------------------------------------------------------

def bad_peers(cluster):
    """Nonsense to the cluster port of each role. That nothing else is disturbed, the caller checks."""
    bad_messages(cluster)
    for node in cluster.nodes():
        for garbage in garbage_bytes():
            with socket.create_connection(("127.0.0.1", node.cluster), 5) as peer:
                peer.sendall(garbage)
                peer.settimeout(10)
                check(f"garbage to {node.name}: the connection is closed", closes(peer))
    for path in ("/weir/member", "/weir/forward"):
        refused = request(cluster.front.cluster, path, "POST").status
        check(f"HTTP/1.1 POST to {path}: refused", 400 <= refused < 600, refused)
    for node in cluster.nodes():
        check(f"bad peers: {node.name} lives and is ready", node.is_running and node.probe("/readyz") == 200)
        named = [line for line in node.errors if "misbehaves" in line]
        check(f"bad peers: {node.name} does not fill its log with it", len(named) <= 1, named)
    tools(cluster)


def garbage_bytes():
    """Nothing at all, HTTP/2 that begins well, and TLS to a port that has none."""
    noise = random.Random(7).randbytes(4096)
    return noise, b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + noise, b"\x16\x03\x01" + bytes(512)


def bad_messages(cluster):
    """Well framed, but nothing that a node would say."""
    if not shutil.which("curl"):
        return skip("bad messages", "no curl")
    front, worker = cluster.front, cluster.workers[1]
    refusals = member(front, worker.name)["load"]["refusedMessages"]
    # See EnvelopeMessage.swift: kind, epoch, number, time, count; shard, weight, arrival, family, source, length, bytes.
    header = lambda kind, count: struct.pack(">BQQqI", kind, 1, 1, 0, count)
    envelope = lambda shard: struct.pack(">HBqB4sI", shard, 1, 1, 4, bytes(4), 4) + bytes(4)
    messages = {
        "a shard that is none": header(1, 1) + envelope(65535),
        "cut off": (header(1, 1) + envelope(0))[:-3],
        "more than was said": header(1, 1) + envelope(0) + b"\0",
        "a count that is none": header(1, 2**32 - 1),
        "a kind that is none": header(99, 0),
    }
    for message in messages.values():
        send_stream(worker.cluster, "/weir/envelopes", message, "weir-incarnation: 4711")
    counted = lambda: member(front, worker.name)["load"]["refusedMessages"] - refusals
    wait_until("the worker tells what it has refused", lambda: counted() >= len(messages))
    equal(f"messages with {', '.join(messages)}: refused, and counted", counted(), len(messages))
    wait_until("the log names the peer", lambda: any("makes no sense" in line for line in worker.errors))
    for nonsense in (b"\x01\xff\xff", b"", garbage_bytes()[0][:300]):
        send_stream(front.cluster, "/weir/member", nonsense)
        send_stream(worker.cluster, "/weir/ask", nonsense)
    equal("nonsense joins: nobody new", len(front.status()["members"]), len(cluster.workers) + len(cluster.ingests))


def closes(peer):
    try:
        while peer.recv(65536):
            pass
        return True
    except ConnectionResetError:
        return True
    except TimeoutError:
        return False


def send_stream(port, path, message, *headers):
    """One framed message over HTTP/2, as a node would send it, by curl. How it is refused differs; that it is, is seen elsewhere."""
    framed_message = b"\0" + struct.pack(">I", len(message)) + message
    options = [word for header in ("weir-protocol: 1", *headers) for word in ("--header", header)]
    subprocess.run(
        ["curl", "--silent", "--max-time", "3", "--http2-prior-knowledge", "--data-binary", "@-", *options,
         "--output", "/dev/null", f"http://127.0.0.1:{port}{path}"],
        input=framed_message, timeout=20, check=False)


def tools(cluster):
    """Other people's programs against the internal port of each role."""
    for node in [cluster.ingests[0], cluster.workers[1], cluster.front]:
        url = f"http://127.0.0.1:{node.cluster}/healthz"
        for command in (["curl", "--silent", "--fail", url], ["curl", "--silent", "--fail", "--http2-prior-knowledge", url]):
            answer = subprocess.run(command, capture_output=True, timeout=20)
            equal(f"{node.name}: {' '.join(command[:-1])}", (answer.returncode, answer.stdout), (0, b"ok\n"))
        if shutil.which("nghttp"):
            answer = subprocess.run(["nghttp", "--null-out", "--stat", url], capture_output=True, timeout=20)
            check(f"{node.name}: nghttp", answer.returncode == 0 and b" 200 " in answer.stdout, answer.stdout.decode())
        if shutil.which("h2load"):
            answer = subprocess.run(["h2load", "-n", "500", "-c", "4", "-m", "10", url], capture_output=True, timeout=30)
            check(f"{node.name}: h2load", b"500 succeeded, 0 failed" in answer.stdout, answer.stdout.decode())


# --- Coordinators and their store --------------------------------------------------------------------------------------

def leader_killed(kind, store=None, etcd=None, limit_seconds=5.0):
    with clustered(workers=2, coordinators=2, options=OPTIONS, store=store) as cluster:
        leader = wait_until("one leads", lambda: next((node for node in cluster.coordinators if node.leads), None))
        follower = next(node for node in cluster.coordinators if node is not leader)
        wait_until("the other one follows", lambda: follower.ask("/cluster/json").status == 200)
        what = f"leader killed ({kind})"
        put_and_query(f"{what}, before", follower, cluster)
        ingest = cluster.add_ingest("ingest-1", "--sflow-port", "0")
        traffic = Traffic(int(ingest.ready["sflow"]), AGENTS, 5_000)
        traffic.start()
        asker = Asker(follower)
        try:
            wait_until("all ports are seen", lambda: ports(follower) == AGENTS, 20)
            asker.start()
            leader.kill()
            killed = time.monotonic()
            wait_until("another leads", lambda: follower.leads, limit_seconds + 5)
            took = time.monotonic() - killed
            figure("from kill -9 to another leader, s", f"{took:.1f}")
            check(f"{what}: another leads within {limit_seconds} s", took <= limit_seconds, took)
            put_and_query(f"{what}, after", follower, cluster)
            bad = [answer for answer in asker.since(killed) if answer[2:] != (200, "1024/1024", AGENTS)]
            equal(f"{what}: the other answered all the time, all of it", bad, [])
            names = {node.name for node in cluster.workers + cluster.ingests}
            wait_until("all have joined the new leader", lambda: {m["name"] for m in follower.status()["members"]} == names)
            equal(f"{what}: nothing was taken from anybody", follower.status()["lostShards"], 0)
            if etcd:
                store_killed(cluster, follower, etcd, asker)
        finally:
            traffic.stop()
            if asker.is_alive():
                asker.stop()
        check_books(what, follower, traffic.sent)


def put_and_query(what, server, cluster):
    """204 means that all workers have it: a query right after sees it at each of them."""
    name = "f" + "".join(c for c in what if c.isalnum())
    definition = json.dumps({"keys": "ipsource", "value": "bytes"})
    answer = server.ask(f"/flow/{name}/json", "PUT", body=definition, timeout=30)
    equal(f"{what}: a definition is taken", (answer.status, answer.text), (204, ""))
    status = server.status()
    versions = [member["definitionsVersion"] for member in status["members"] if member["role"] == "worker"]
    equal(f"{what}: and then in force at all workers", versions, [status["definitionsVersion"]] * len(cluster.workers))


def store_killed(cluster, leader, etcd, asker):
    etcd.kill()
    begin = time.monotonic()
    wait_until("the leader no longer believes in itself", lambda: not leader.leads, 10)
    put = leader.ask("/flow/late/json", "PUT", body=b"{keys:'ipsource',value:'bytes'}", timeout=30)
    check("etcd killed: a change is refused with a reason", put.status >= 500 and put.text, (put.status, put.text))
    for node in cluster.ingests + cluster.workers:
        equal(f"etcd killed: {node.name} is ready", node.probe("/readyz"), 200)
    etcd.start()
    wait_until("the coordinator leads again", lambda: leader.leads, 15)
    wait_until("the workers are back", lambda: len(leader.status()["members"]) == 3)
    figure("etcd away and back, s", f"{time.monotonic() - begin:.1f}")
    put_and_query("etcd is back", leader, cluster)
    bad = [answer for answer in asker.since(begin) if answer[2:] != (200, "1024/1024", AGENTS)]
    equal("etcd killed: every question was answered in full", bad, [])


def with_etcd():
    if not shutil.which("etcd"):
        return skip("leader killed (etcd), etcd killed", "no etcd on the path")
    with temporary_directory() as directory:
        etcd = Etcd(directory)
        try:
            leader_killed("etcd", etcd.store, etcd)
        finally:
            etcd.kill()


def test():
    for part in (two_replicas, paused_owner, one_replica, lambda: leader_killed("file"), with_etcd):
        part()


if __name__ == "__main__":
    main(test, 170)
