"""The figures of measure.sh, from clusters of real processes on loopback as the tests start them. What processes have used before
the first datagram is not counted."""

import contextlib
import math
import statistics
import sys

from weirtest.clusters import *
from weirtest.traffic import *

DEFINITIONS = {"flows": {"pair": {"keys": "ipsource,ipdestination", "value": "bytes"}}}
REPLAY_SECONDS = 300
QUERIES = {
    "metric": "/metric/ALL/max:ifinutilization,sum:ifinoctets,med:ifinutilization/json",
    "activeflows, top 100": "/activeflows/ALL/pair/json?maxFlows=100",
}
ASKED = 500
EVENTS = 200
LIVE_PER_SECOND = 20_000


def cpu_seconds(program):
    """User and system time so far, of all threads (proc(5))."""
    fields = pathlib.Path(f"/proc/{program.process.pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def percentile(values, share):
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, math.ceil(share * len(ordered)) - 1)]


def spread(seconds):
    return f"p50 {1000 * statistics.median(seconds):.1f} ms, p99 {1000 * percentile(seconds, 0.99):.1f} ms"


def replay(capture):
    return ["--replay", capture, "--replay-pace", "fast", "--replay-end", "hold"]


def one_process(capture, define):
    with serving("--sflow-port", "0", "--define", define) as server:
        idle = cpu_seconds(server)
    with serving(*replay(capture), "--define", define) as server:
        datagrams = int(server.wait_line("replayed ", REPLAY_SECONDS)["datagrams"])
        cost = 1e6 * (cpu_seconds(server) - idle) / datagrams
        print(f"one process: {datagrams} datagrams, {cost:.2f} µs of CPU each")
        return cost


@contextlib.contextmanager
def cluster_of(workers, define, *arguments):
    with clustered(workers=0, options=["--define", define, "--min-workers", workers]) as cluster:
        for number in range(workers):
            cluster.add_worker(f"worker-{number + 1}", *arguments)
        cluster.wait_map(workers)
        yield cluster


def cost_of(workers, threads, capture, define, one):
    with cluster_of(workers, define, "--executors", threads) as cluster:
        idle = sum(map(cpu_seconds, cluster.workers))
        first = cluster.add_ingest("ingest-0", "--sflow-port", "0")
        idle_ingest = cpu_seconds(first)
        first.terminate()
        ingest = cluster.add_ingest("ingest-1", *replay(capture))
        datagrams = int(ingest.wait_line("replayed ", REPLAY_SECONDS)["datagrams"])
        receiving = 1e6 * (cpu_seconds(ingest) - idle_ingest) / datagrams
        working = 1e6 * (sum(map(cpu_seconds, cluster.workers)) - idle) / datagrams
        print(f"{workers} workers, {threads} threads each: ingest {receiving:.2f} + workers {working:.2f} µs of CPU a datagram, "
              f"{(receiving + working) / one:.2f} times one process")
        return working


def costs(capture, define):
    """Workers with a thread a processor, as each would have on a machine of its own, and with as many together as there are
    processors, which is what one process has."""
    one = one_process(capture, define)
    processors = os.cpu_count()
    for share in ([lambda _: processors, lambda workers: max(1, processors // workers)] if processors > 1 else [lambda _: 1]):
        working = {workers: cost_of(workers, share(workers), capture, define, one) for workers in (1, 2, 4)}
        print(f"cost of a datagram at the workers, 4 against 2: {working[4] / working[2]:.2f} times")


def answers(capture, define):
    with cluster_of(4, define) as cluster:
        cluster.add_ingest("ingest-1", *replay(capture)).wait_line("replayed ", REPLAY_SECONDS)
        sources = cluster.front.json("/metric/ALL/max:ifinutilization/json")[0]["metricN"]
        for name, path in QUERIES.items():
            print(f"{name}, {sources} data sources, 4 workers, {ASKED} times: {spread(ask(cluster.front, path))}")


def ask(server, path):
    """Seconds of each answer, over one connection."""
    connection = http.client.HTTPConnection("127.0.0.1", server.http, timeout=30)
    seconds = []
    for _ in range(ASKED):
        began = time.monotonic()
        connection.request("GET", path)
        answer = connection.getresponse()
        answer.read()
        if answer.status != 200 or not answer.headers["weir-shards"].startswith("1024/"):
            raise AssertionError(f"{path}: {answer.status} {answer.headers['weir-shards']}")
        seconds.append(time.monotonic() - began)
    connection.close()
    return seconds


def event_latency():
    """From sending a datagram whose flow crosses a threshold to the answer of a long poll, under load."""
    with clustered(workers=2) as cluster:
        front = cluster.front
        ingest = cluster.add_ingest("ingest-1", "--sflow-port", "0")
        for path, body in [("/flow/marked/json", b"{keys:'ipsource,ipdestination',value:'bytes',t:1}"),
                           ("/threshold/marked/json", b'{"metric":"marked","value":"1000000000","byFlow":true,"timeout":"1"}')]:
            if front.ask(path, "PUT", body=body).status != 204:
                raise AssertionError(f"PUT {path}")
        port = int(ingest.ready["sflow"])
        traffic = Traffic(port, 200, LIVE_PER_SECOND)
        traffic.start()
        try:
            wait_until("traffic flows", lambda: traffic.rounds > 0)
            print(f"datagram to event, {LIVE_PER_SECOND} datagrams/s, {EVENTS} times: {spread(crossings(front, port))}")
        finally:
            traffic.stop()


def crossings(front, port):
    seconds, last = [], -1
    poll = http.client.HTTPConnection("127.0.0.1", front.http, timeout=30)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        for number in range(1, EVENTS + 1):
            poll.request("GET", f"/events/json?maxEvents=10&timeout=20&eventID={last}")
            # Long enough for the poll to wait at the coordinator, at another moment of the traffic's rhythm each time.
            time.sleep(0.02 + number % 17 / 1000)
            sample = packet_sample(number, socket.inet_aton(f"10.9.{number >> 8}.{number & 255}"), b"\x0a\x63\x00\x02", 10**7, 1000)
            began = time.monotonic()
            sender.sendto(datagram("10.78.0.1", number, sample), ("127.0.0.1", port))
            events = json.loads(poll.getresponse().read())
            seconds.append(time.monotonic() - began)
            last = events[0]["eventID"]
    poll.close()
    return seconds


def measure(capture, ports):
    with temporary_directory() as directory:
        define = pathlib.Path(directory) / "definitions.json"
        define.write_text(json.dumps(DEFINITIONS))
        costs(capture, define)
        answers(ports, define)
    event_latency()


if __name__ == "__main__":
    measure(*sys.argv[1:])
