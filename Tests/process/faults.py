"""What is wrong from outside: one clear line on standard error and an exit status for the person who starts the program,
a counter for everything that comes over the network, and a server that stays well."""

import random

from weirtest import *

SEED = int(os.environ.get("SEED", random.randrange(2**32)))


def refused(what, expected, *arguments, status=1, **popen):
    """The program ends at once with one line of its own that holds the expected words (the log's lines have a time)."""
    with running(*arguments, **popen) as program:
        seen = program.wait_exit(10)
        own = [line for line in program.errors if not line[:4].isdigit()]
        equal(f"{what}: ends with {status}", seen, status)
        check(f"{what}: one line on standard error", len(own) == 1, program.errors)
        check(f"{what}: which says what to change", all(word in " ".join(own) for word in expected), program.errors)
        check(f"{what}: nothing of the program's inside", not any(
            word in line for line in program.errors for word in ("Fatal", "Backtrace", ".swift", " at /")), program.errors)
        equal(f"{what}: nothing ready", program.output, [])


def options():
    refused("a misspelt option", ["--sflow-prot", "--sflow-port"], "serve", "--sflow-prot", "1", status=2)
    refused("a misspelt command", ["srve", "serve"], "srve", status=2)
    refused("a value out of range", ["70000"], "serve", "--http-port", "70000", status=2)
    refused("a misspelt property", ["http.prot", "http.port"], "serve", "-Dhttp.prot=1", status=2)
    refused("a misspelt variable", ["WEIR_HTTP_PROT", "WEIR_HTTP_PORT"], "serve", status=2,
            env={**os.environ, "WEIR_HTTP_PROT": "1"})


def files(directory):
    def file(name, data):
        path = pathlib.Path(directory, name)
        path.write_bytes(data)
        return path

    typo = file("weir.conf", b"http.port = 0\nsflow.prot = 6343\n")
    refused("an unknown key in a file", ["weir.conf", "sflow.prot", "sflow.port", "2"], "serve", "--config", typo, status=2)
    refused("no such configuration file", ["nowhere.conf"], "serve", "--config", pathlib.Path(directory, "nowhere.conf"), status=2)
    for name, data in [("text.pcap", b"this is no capture\n" * 10), ("empty.pcap", b""), ("short.pcap", b"\xd4\xc3\xb2\xa1\x02")]:
        refused(f"no capture ({name})", [name], "serve", "--http-port", "0", "--replay", file(name, data))
    refused("a compressed capture", ["packed.pcap", "gzip"], "serve", "--http-port", "0", "--replay",
            file("packed.pcap", gzip.compress(b"x" * 100)))
    refused("a directory for a capture", [directory], "serve", "--http-port", "0", "--replay", directory)
    refused("no such capture", ["nowhere.pcap"], "serve", "--http-port", "0", "--replay", pathlib.Path(directory, "nowhere.pcap"))
    refused("a directory to write to", [directory], "simulate", "--write", directory)
    refused("no such host to send to", ["no-such-host.invalid"], "simulate", "--target", "no-such-host.invalid:6343")


def ports():
    with serving("--sflow-port", "0") as server:
        refused("the HTTP port is in use", [str(server.http)], "serve", "--http-port", server.http, "--sflow-port", "0")
        for sockets in ["1", "2"]:
            refused(f"the sFlow port is in use ({sockets} sockets)", [str(server.sflow), "sflow-port"], "serve",
                    "--http-port", "0", "--sflow-port", server.sflow, "--sflow-sockets", sockets)
        equal("the one that has them is well", server.get("/status").text, "OK\n")
    refused("an address of another machine for sFlow", ["192.0.2.1"], "serve", "--http-port", "0", "--sflow-port", "0",
            "--sflow-address", "192.0.2.1")
    refused("an address of another machine for HTTP", ["192.0.2.1"], "serve", "--http-port", "0", "--sflow-port", "0",
            "--http-hostname", "192.0.2.1")


def rights(directory):
    """Without being root: a low port, a file that must not be read."""
    as_nobody = {"user": 65534, "group": 65534, "extra_groups": []} if os.geteuid() == 0 else {}
    try:
        subprocess.run([weir(), "--version"], check=True, stdout=subprocess.DEVNULL, cwd="/", **as_nobody)
    except (OSError, subprocess.SubprocessError):
        return skip("missing rights", "another user cannot run the binary from here")
    secret = pathlib.Path(directory, "secret.pcap")
    secret.write_bytes(b"\xd4\xc3\xb2\xa1" + bytes(20))
    secret.chmod(0)
    os.chmod(directory, 0o755)
    refused("a file that must not be read", ["secret.pcap", "ermission"], "serve", "--http-port", "0", "--replay", secret, cwd="/", **as_nobody)
    if int(open("/proc/sys/net/ipv4/ip_unprivileged_port_start").read()) <= 1:
        return skip("low ports", "this system lets everybody have them")
    refused("no right to UDP port 1", ["port 1", "right"], "serve", "--http-port", "0", "--sflow-port", "1", cwd="/", **as_nobody)
    refused("no right to TCP port 1", ["port 1", "permission"], "serve", "--http-port", "1", "--sflow-port", "0", cwd="/", **as_nobody)


def hostile_datagrams(server, seconds=2.0):
    """Random bytes, and good datagrams with random bytes changed, for a while."""
    source = random.Random(SEED)
    good = [
        datagram("192.0.2.7", n, counters_sample(
            n, 0, 7, generic_interface(7, in_octets=n), port_name("x" * n)), counters_sample(n, 2, 1, host_description("h")))
        for n in range(1, 20)]
    sent, end = 0, time.monotonic() + seconds
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        while time.monotonic() < end:
            for _ in range(50):
                if source.random() < 0.3:
                    data = source.randbytes(source.choice([0, 1, 4, 28, 100, 1400, 9000, 65000]))
                else:
                    data = bytearray(source.choice(good))
                    for _ in range(source.randrange(1, 6)):
                        data[source.randrange(len(data))] = source.choice([0, 1, 255, source.randrange(256)])
                    del data[source.choice([len(data), source.randrange(len(data))]):]
                sender.sendto(data, ("127.0.0.1", server.sflow))
                sent += 1
            time.sleep(0.002)

    def accounted():
        books = server.analyzer()
        return books["sFlowDatagramsReceived"] + books["sFlowDatagramsDiscarded"] >= sent

    # What the kernel drops last is told with the next datagram.
    send_udp(server.sflow, [good[0]])
    sent += 1
    wait_until("all junk is accounted for", accounted)
    books = server.check_books(f"{sent} hostile datagrams")
    equal("received or dropped by the kernel", books["sFlowDatagramsReceived"] + books["sFlowDatagramsDiscarded"], sent)
    check("most were refused, with reasons", books["sFlowParseErrors"] + books["sFlowUnsupportedVersion"] > sent / 10, books)
    for path in ["/agents/json", "/metrics/json", "/dump/ALL/ALL/json", "/datasources/ALL/json"]:
        check(f"{path} is JSON", server.json(path) is not None)
    equal("/prometheus/metrics answers", server.ask("/prometheus/metrics/ALL/ALL/txt").status, 200)


def hostile_bytes(server):
    """Bytes that are no HTTP, or HTTP that breaks rules, on the HTTP port."""
    source = random.Random(SEED + 1)
    openings = [
        b"", b"\0" * 100, b"GET\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n", b"GET  / HTTP/1.1\r\nHost: x\r\n\r\n",
        b"POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\n", b"POST / HTTP/1.1\r\nContent-Length: 99999999999999999999\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nZZ\r\n",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + b"\xff" * 200,
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", b"GET /" + b"a" * 100_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET / HTTP/1.1\r\n" + b"X: y\r\n" * 10_000 + b"\r\n",
    ]
    for number in range(200):
        opening = openings[number] if number < len(openings) else source.choice(openings)[:source.randrange(40)]
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", server.http), 5) as connection:
            connection.sendall(opening + source.randbytes(source.choice([0, 1, 20, 3000])))
            connection.shutdown(socket.SHUT_WR)
            connection.settimeout(5)
            if number < 30:
                while connection.recv(65536):
                    pass
    equal("after 200 hostile connections the server is well", server.get("/status").text, "OK\n")


def hostile_requests(server):
    """Paths and queries of every sort: an answer, and never that the server itself is at fault."""
    source = random.Random(SEED + 2)
    stems = ["/metric/ALL/", "/table/ALL/", "/dump/ALL/", "/metric/", "/agents/json?agent=", "/dump/ALL/ALL/json?",
             "/prometheus/metrics/ALL/", "/datasources/", "/", "/html/", "/metric/ALL/max:ifinoctets/json?ifname="]
    letters = ["%00", "%", "%zz", "%2", "%2F", "%ff", "%C3%A9", "..", "//", ":", "::", ";", ",", "*", "+", "&", "=", "?", "#",
               "sort:", "null:", "max:", "sort:x:0", "sort:x:-99999999999999999999", "ALL", "json", "txt", "a" * 2000, "1e999", "nan"]
    seen, worst = {}, None
    for _ in range(400):
        path = source.choice(stems) + "".join(source.choice(letters) for _ in range(source.randrange(1, 8))) + source.choice(
            ["", "/json", "/txt"])
        answer = server.ask(path)
        seen[answer.status] = seen.get(answer.status, 0) + 1
        if answer.status >= 500 or answer.status not in (200, 302, 400, 404, 414, 431):
            worst = (answer.status, path)
        if answer.status >= 400 and "error" not in answer.json:
            worst = (answer.status, path, answer.text)
    check(f"400 hostile requests: {seen}", worst is None, worst)


def nobody_leads():
    """Nodes that have not found a coordinator end when they are told to, as service managers expect."""
    for role, ports in [("ingest", ["--sflow-port", "0"]), ("worker", [])]:
        with running(role, "--coordinator", "127.0.0.1:1", "--cluster-port", "0", *ports) as node:
            wait_until("it looks for a coordinator", lambda: any("Not joined" in line for line in node.errors))
            equal(f"{role}: told to stop before it has joined, it ends with 0", node.terminate(5), 0)


def test():
    print(f"      SEED={SEED}")
    with temporary_directory() as directory:
        options()
        files(directory)
        ports()
        rights(directory)
    nobody_leads()
    with serving("--sflow-port", "0") as server:
        hostile_datagrams(server)
        hostile_bytes(server)
        hostile_requests(server)
        equal("and ends with 0", server.terminate(), 0)
        check("without an error in the log", not any(" error " in line for line in server.errors), server.errors)


if __name__ == "__main__":
    main(test)
