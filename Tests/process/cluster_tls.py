"""A cluster whose nodes talk over TLS: it works from end to end; strangers are refused, counted and named, and disturb nobody;
and when all certificates are replaced on disk, the running nodes go by the new ones."""

import os
import shutil
import ssl

from weirtest.clusters import *
from weirtest.traffic import *

AGENTS = 50


class Authority:
    """A certificate authority of its own, and what it signs, made by openssl."""

    def __init__(self, directory, name):
        self.directory = pathlib.Path(directory, name)
        self.directory.mkdir()
        self.openssl("req", "-x509", *self.new_key("ca"), "-out", self.path("ca.pem"), "-days", "2", "-subj", f"/CN={name}")

    def path(self, file):
        return str(self.directory / file)

    def sign(self, name):
        self.openssl("req", *self.new_key(name), "-out", self.path(f"{name}.csr"), "-subj", f"/CN={name}")
        self.openssl("x509", "-req", "-in", self.path(f"{name}.csr"), "-CA", self.path("ca.pem"), "-CAkey", self.path("ca.key"),
                     "-CAcreateserial", "-out", self.path(f"{name}.pem"), "-days", "2")
        return self.path(f"{name}.pem"), self.path(f"{name}.key"), self.path("ca.pem")

    def new_key(self, name):
        return "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", self.path(f"{name}.key")

    @staticmethod
    def openssl(*arguments):
        subprocess.run(["openssl", *arguments], check=True, capture_output=True, timeout=20)


def options(files):
    return [word for name, path in zip(("cert", "key", "ca"), files) for word in (f"--cluster-tls-{name}", path)]


def install(files, places):
    """Each file whole at once, as tools that renew certificates do."""
    for source, place in zip(files, places):
        shutil.copyfile(source, place + ".new")
        os.replace(place + ".new", place)


def secure_request(port, path, files):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.load_verify_locations(files[2])
    context.load_cert_chain(files[0], files[1])
    connection = http.client.HTTPSConnection("127.0.0.1", port, timeout=10, context=context)
    try:
        connection.request("GET", path)
        return connection.getresponse().read().decode()
    finally:
        connection.close()


def refused(node, files):
    """How many connections a node has turned away for want of trust."""
    for line in secure_request(node.cluster, "/prometheus/cluster/txt", files).splitlines():
        if line.startswith('sflow_cluster_refused_total{reason="tls"}'):
            return int(line.split()[1])
    raise AssertionError("the node does not count what it refuses")


def member(front, name):
    return next((member for member in front.status()["members"] if member["name"] == name), None)


def ports(front):
    answer = front.ask(Asker.PATH)
    return answer.json[0].get("metricN", 0) if answer.status == 200 else None


def test():
    if not shutil.which("openssl"):
        return skip("TLS between nodes", "no openssl")
    with temporary_directory() as directory:
        ours, theirs = Authority(directory, "ours"), Authority(directory, "theirs")
        files = ours.sign("node")
        with clustered(workers=2, coordinators=2, replicas=2, node_options=options(files)) as cluster:
            ingest = cluster.add_ingest("ingest-1", "--sflow-port", "0")
            traffic = Traffic(int(ingest.ready["sflow"]), AGENTS, 2_000)
            traffic.start()
            asker = Asker(cluster.front)
            try:
                works(cluster)
                asker.start()
                strangers(cluster, files, ours, theirs)
                renewed(cluster, files, Authority(directory, "new"), ours)
                bad = [answer for answer in asker.answers if answer[2:] != (200, "1024/1024", AGENTS)]
                equal(f"none of {len(asker.answers)} answers suffered from any of it", bad, [])
            finally:
                traffic.stop()
                asker.stop()
            count = lambda: member(cluster.front, "ingest-1")["load"]
            wait_until("the ingest node's books are told", lambda: (count()["datagrams"], count()["queued"]) == (traffic.sent, 0))
            # Copies that a worker has not confirmed when it leaves are counted as dropped; the other owner has them.
            agents = lambda name: sum(agent[name] for agent in cluster.front.json("/agents/json").values())
            wait_until("all datagrams sent are in the agents' books", lambda: agents("sFlowDatagramsReceived") == traffic.sent, 15)
            equal("no datagram was lost", agents("sFlowDatagramsLost"), 0)


def works(cluster):
    wait_until("all ports are seen", lambda: ports(cluster.front) == AGENTS, 20)
    check("datagrams, questions and membership go over TLS", True)
    for node in cluster.coordinators:
        answer = node.ask("/flow/f/json", "PUT", body=b"{keys:'ipsource',value:'bytes'}", timeout=30)
        equal(f"{node.name} takes a definition, or passes it on to the leader", answer.status, 204)


def strangers(cluster, files, ours, theirs):
    stranger = theirs.sign("stranger")
    front, worker = cluster.front, cluster.workers[0]
    before = refused(front, files), refused(worker, files)
    known = {member["name"] for member in front.status()["members"]}
    with running("worker", *cluster.addresses, "--name", "none", "--cluster-port", "0") as plain, \
         running("worker", *cluster.addresses, "--name", "wrong", "--cluster-port", "0",
                 *options((stranger[0], stranger[1], ours.path("ca.pem")))) as wrong:
        wait_until("both are refused more than once", lambda: refused(front, files) >= before[0] + 4, 20)
        for program in (plain, wrong):
            wait_until("it says that it is not let in", lambda: any("Not joined" in line for line in program.errors))
    check("workers without a certificate and with a stranger's are refused, and counted", True)
    equal("and are no members", {member["name"] for member in front.status()["members"]}, known)
    for line in (b"GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"):
        with socket.create_connection(("127.0.0.1", worker.cluster), 5) as peer:
            peer.sendall(line)
            peer.settimeout(5)
            check("a worker's port does not answer without TLS", b"200" not in everything(peer))
    wait_until("the worker counts them", lambda: refused(worker, files) >= before[1] + 2)
    for node in (front, worker):
        equal(f"{node.name} names them in its log once", sum("misbehaves" in line for line in node.errors), 1)
    failing = subprocess.run([weir(), "worker", *cluster.addresses, *options(("absent.pem", files[1], files[2]))],
                             capture_output=True, timeout=20)
    check("a node whose certificate cannot be read does not start, and says why",
          failing.returncode == 1 and b"absent.pem" in failing.stderr, failing.stderr)


def everything(peer):
    data = b""
    try:
        while piece := peer.recv(65536):
            data += piece
    except OSError:
        pass
    return data


def renewed(cluster, files, new, ours):
    """All certificates and their authority change; who has only an old one stays out."""
    old = [shutil.copyfile(path, path + ".old") for path in files]
    install(new.sign("node"), files)
    front = cluster.front
    worker = cluster.add_worker("worker-3")
    wait_until("a new worker has joined", lambda: member(front, "worker-3"), 20)
    check("a node with a new certificate joins coordinators that have been running", True)
    # Its replica goes, so it is fed and asked by nodes that have been running, too.
    cluster.workers[0].terminate(30)
    wait_until("it has shards", lambda: member(front, "worker-3").get("replicaShards", 0) > 0, 20)
    wait_until("and datagrams", lambda: member(front, "worker-3")["load"]["datagrams"] > 0, 20)
    check("and is fed by an ingest node that has been running", worker.is_running)
    before = refused(front, files)
    with running("worker", *cluster.addresses, "--name", "late", "--cluster-port", "0", *options(old)):
        wait_until("a node with an old certificate is refused", lambda: refused(front, files) > before, 20)
    check("one with an old certificate stays out", member(front, "late") is None)


if __name__ == "__main__":
    main(test, 120)
