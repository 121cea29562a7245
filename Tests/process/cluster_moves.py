"""Shards move with all that was counted: while a capture is replayed on its own clock, workers are added and told to go. The
answers afterwards are those of one process to the byte, and so are the events. Then the same under live traffic, with clients:
no answer lacks anything meanwhile, and no event comes twice or not at all. And a worker with too much to do gives shards away."""

from cluster_faults import OPTIONS, check_books, check_no_gap, under_load
from cluster_same import DEFINITIONS, compare, everything
from weirtest.clusters import *
from weirtest.traffic import *

FABRIC = ["--leaves", "24", "--spines", "4", "--hosts", "4", "--rate", "2000", "--polling", "5", "--duration", "120", "--seed", "7"]
EVENTS = ["--events-max", "100000", "--flows-max", "100000"]


def primaries(cluster):
    answer = cluster.front.ask("/cluster/json")
    return {m["name"]: m.get("primaryShards", 0) for m in answer.json["members"] if m["role"] == "worker" and m["state"] != "gone"}


class Trickle(threading.Thread):
    """Writes a capture into a pipe bit by bit, so that there is traffic for as long as it takes; the rest at once when told so."""

    def __init__(self, capture, pipe):
        super().__init__(daemon=True)
        self.data, self.pipe = pathlib.Path(capture).read_bytes(), pipe
        self.written, self.is_hurried = 0, threading.Event()

    def run(self):
        with open(self.pipe, "wb", buffering=0) as pipe:
            while self.written < len(self.data):
                step = len(self.data) if self.is_hurried.wait(0.02) else 6_000
                self.written += pipe.write(self.data[self.written:self.written + step])


def wait_share(cluster, name):
    wait_until(f"{name} has its share", lambda: primaries(cluster).get(name, 0) > 1024 // 5, 40)
    # All of it: no shard is on its way any more.
    wait_until("the map stands still", lambda: len({cluster.front.status()["epoch"] for _ in range(20)}) == 1, 40)


def moved(define, capture, one, replicas):
    pipe = f"{capture}.pipe-{replicas}"
    os.mkfifo(pipe)
    trickle = Trickle(capture, pipe)
    with clustered(workers=2, replicas=replicas, options=["--define", define, *EVENTS]) as cluster:
        trickle.start()
        ingest = cluster.add_ingest("ingest-1", "--replay", pipe, "--replay-pace", "fast", "--replay-end", "hold")
        started = time.monotonic()
        for name in ("worker-3", "worker-4"):
            cluster.add_worker(name)
            wait_share(cluster, name)
        figure(f"{replicas} replicas: seconds for two to come", f"{time.monotonic() - started:.2f}")
        leaving = cluster.workers[0]
        started = time.monotonic()
        leaving.signal(signal.SIGTERM)
        equal("a worker that was told to go ends with 0", leaving.process.wait(30), 0)
        figure(f"{replicas} replicas: seconds for one to go", f"{time.monotonic() - started:.2f}")
        check("all of that while datagrams came", 0 < trickle.written < len(trickle.data), trickle.written)
        trickle.is_hurried.set()
        ingest.wait_line("replayed ", 240)
        status = cluster.front.status()
        equal("no shard has begun anew", status["lostShards"], 0)
        equal("none is warming", status["warmingShards"], 0)
        equal("the worker that went has none", primaries(cluster).get(leaving.name, 0), 0)
        equal("no datagram was dropped", [m["load"]["dropped"] for m in status["members"] if m["role"] == "ingest"], [0])
        compare(f"2 to 4 to 3 workers, {replicas} replicas", one, everything(cluster.front))


def under_traffic(replicas):
    what = f"moves under load, {replicas} replicas"
    with clustered(workers=2, replicas=replicas, options=OPTIONS) as cluster, under_load(cluster, 20_000) as load:
        begin = time.monotonic()
        cluster.add_worker("worker-3")
        wait_share(cluster, "worker-3")
        figure("seconds for one to come", f"{time.monotonic() - begin:.2f}")
        load.wait_rounds(2)
        check_no_gap(f"{what}: a worker has come", load, begin)

        begin = time.monotonic()
        leaving = cluster.workers[0]
        leaving.signal(signal.SIGTERM)
        equal(f"{what}: a worker that was told to go ends with 0", leaving.process.wait(30), 0)
        figure("seconds for one to go", f"{time.monotonic() - begin:.2f}")
        load.wait_rounds(2)
        check_no_gap(f"{what}: a worker has gone", load, begin)

        if replicas > 1:
            dies(cluster, load, what)
        load.traffic.stop()
        status = cluster.front.status()
        equal(f"{what}: no shard has begun anew", status["lostShards"], 0)
        equal(f"{what}: nothing is on its way any more", status["handovers"], [])
        check_books(what, cluster.front, load.traffic.sent)
        load.check_events(what)


def evened_out():
    """Ten agents, of which hashing gives five to one of three workers and one to another: after a while shards are moved for it."""
    what = "uneven load"
    with clustered(workers=3, options=OPTIONS) as cluster:
        ingest = cluster.add_ingest("ingest-1", "--sflow-port", "0")
        traffic = Traffic(int(ingest.ready["sflow"]), 10, 2_000)
        traffic.start()
        try:
            agents = lambda: sorted(m["load"]["agents"] for m in cluster.front.status()["members"] if m["role"] == "worker")
            wait_until("all agents are seen", lambda: sum(agents()) == 10, 30)
            equal(f"{what}: how agents are spread by hashing", agents(), [1, 4, 5])
            begin = time.monotonic()
            # What a worker has given away it forgets a little later.
            wait_equal("the busy ones give some away", agents, [3, 3, 4], 90)
            figure("seconds until they have given some away", f"{time.monotonic() - begin:.0f}")
        finally:
            traffic.stop()
        equal(f"{what}: no shard has begun anew", cluster.front.status()["lostShards"], 0)
        check_books(what, cluster.front, traffic.sent)


def paused_sender():
    """An ingest node that is paused for longer than a heartbeat may be late, with datagrams in its queues, while a worker comes."""
    what = "paused ingest node"
    with clustered(workers=2, options=OPTIONS) as cluster:
        ingest = cluster.add_ingest("ingest-1", "--sflow-port", "0")
        traffic = Traffic(int(ingest.ready["sflow"]), 100, 300)
        traffic.start()
        try:
            wait_until("traffic flows", lambda: traffic.rounds > 2, 30)
            # What it has received is with it: the workers do not take it in yet.
            for worker in cluster.workers:
                worker.signal(signal.SIGSTOP)
            time.sleep(0.7)
            ingest.signal(signal.SIGSTOP)
            for worker in cluster.workers:
                worker.signal(signal.SIGCONT)
            begin = time.monotonic()
            traffic.pause()
            cluster.add_worker("worker-3")
            wait_until("shards are on their way", lambda: cluster.front.status()["handovers"], 20)
            time.sleep(max(0.0, begin + 6 - time.monotonic()))
            equal(f"{what}: no shard moves without its word", primaries(cluster)["worker-3"], 0)
            ingest.signal(signal.SIGCONT)
            wait_share(cluster, "worker-3")
            traffic.go_on()
            goal = traffic.rounds + 2
            wait_until("traffic flows again", lambda: traffic.rounds >= goal, 30)
        finally:
            traffic.stop()
        check_books(what, cluster.front, traffic.sent)
        equal(f"{what}: no worker has refused anything", [m["load"]["dropped"] for m in cluster.front.status()["members"]], [0] * 4)
        # One that stops says so, and is not waited for as one is that fell silent.
        equal(f"{what}: it stops when it is told to", ingest.terminate(), 0)
        members = lambda: [m["name"] for m in cluster.front.status()["members"]]
        wait_until("its goodbye is heard", lambda: "ingest-1" not in members(), 5)


def dies(cluster, load, what):
    """Copies that are gone are made again: after that the next worker may die."""
    for number in (1, 2):
        begin = time.monotonic()
        cluster.add_worker(f"worker-{3 + number}")
        wait_share(cluster, f"worker-{3 + number}")
        dead = cluster.workers[number]
        dead.kill()
        wait_until("all shards have two owners again", lambda: has_replicas(cluster, without=dead.name), 40)
        figure("seconds until all shards have two owners again", f"{time.monotonic() - begin:.1f}")
        load.wait_rounds(1)
        check_no_gap(f"{what}: a worker has come and worker {number + 1} has died", load, begin)


def has_replicas(cluster, without):
    status = cluster.front.status()
    return status["handovers"] == [] and all(len(set(owners) - {without}) == 2 for owners in status["shardMap"])


def test():
    with temporary_directory() as directory:
        define, capture = pathlib.Path(directory) / "definitions.json", pathlib.Path(directory) / "fabric.pcap"
        define.write_text(json.dumps(DEFINITIONS))
        subprocess.run([weir(), "simulate", "--write", capture, *FABRIC], check=True, stdout=subprocess.DEVNULL)
        with serving("--replay", capture, "--replay-pace", "fast", "--replay-end", "hold", "--define", define, *EVENTS) as server:
            server.wait_line("replayed ", 240)
            one = everything(server)
        check("there are events and flow records to compare", all(one[1].values()))
        for replicas in (1, 2):
            moved(define, capture, one, replicas)
    for replicas in (1, 2):
        under_traffic(replicas)
    evened_out()
    paused_sender()


if __name__ == "__main__":
    main(test, 620)
