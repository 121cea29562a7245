"""Links that break in one direction only, a coordinator that no longer hears half of its workers, and a store that loses its own
leader: what users see of it, under traffic with known results."""

import shutil

from cluster_faults import AGENTS, OPTIONS, check_books, check_no_gap, member, ports, put_and_query, under_load
from weirtest.clusters import *
from weirtest.links import Link
from weirtest.traffic import *

COMPLETE = {"Weir-Require": "complete"}


# --- One direction -----------------------------------------------------------------------------------------------------

def one_way(what, direction):
    """A worker's link to the coordinator; datagrams and questions go other ways, as they do where a firewall forgets one of them."""
    with clustered(workers=2, replicas=2, options=OPTIONS) as cluster:
        link = Link(cluster.front.cluster)
        worker = Node("worker", "--coordinator", f"127.0.0.1:{link.port}", "--name", "worker-3")
        cluster.workers.append(worker)
        try:
            front = cluster.front
            wait_until("the third worker has joined", lambda: member(front, "worker-3"), 20)
            # Until shards move to those who join later, they come with the death of another.
            if not member(front, "worker-3").get("primaryShards", 0):
                cluster.workers[0].terminate(40)
                cluster.workers.append(cluster.add_worker("worker-4"))
                wait_until("it has shards", lambda: member(front, "worker-3").get("replicaShards", 0) > 0, 20)
            with under_load(cluster, 3_000) as load:
                begin, epoch = time.monotonic(), front.status()["epoch"]
                link.cut(direction)
                wait_until("it is given up", lambda: member(front, "worker-3")["state"] == "gone", 30)
                wait_until("its shards are elsewhere", lambda: front.status()["epoch"] > epoch, 20)
                figure(f"{what}: from the cut to a map without the worker, s", f"{time.monotonic() - begin:.1f}")
                load.wait_rounds(2)
                link.heal()
                wait_until("it is back", lambda: member(front, "worker-3")["state"] == "up", 30)
                wait_until("it knows the map", lambda: member(front, "worker-3")["epoch"] == front.status()["epoch"], 20)
                load.wait_rounds(2)
                load.traffic.stop()
                check_no_gap(what, load, begin)
                equal(f"{what}: no shard has lost anything", front.status()["lostShards"], 0)
                check_books(what, front, load.traffic.sent)
                load.check_events(what)
        finally:
            link.close()


# --- Half of the workers -----------------------------------------------------------------------------------------------

def half_unheard():
    """The coordinator does not hear two of four workers; it can still ask them, and nothing is wrong with them."""
    with clustered(workers=0, replicas=2, options=["--min-workers", "4", *OPTIONS]) as cluster:
        front, link = cluster.front, Link(cluster.front.cluster)
        try:
            for number in (1, 2):
                cluster.add_worker(f"worker-{number}")
            for number in (3, 4):
                cluster.workers.append(
                    Node("worker", "--coordinator", f"127.0.0.1:{link.port}", "--name", f"worker-{number}"))
            cluster.wait_map(4)
            with under_load(cluster, 3_000) as load:
                begin, before = time.monotonic(), front.status()["shardMap"]
                link.cut()
                wait_until("the leader suspects itself", lambda: front.status()["frozen"], 15)
                load.wait_rounds(3)
                status = front.status()
                check("two of four workers unheard: the map is frozen as it was", status["frozen"] and status["shardMap"] == before)
                link.heal()
                wait_until("the leader trusts itself again", lambda: not front.status()["frozen"], 30)
                load.wait_rounds(1)
                load.traffic.stop()
                check_no_gap("two of four workers unheard", load, begin)
                equal("two of four workers unheard: and nothing has moved", front.status()["shardMap"], before)
                check_books("two of four workers unheard", front, load.traffic.sent)
                load.check_events("two of four workers unheard")
        finally:
            link.close()


def half_stopped():
    """Two of four workers neither speak nor answer: nothing moves, and answers say what they lack."""
    with clustered(workers=4, replicas=2, options=OPTIONS) as cluster, under_load(cluster, 2_000) as load:
        front, before = cluster.front, cluster.front.status()["shardMap"]
        stopped = {worker.name for worker in cluster.workers[:2]}
        whole = sum(1 for owners in before if not set(owners) <= stopped)
        for worker in cluster.workers[:2]:
            worker.signal(signal.SIGSTOP)
        try:
            wait_until("the leader suspects itself", lambda: front.status()["frozen"], 15)
            answer = front.ask(Asker.PATH, timeout=30)
            equal("two of four workers stopped: an answer says how much it holds", answer.headers["weir-shards"], f"{whole}/1024")
            refused = front.ask(Asker.PATH, headers=COMPLETE, timeout=30)
            equal("two of four workers stopped: who asks for all gets none", refused.status, 503)
            equal("two of four workers stopped: the cluster says so, too", front.status()["missingShards"], 1024 - whole)
            equal("two of four workers stopped: nothing has moved", front.status()["shardMap"], before)
        finally:
            for worker in cluster.workers[:2]:
                worker.signal(signal.SIGCONT)
        wait_until("the leader trusts itself again", lambda: not front.status()["frozen"], 30)
        wait_until("answers are whole", lambda: front.ask(Asker.PATH, headers=COMPLETE, timeout=30).status == 200, 20)
        load.wait_rounds(1)
        load.traffic.stop()
        equal("two of four workers are back: nothing has moved", front.status()["shardMap"], before)
        check_books("two of four workers are back", front, load.traffic.sent)


# --- The store ---------------------------------------------------------------------------------------------------------

class EtcdCluster:
    """Three etcds on free ports of loopback."""

    def __init__(self, directory):
        self.ports = [(free_port(), free_port()) for _ in range(3)]
        peers = ",".join(f"e{number}=http://127.0.0.1:{peer}" for number, (_, peer) in enumerate(self.ports))
        self.processes = [
            subprocess.Popen(
                ["etcd", "--name", f"e{number}", "--data-dir", f"{directory}/e{number}",
                 "--listen-client-urls", f"http://127.0.0.1:{client}", "--advertise-client-urls", f"http://127.0.0.1:{client}",
                 "--listen-peer-urls", f"http://127.0.0.1:{peer}", "--initial-advertise-peer-urls", f"http://127.0.0.1:{peer}",
                 "--initial-cluster", peers],
                stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            for number, (client, peer) in enumerate(self.ports)]

    @property
    def store(self):
        return "etcd:" + ",".join(f"http://127.0.0.1:{client}" for client, _ in self.ports)

    def leader(self):
        """Its place; nobody leads while they do not say the same."""
        for place, (client, _) in enumerate(self.ports):
            try:
                connection = http.client.HTTPConnection("127.0.0.1", client, timeout=1)
                connection.request("POST", "/v3/maintenance/status", body=b"{}")
                status = json.loads(connection.getresponse().read())
                if status.get("leader", "0") == status["header"]["member_id"] and self.processes[place].poll() is None:
                    return place
            except (OSError, ValueError, KeyError):
                continue
        return None

    def kill(self):
        for process in self.processes:
            process.kill()
            process.wait(10)


def store_leader_killed():
    what = "etcd's leader killed"
    if not shutil.which("etcd"):
        return skip(what, "no etcd on the path")
    with temporary_directory() as directory:
        etcd = EtcdCluster(directory)
        try:
            wait_until("etcd has a leader", lambda: etcd.leader() is not None, 30)
            store_survives(what, etcd)
        finally:
            etcd.kill()


def store_survives(what, etcd):
    with clustered(workers=2, coordinators=2, replicas=2, options=OPTIONS, store=etcd.store) as cluster:
        wait_until("one leads", lambda: any(node.leads for node in cluster.coordinators))
        with under_load(cluster, 3_000) as load:
            front, begin = cluster.front, time.monotonic()
            dying = etcd.processes[etcd.leader()]
            dying.kill()
            dying.wait(10)
            wait_until("etcd has another leader", lambda: etcd.leader() is not None, 20)
            leader = wait_until("a coordinator leads", lambda: next((n for n in cluster.coordinators if n.leads), None), 20)
            wait_until("a definition is taken", lambda: leader.ask(
                "/flow/after/json", "PUT", body=b"{keys:'ipsource',value:'bytes'}", timeout=30).status == 204, 20)
            figure(f"{what}: until a change is kept again, s", f"{time.monotonic() - begin:.1f}")
            put_and_query(what, leader, cluster)
            load.wait_rounds(1)
            load.traffic.stop()
            bad = [answer for answer in load.asker.since(begin) if answer[2:] != (200, "1024/1024", AGENTS)]
            equal(f"{what}: all answers are whole", bad, [])
            equal(f"{what}: nothing was taken from anybody", leader.status()["lostShards"], 0)
            check_books(what, front, load.traffic.sent)


def test():
    one_way("heartbeats do not arrive", Link.UP)
    one_way("orders do not arrive", Link.DOWN)
    half_unheard()
    half_stopped()
    store_leader_killed()


if __name__ == "__main__":
    main(test, 280)
