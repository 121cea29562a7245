"""What Prometheus scrapes: parsed by promtool and by a strict reader of our own, with hostile names in the labels."""

import re
import shutil

from weirtest import *

PROMTOOL = os.environ.get("PROMTOOL") or shutil.which("promtool")

# Names that would end a label, a line or a family, if they were not escaped.
HOST = 'evil"} 1\nsflow_fake{x="\\'
PORT = 'swp"1\\\n# TYPE sflow_ifinoctets counter'

LINE = re.compile(
    r'(?P<name>[a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(?P<labels>(?:[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\n]|\\[\\"n])*",?)*)\})? '
    r'(?P<value>[-+0-9.eE]+|NaN|[+-]Inf)')
LABEL = re.compile(r'([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\[\\"n])*)"')


def shown(text):
    """Control characters do not get past the decoder."""
    return re.sub(r"[\x00-\x1f\x7f]", "\ufffd", text)


def unescape(text):
    return re.sub(r'\\(.)', lambda match: "\n" if match[1] == "n" else match[1], text)


def read(what, text):
    """Samples as (name, labels, value); checks every rule that holds for the whole of a scrape."""
    samples, finished, types, current, broken, scattered, late = [], set(), {}, None, [], [], []
    for line in text.splitlines():
        if line.startswith("#"):
            _, kind, name, rest = line.split(" ", 3)
            if kind == "TYPE":
                if name in types or name == current:
                    late.append(line)
                types[name] = rest
            continue
        match = LINE.fullmatch(line)
        if not match:
            broken.append(line)
            continue
        if match["name"] != current:
            if match["name"] in finished:
                scattered.append(line)
            finished.add(current)
            current = match["name"]
        labels = tuple((name, unescape(value)) for name, value in LABEL.findall(match["labels"] or ""))
        samples.append((match["name"], labels, float(match["value"])))
    equal(f"{what}: every line is well formed", broken[:3], [])
    equal(f"{what}: the lines of a name stand together", scattered[:3], [])
    equal(f"{what}: one TYPE a name, before its lines", late[:3], [])
    series = [(name, tuple(sorted(labels))) for name, labels, _ in samples]
    equal(f"{what}: no series twice", sorted({s for s in series if series.count(s) > 1})[:3] if len(series) < 3000
          else len(series) - len(set(series)), [] if len(series) < 3000 else 0)
    check(f"{what}: ends with a line end", not text or text.endswith("\n"))
    return samples, types


def promtool(what, text):
    if not PROMTOOL:
        return skip(f"{what}: promtool", "not in PATH and not named in PROMTOOL (Debian package prometheus)")
    done = subprocess.run([PROMTOOL, "check", "metrics"], input=text.encode(), capture_output=True, timeout=60)
    said = done.stderr.decode()
    # Status 3 is advice about style. Names are the field's: they have no unit suffixes and, as sFlow-RT, no help.
    advice = ("no help text", "_total", "abbreviated units", "metric type in name", "use base unit",
              "should not contain \"count\"", "counters should", "_count")
    serious = [line for line in said.splitlines() if line and not any(words in line for words in advice)]
    check(f"{what}: promtool check metrics", done.returncode in (0, 3) and not serious, (done.returncode, serious[:5]))


def hostile_names(server):
    send_udp(server.sflow, (
        datagram("192.0.2.7", n, counters_sample(
            n, 0, 7, generic_interface(7, in_octets=1000 * n), port_name(PORT)), counters_sample(n, 2, 1, host_description(HOST)))
        for n in range(1, 4)))
    wait_until("the agent is there", lambda: server.json("/metric/192.0.2.7/sum:ifinoctets/json")[0]["metricN"])
    text = server.get("/prometheus/metrics/192.0.2.7/ALL/txt").text
    samples, _ = read("hostile names", text)
    promtool("hostile names", text)
    octets = [labels for name, labels, _ in samples if name == "sflow_ifinoctets"]
    equal("labels come back as they were", [dict(labels) for labels in octets],
          [{"agent": "192.0.2.7", "datasource": "7", "host": shown(HOST), "ifname": shown(PORT)}])
    equal("in the order agent, datasource, host, ifname", [name for name, _ in octets[0]], ["agent", "datasource", "host", "ifname"])
    check("no line was smuggled in", "sflow_fake" not in {name for name, _, _ in samples})


def repeated(server):
    """A metric asked twice, or at one data source and at all, still makes each series once."""
    for metrics in ["ifinoctets,ifinoctets", "ifinoctets;ifoutoctets;ifinoctets", "7.ifinoctets,ifinoctets"]:
        text = server.get(f"/prometheus/metrics/ALL/{metrics}/txt").text
        samples, _ = read(f"asked for {metrics}", text)
        check(f"asked for {metrics}: there it is", any(name == "sflow_ifinoctets" for name, _, _ in samples), text)
        equal(f"asked for {metrics}: no types unless wanted", "#" in text.replace("# TYPE sflow_ifinoctets counter", ""), False)


def custom_metric(name, value):
    """An entry of sample 4300:1002 with a 32-bit gauge."""
    return opaque(name) + struct.pack(">II", 3, value)


def like_named(server):
    """Custom metrics whose names Prometheus cannot tell apart."""
    entries = [custom_metric("app-load", 1), custom_metric("app_load", 2), custom_metric("9lives", 3)]
    sample = framed(4300 << 12 | 1002, opaque("app") + struct.pack(">I", len(entries)) + b"".join(entries))
    send_udp(server.sflow, [datagram("192.0.2.8", 1, sample)])
    wait_until("the custom metrics are there", lambda: server.json("/metric/192.0.2.8/any:app_load/json")[0]["metricN"])
    text = server.get("/prometheus/metrics/192.0.2.8/ALL/txt").text
    samples, _ = read("like-named", text)
    promtool("like-named", text)
    equal("like-named: one series each", [name for name, _, _ in samples], ["sflow_9lives", "sflow_app_load"])


def fabric():
    with serving("--demo", "-Dprometheus.type=yes") as server:
        wait_until("the fabric is there", lambda: server.json("/metric/ALL/max:ifinutilization/json")[0]["metricN"] > 20)
        text = server.get("/prometheus/metrics/ALL/ALL/txt").text
        samples, types = read("the fabric", text)
        promtool("the fabric", text)
        names = {name for name, _, _ in samples}
        equal("every name has a type, gauge", {types.get(name) for name in names}, {"gauge"})
        check("names begin with sflow_", all(name.startswith("sflow_") for name in names), names)
        check("interfaces and hosts are there", {"sflow_ifinoctets", "sflow_load_one"} <= names, sorted(names)[:9])
        check("interfaces have host and interface names", all(
            {"host", "ifname"} <= dict(labels).keys() for name, labels, _ in samples if name == "sflow_ifinoctets"))
        dumped = {(row["agent"], row["dataSource"]) for row in server.json("/dump/ALL/ifspeed/json")}
        scraped = {(dict(labels)["agent"], dict(labels)["datasource"]) for name, labels, _ in samples if name == "sflow_ifspeed"}
        equal("the same rows as /dump", scraped, dumped)
        analyzer(server)
        flows(server, has_types=True)
        statistics(server)
        first_version(server)


FLOWS = ("/app/prometheus/scripts/export.js/flows/ALL/txt?metric=pair&key=ipsource,ipdestination&label=src,dst"
         "&value=bytes&scale=8&aggMode=max&minValue=1000&maxFlows=100&t=1")


def flows(server, has_types):
    """The scrape defines its flows; what it gets is what /activeflows shows of them."""
    equal("flows: the first scrape defines them", list(server.json("/flow/json")), [])
    server.get(FLOWS)
    definitions = server.json("/flow/json")
    equal("flows: one definition", {name: (flow["keys"], flow["fs"]) for name, flow in definitions.items()},
          {"prometheus_0": ("ipsource,ipdestination", "_SEP_")})
    text = wait_until("flows are scraped", lambda: server.get(FLOWS).text)
    samples, types = read("flows", text)
    promtool("flows", text)
    equal("flows: one name", {name for name, _, _ in samples}, {"pair"})
    equal("flows: labels in the order of the keys", {tuple(name for name, _ in labels) for _, labels, _ in samples}, {("src", "dst")})
    check("flows: the largest first", [value for _, _, value in samples] == sorted((v for _, _, v in samples), reverse=True))
    check("flows: none below the limit", all(value >= 8000 for _, _, value in samples), text)
    equal("flows: type and help", (types, "# HELP pair " in text), ({"pair": "gauge"}, True) if has_types else ({}, False))
    known = {row["key"] for row in server.json("/activeflows/ALL/prometheus_0/json?maxFlows=10000")}
    seen = {"_SEP_".join(value for _, value in labels) for _, labels, _ in samples}
    check("flows: those of /activeflows", len(seen & known) > len(seen) / 2, (sorted(seen)[:3], sorted(known)[:3]))
    equal("flows: still one definition", list(server.json("/flow/json")), ["prometheus_0"])
    equal("flows: a user may remove it", server.ask("/flow/prometheus_0/json", method="DELETE").status, 204)
    server.get(FLOWS)
    equal("flows: and the next scrape makes it again", list(server.json("/flow/json")), ["prometheus_0"])
    for wrong in ["", "?metric=m&key=ipsource", "?metric=m&key=mask:ipsource&value=bytes", "?metric=m&key=ipsource&value=bytes&t=x"]:
        equal(f"flows: {wrong or 'nothing asked'} is refused", server.ask(FLOWS.split("?")[0] + wrong).status, 400)


def statistics(server):
    path = "/app/prometheus/scripts/export.js/statistics/rack%207/ALL"
    text = server.get(f"{path}/max:load_one,avg:load_one,ifinutilization,max:load_one,any:ifname/txt").text
    samples, _ = read("statistics", text)
    promtool("statistics", text)
    equal("statistics: names and labels", [(name, labels) for name, labels, _ in samples],
          [(f"sflow_{name}", (("group", "rack 7"),)) for name in ["max_load_one", "avg_load_one", "ifinutilization"]])


def first_version(server):
    """What the application of sFlow-RT offered before the server did."""
    path = "/app/prometheus/scripts/export.js"
    text = server.get(f"{path}/dump/ALL/ifspeed,load_one/txt").text
    samples, _ = read("dump", text)
    promtool("dump", text)
    equal("dump: names", {name for name, _, _ in samples}, {"sflow_ifspeed", "sflow_load_one"})
    text = server.get(f"{path}/analyzer/txt").text
    samples, _ = read("analyzer by older names", text)
    promtool("analyzer by older names", text)
    equal("analyzer by older names: prefix", {name[:9] for name, _, _ in samples}, {"sflow_rt_"})


def analyzer(server):
    text = server.get("/prometheus/analyzer/txt").text
    samples, types = read("the server's own", text)
    promtool("the server's own", text)
    values = {name: value for name, labels, value in samples if not labels}
    books = server.analyzer()
    for name in ["agents", "agent_count", "received_bytes", "received_datagrams", "discarded_datagrams", "heap_used_bytes",
                 "cpu_load_process", "uptime", "http_connections_current"]:
        check(f"sflow_analyzer_{name} is there", f"sflow_analyzer_{name}" in values, sorted(values))
    equal("both spellings of agents agree with /analyzer", {values["sflow_analyzer_agents"], values["sflow_analyzer_agent_count"]},
          {float(books["sFlowAgents"])})
    check("every name has a type", all(name in types for name, _, _ in samples))


def test():
    with serving("--sflow-port", "0") as server:
        equal("without any agent a scrape is empty", server.get("/prometheus/metrics/ALL/ALL/txt").text, "")
        hostile_names(server)
        repeated(server)
        like_named(server)
    fabric()
    with serving("--demo") as server:
        flows(server, has_types=False)


if __name__ == "__main__":
    main(test)
