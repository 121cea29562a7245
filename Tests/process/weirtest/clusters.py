"""Whole clusters of real processes on loopback, for the tests of the cluster."""

import contextlib

from weirtest import *


class Node(Program):
    """A node that has a cluster port; ready when the constructor returns."""

    def __init__(self, role, *arguments, ready_seconds=20.0, **popen):
        super().__init__(role, *arguments, **popen)
        try:
            self.ready = self.wait_line("ready ", ready_seconds)
        except Late:
            self.kill()
            raise
        self.name = self.ready["name"]
        self.cluster = int(self.ready["cluster"])

    def probe(self, path):
        return request(self.cluster, path).status

    def signal(self, number):
        self.process.send_signal(number)

    def kill(self):
        # One that is paused could not even be waited for.
        if self.is_running:
            self.process.send_signal(signal.SIGCONT)
        super().kill()


class Coordinator(Node):
    def __init__(self, store, *arguments, **popen):
        super().__init__(
            "coordinator", "--store", store, "--http-port", "0", "--cluster-port", "0", "--cluster-address", "127.0.0.1",
            *arguments, **popen)
        self.http = int(self.ready["http"])

    ask, get, json = Server.ask, Server.get, Server.json

    def status(self):
        return self.json("/cluster/json")

    @property
    def leads(self):
        """Whether it says so itself: one that cannot name a leader answers 503."""
        answer = self.ask("/cluster/json")
        return answer.status == 200 and answer.json.get("leader") == self.name


class Etcd:
    """One etcd on free ports, which can be killed and started again with its data."""

    def __init__(self, directory):
        self.directory, self.process = directory, None
        self.ports = free_port(), free_port()
        self.start()

    @property
    def store(self):
        return f"etcd:http://127.0.0.1:{self.ports[0]}"

    def start(self):
        client, peer = (f"http://127.0.0.1:{port}" for port in self.ports)
        self.process = subprocess.Popen(
            ["etcd", "--data-dir", f"{self.directory}/etcd", "--listen-client-urls", client, "--advertise-client-urls", client,
             "--listen-peer-urls", peer, "--initial-advertise-peer-urls", peer, "--initial-cluster", f"default={peer}"],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        wait_until("etcd is healthy", self.is_healthy, 20)

    def is_healthy(self):
        try:
            return b"true" in request(self.ports[0], "/health", timeout=1).body
        except OSError:
            return False

    def kill(self):
        if self.process:
            self.process.kill()
            self.process.wait(10)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Cluster:
    """Coordinators, workers and ingest nodes, all ended at the end."""

    def __init__(self, workers=2, coordinators=1, replicas=1, options=(), store=None, node_options=()):
        """`options` are the coordinators' alone, `node_options` all nodes'."""
        self.directory = temporary_directory()
        self.store = store or f"file:{self.directory.name}/store"
        self.options = ["--replicas", replicas, "--min-workers", max(1, workers), *options]
        self.node_options = node_options
        self.coordinators, self.workers, self.ingests = [], [], []
        try:
            for number in range(coordinators):
                self.add_coordinator(f"coordinator-{number + 1}")
            for number in range(workers):
                self.add_worker(f"worker-{number + 1}")
            if workers:
                self.wait_map(workers)
        except BaseException:
            self.close()
            raise

    def add_coordinator(self, name):
        self.coordinators.append(Coordinator(self.store, "--name", name, *self.options, *self.node_options))
        return self.coordinators[-1]

    @property
    def addresses(self):
        return [word for node in self.coordinators for word in ("--coordinator", f"127.0.0.1:{node.cluster}")]

    def add_worker(self, name, *arguments):
        self.workers.append(Node("worker", *self.addresses, "--name", name, *self.node_options, *arguments))
        return self.workers[-1]

    def add_ingest(self, name, *arguments):
        self.ingests.append(Node("ingest", *self.addresses, "--name", name, *self.node_options, *arguments))
        return self.ingests[-1]

    @property
    def front(self):
        """The coordinator that tests ask."""
        return next(node for node in self.coordinators if node.is_running)

    def wait_map(self, workers, seconds=20.0):
        """Waits until so many workers have shards and no shard is without an owner."""
        def whole():
            answer = self.front.ask("/cluster/json")
            if answer.status != 200 or "members" not in answer.json:
                return None
            status = answer.json
            owners = [m for m in status["members"] if m["role"] == "worker" and m.get("primaryShards", 0) > 0]
            return status if len(owners) == workers and status["missingShards"] == 0 else None

        return wait_until(f"{workers} workers have all shards", whole, seconds)

    def nodes(self):
        return self.ingests + self.workers + self.coordinators

    def log(self):
        """What all nodes have said, for what went wrong."""
        return "\n".join(f"{node.name}: {line}" for node in self.nodes() for line in node.errors)

    def close(self):
        for node in self.nodes():
            node.kill()
        self.directory.cleanup()


def request(port, path, method="GET", timeout=10.0):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=timeout)
    try:
        connection.request(method, path)
        answer = connection.getresponse()
        return Answer(answer.status, answer.headers, answer.read())
    finally:
        connection.close()


@contextlib.contextmanager
def clustered(**options):
    cluster = Cluster(**options)
    try:
        yield cluster
    finally:
        cluster.close()
