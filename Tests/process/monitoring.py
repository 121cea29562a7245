"""deploy/prometheus and deploy/grafana against the real thing: promtool checks configuration and rules, a real Prometheus scrapes
a real cluster by that configuration, and every expression of rules and dashboards is evaluated there."""

import re
import shutil
import urllib.parse

from weirtest.clusters import *

DEPLOY = ROOT / "deploy"
DATABASES = ROOT / "Tests/AddressDatabasesTests/Databases"
PROMTOOL = os.environ.get("PROMTOOL") or shutil.which("promtool")
PROMETHEUS = os.environ.get("PROMETHEUS") or shutil.which("prometheus")
# Jobs that need address databases, which know documentation addresses only: scraped from a server that hears such.
GEOGRAPHY = {"weir-flows-countries", "weir-flows-systems"}
SECONDS = "2s"


def run(*command):
    return subprocess.run(command, capture_output=True, text=True, timeout=60)


def configuration(directory, ports):
    """deploy/prometheus/prometheus.yml with other ports and a shorter interval; nothing else is different."""
    text = (DEPLOY / "prometheus/prometheus.yml").read_text()
    text = re.sub(r"scrape_interval: \w+", f"scrape_interval: {SECONDS}", text)
    text = text.replace("global:", f"global:\n  evaluation_interval: {SECONDS}")
    parts = re.split(r"(?=  - job_name: )", text)
    for number, part in enumerate(parts):
        if job := re.match(r"  - job_name: (\S+)", part):
            port = ports["geography" if job[1] in GEOGRAPHY else "cluster"]
            parts[number] = part.replace("localhost:8008", f"127.0.0.1:{port}")
    (directory / "prometheus.yml").write_text("".join(parts))
    shutil.copy(DEPLOY / "prometheus/rules.yml", directory)
    return set(re.findall(r"job_name: (\S+)", text))


def free_port():
    """Prometheus cannot be told to pick one itself and say which."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextlib.contextmanager
def prometheus(directory):
    port = free_port()
    with open(directory / "log", "w") as log:
        process = subprocess.Popen(
            [PROMETHEUS, f"--config.file={directory}/prometheus.yml", f"--storage.tsdb.path={directory}/data",
             f"--web.listen-address=127.0.0.1:{port}"], stdout=log, stderr=log)
    try:
        yield port
    finally:
        process.terminate()
        process.wait(20)


def ask(port, path, **parameters):
    try:
        answer = request(port, f"/api/v1/{path}?{urllib.parse.urlencode(parameters)}")
    except OSError:
        return None
    # While Prometheus starts it answers 503 in words.
    return json.loads(answer.body) if answer.status != 503 else None


def value(port, expression):
    answer = ask(port, "query", query=expression)
    return answer["data"]["result"] if answer and answer["status"] == "success" else None


def sampled_packet(number, source, destination):
    """A datagram with one sample, one in 100, of a TCP packet of 1000 bytes."""
    ip = struct.pack(">BBHHHBBH4s4s", 0x45, 0, 986, number & 0xFFFF, 0, 64, 6, 0,
                     socket.inet_aton(source), socket.inet_aton(destination))
    packet = bytes(12) + b"\x08\x00" + ip + struct.pack(">HHIIBBHHH", 1024, 443, 0, 0, 0x50, 0x10, 1024, 0, 0)
    header = framed(1, struct.pack(">III", 1, 1000, 4) + opaque(packet))
    sample = framed(1, struct.pack(">IIIIIIII", number, 1, 100, 100 * number, 0, 1, 2, 1) + header)
    return datagram("192.0.2.99", number, sample)


@contextlib.contextmanager
def travelling(server):
    """Sends packets from one documentation network to another, ten a second, until the end."""
    ends = threading.Event()

    def send():
        number = 0
        while not ends.wait(0.1):
            number += 1
            send_udp(server.sflow, [sampled_packet(number, "192.0.2.1", "198.51.100.7")])

    thread = threading.Thread(target=send)
    thread.start()
    try:
        yield
    finally:
        ends.set()
        thread.join()


def dashboards():
    """(file, title of the panel, expression) of every target, and the variables' queries."""
    expressions, variables = [], []
    for path in sorted((DEPLOY / "grafana").glob("*.json")):
        board = json.loads(path.read_text())
        numbers = [panel["id"] for panel in board["panels"]]
        equal(f"{path.name}: each panel has its own number", len(set(numbers)), len(numbers))
        cells = [(x, y) for panel in board["panels"] for place in [panel["gridPos"]]
                 for x in range(place["x"], place["x"] + place["w"]) for y in range(place["y"], place["y"] + place["h"])]
        check(f"{path.name}: no panel lies on another", len(set(cells)) == len(cells) and max(x for x, _ in cells) < 24)
        for panel in board["panels"]:
            equal(f"{path.name}: {panel['title']}: asks what is chosen above", panel["datasource"]["uid"], "${datasource}")
            expressions += [(path.name, panel["title"], target["expr"]) for target in panel["targets"]]
        variables += [(path.name, v["name"], v["query"]["query"]) for v in board["templating"]["list"] if v["type"] == "query"]
    return expressions, variables


def plain(expression):
    """With the dashboard's variables as Grafana puts them in."""
    return re.sub(r"\$(?!__)\w+", ".*", expression).replace("$__rate_interval", "10s")


def evaluate(port):
    expressions, variables = dashboards()
    check("there are five dashboards", len({name for name, _, _ in expressions}) == 5, expressions)
    # Recorded and smoothed values come a little later: each expression has its time.
    for name, title, expression in expressions:
        try:
            found = wait_until(title, lambda: value(port, plain(expression)), 40)
            holds = all(row["value"][1] != "NaN" for row in found)
        except Late:
            holds = False
        check(f"{name}: {title}", holds, lambda: (expression, ask(port, "query", query=plain(expression))))
    for name, variable, query in variables:
        metric, label = re.fullmatch(r"label_values\((\w+), (\w+)\)", query).groups()
        check(f"{name}: ${variable} has values", ask(port, f"label/{label}/values", **{"match[]": metric})["data"], query)


def rules(port):
    groups = ask(port, "rules")["data"]["groups"]
    everything = [rule for group in groups for rule in group["rules"]]
    check("Prometheus has the rules", len(everything) > 10, groups)
    equal("every rule can be evaluated", [r["name"] for r in everything if r["health"] not in ("ok", "unknown")], [])
    equal("a complete cluster says so", {row["value"][1] for row in value(port, "weir:complete")}, {"1"})
    fires = [r["name"] for r in everything if r["type"] == "alerting" and r["state"] == "firing" and r["name"] != "InterfaceErrors"]
    equal("nothing that is well raises an alert", fires, [])


def checked_by_promtool():
    folder = DEPLOY / "prometheus"
    for command in (["check", "config", folder / "prometheus.yml"], ["test", "rules", folder / "rules-test.yml"]):
        done = run(PROMTOOL, *map(str, command))
        check(f"promtool {command[0]} {command[1]}", done.returncode == 0, done.stdout + done.stderr)


def cluster_text(cluster):
    """The text itself: the cluster's from the leader and from the coordinator that follows, and each node's own streams."""
    texts = {node.name: node.get("/prometheus/cluster/txt").text for node in cluster.coordinators}
    for name, text in texts.items():
        check(f"{name}: it has members", 'sflow_cluster_member_up{name="worker-1",role="worker"} 1' in text, text)
    texts |= {f"{node.name}'s own": request(node.cluster, "/prometheus/cluster/txt").text for node in cluster.nodes()}
    for name, text in texts.items():
        done = subprocess.run([PROMTOOL, "check", "metrics"], input=text, capture_output=True, text=True, timeout=60)
        equal(f"{name}: promtool check metrics", (done.returncode, done.stderr), (0, ""))
        check(f"{name}: streams carry messages",
              re.search(r'sflow_cluster_stream_messages_total\{stream="/weir/\w+",direction="sent"\} [1-9]', text), text)


def test():
    if not PROMTOOL or not PROMETHEUS:
        return skip("monitoring", "no promtool or prometheus on the path (Debian package prometheus)")
    checked_by_promtool()
    with temporary_directory() as name, clustered(
            workers=2, coordinators=2, replicas=2, options=["--prometheus-type"]) as cluster, serving(
            "--sflow-port", "0", "--geo-country", DATABASES / "country.mmdb", "--geo-asn", DATABASES / "asn.mmdb") as server:
        cluster.add_ingest("ingest-1", "--demo")
        wait_until("the cluster has agents", lambda: cluster.front.json("/metric/ALL/max:ifinoctets/json")[0]["metricN"], 30)
        cluster_text(cluster)
        folder = pathlib.Path(name)
        jobs = configuration(folder, {"cluster": cluster.front.http, "geography": server.http})
        with travelling(server), prometheus(folder) as port:
            wait_until("Prometheus answers", lambda: ask(port, "targets"), 30)
            wait_until("every job is scraped", lambda: {
                t["labels"]["job"] for t in ask(port, "targets")["data"]["activeTargets"] if t["health"] == "up"} == jobs, 30)
            evaluate(port)
            rules(port)


if __name__ == "__main__":
    main(test, 240)
