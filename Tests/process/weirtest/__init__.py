"""What the process tests share: starting the real binary, waiting for conditions, asking over HTTP, building datagrams.

A test is run as `WEIR=path/to/weir python3 Tests/process/NAME.py`, prints one line a check and ends with 0 or 1, or with 77
when nothing of it could be tried here. It uses only ports that the system chose, ends only processes that it started, and
has a deadline for everything it waits for. This is a folder so that it is not taken for a test itself.
"""

import contextlib
import gzip
import http.client
import json
import os
import pathlib
import signal
import struct
import socket
import subprocess
import sys
import tempfile
import threading
import time
import traceback

ROOT = pathlib.Path(__file__).resolve().parents[3]
SHARED = pathlib.Path(os.environ.get("WEIR_SHARED", ROOT / ".." / "shared")).resolve()
CAPTURES = SHARED / "data" / "captures"
HAS_CAPTURES = (CAPTURES / "ecmp.pcap").exists()


def weir():
    """Path of the binary under test."""
    for path in [os.environ.get("WEIR"), ROOT / ".build/release/weir", ROOT / ".build/debug/weir"]:
        if path and os.access(path, os.X_OK):
            return str(path)
    sys.exit("no binary: build it, or name it in WEIR")


# --- Checks ---------------------------------------------------------------------------------------------------------

checks, failures = 0, 0


def check(what, holds, detail=""):
    """Prints one line; `detail` (a text, or a function that makes it) only for what does not hold."""
    global checks, failures
    checks += 1
    if holds:
        print(f"ok    {what}", flush=True)
        return True
    failures += 1
    text = str(detail() if callable(detail) else detail)
    print(f"FAIL  {what}" + (f": {text[:2000]}" if text else ""), flush=True)
    return False


def equal(what, seen, expected):
    return check(what, seen == expected, lambda: f"{seen!r} instead of {expected!r}")


def skip(what, why):
    print(f"skip  {what}: {why}", flush=True)


def figure(name, value):
    print(f"      {name}={value}", flush=True)


class Late(Exception):
    """A condition did not come true in time."""


def wait_until(what, probe, seconds=10.0):
    """The first true answer of `probe`, which is asked again and again."""
    deadline = time.monotonic() + seconds
    while True:
        answer = probe()
        if answer:
            return answer
        if time.monotonic() > deadline:
            raise Late(f"not within {seconds} s: {what}")
        time.sleep(0.02)


def wait_equal(what, probe, expected, seconds=10.0):
    """Until the answer of `probe` is `expected`; the last one is told when it never is."""
    last = None

    def arrived():
        nonlocal last
        last = probe()
        return last == expected

    try:
        wait_until(what, arrived, seconds)
    except Late as late:
        raise Late(f"{late}: {last} instead of {expected}") from None


def main(test, seconds=120):
    """Runs a test with a deadline for the whole of it and ends the process with its verdict."""
    def expire(*_):
        raise Late(f"the whole test took longer than {seconds} s")

    signal.signal(signal.SIGALRM, expire)
    signal.alarm(seconds)
    try:
        test()
    except Exception as error:  # a test that cannot go on has failed
        check(test.__module__ + " runs to its end", False, "".join(traceback.format_exception(error)))
    sys.exit(1 if failures else 0 if checks else 77)


# --- The program ----------------------------------------------------------------------------------------------------

class Program:
    """A started `weir`, whose output is read line by line as it comes."""

    def __init__(self, *arguments, **popen):
        self.started = time.monotonic()
        self.process = subprocess.Popen(
            [weir(), *map(str, arguments)], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            **popen)
        self.output, self.errors = [], []
        self._changed = threading.Condition()
        self._readers = [
            threading.Thread(target=self._read, args=(stream, lines), daemon=True)
            for stream, lines in [(self.process.stdout, self.output), (self.process.stderr, self.errors)]
        ]
        for reader in self._readers:
            reader.start()

    def _read(self, stream, lines):
        for line in stream:
            with self._changed:
                lines.append(line.decode("utf-8", "replace").rstrip("\n"))
                self._changed.notify_all()
        stream.close()

    def wait_line(self, start, seconds=10.0):
        """The first line of standard output that begins so, as a dictionary of its name=value pairs."""
        deadline = time.monotonic() + seconds
        with self._changed:
            while True:
                for line in self.output:
                    if line.startswith(start):
                        return dict(word.split("=", 1) for word in line.split() if "=" in word)
                left = deadline - time.monotonic()
                if left < 0 or (self.process.poll() is not None and not any(r.is_alive() for r in self._readers)):
                    raise Late(f"no line '{start}…'; output {self.output}, errors {self.errors}")
                self._changed.wait(min(left, 0.1))

    def wait_exit(self, seconds=10.0):
        """The exit status, after all output has been read; negative for a signal."""
        try:
            self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.kill()
            raise Late(f"still running after {seconds} s; errors {self.errors}") from None
        for reader in self._readers:
            reader.join(5)
        return self.process.returncode

    def terminate(self, seconds=10.0):
        self.process.send_signal(signal.SIGTERM)
        return self.wait_exit(seconds)

    def kill(self):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait(10)

    @property
    def is_running(self):
        return self.process.poll() is None

    def resident_megabytes(self):
        for line in open(f"/proc/{self.process.pid}/status"):
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) / 1024
        return 0.0


class Answer:
    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body

    @property
    def text(self):
        return self.body.decode("utf-8", "replace")

    @property
    def json(self):
        return json.loads(self.body)


class Server(Program):
    """`weir serve` on a free HTTP port; ready when the constructor returns."""

    def __init__(self, *arguments, ready_seconds=20.0, **popen):
        super().__init__("serve", "--http-port", "0", *arguments, **popen)
        try:
            ready = self.wait_line("ready ", ready_seconds)
        except Late:
            self.kill()
            raise
        self.ready_seconds = time.monotonic() - self.started
        self.http = int(ready["http"])
        self.sflow = int(ready["sflow"]) if ready["sflow"] != "none" else None
        self.ready = ready

    def ask(self, path, method="GET", headers=None, body=None, timeout=10.0):
        connection = http.client.HTTPConnection("127.0.0.1", self.http, timeout=timeout)
        try:
            connection.request(method, path, body=body, headers=headers or {})
            answer = connection.getresponse()
            return Answer(answer.status, answer.headers, answer.read())
        finally:
            connection.close()

    def get(self, path):
        answer = self.ask(path)
        if answer.status != 200:
            raise AssertionError(f"GET {path}: {answer.status} {answer.text[:300]}")
        return answer

    def json(self, path):
        return self.get(path).json

    def analyzer(self):
        return self.json("/analyzer/json")

    def check_books(self, what):
        """Waits until nothing is on its way, then checks that each stage accounts for all that it received."""
        def settled():
            books = self.analyzer()
            return books if books["stages"]["shards"]["waiting"] == 0 else None

        books = wait_until("no datagram waits", settled)
        ingest, shards = books["stages"]["ingest"], books["stages"]["shards"]
        refused = sum(count for name, count in shards.items() if name.startswith("refused."))
        equal(f"{what}: ingest received = passed on", ingest["received"], ingest["passed_on"])
        equal(f"{what}: shards received = ingest passed on", shards["received"], ingest["passed_on"])
        equal(
            f"{what}: shards received = accepted + duplicates + refused",
            shards["accepted"] + shards["duplicates"] + refused, shards["received"])
        return books


@contextlib.contextmanager
def serving(*arguments, **options):
    """A server that is ended at the end, whatever happens."""
    server = Server(*arguments, **options)
    try:
        yield server
    finally:
        server.kill()


@contextlib.contextmanager
def running(*arguments, **options):
    program = Program(*arguments, **options)
    try:
        yield program
    finally:
        program.kill()


def temporary_directory():
    return tempfile.TemporaryDirectory(prefix="weir-test-")


# --- Datagrams (sFlow version 5, sflow.org/sflow_version_5.txt) ------------------------------------------------------

def opaque(data):
    data = data.encode() if isinstance(data, str) else data
    return struct.pack(">I", len(data)) + data + b"\0" * (-len(data) % 4)


def address(text):
    if ":" in text:
        return struct.pack(">I", 2) + socket.inet_pton(socket.AF_INET6, text)
    return struct.pack(">I", 1) + socket.inet_pton(socket.AF_INET, text)


def framed(tag, body):
    return struct.pack(">II", tag, len(body)) + body


def counters_sample(sequence, source_class, index, *records):
    return framed(2, struct.pack(">III", sequence, source_class << 24 | index, len(records)) + b"".join(records))


def datagram(agent, sequence, *samples, uptime=None):
    uptime = 1000 * sequence if uptime is None else uptime
    return (struct.pack(">I", 5) + address(agent)
            + struct.pack(">IIII", 0, sequence, uptime & 0xFFFFFFFF, len(samples)) + b"".join(samples))


def generic_interface(index, speed=10**9, in_octets=0, out_octets=0):
    """if_counters (0:1), all packets unknown."""
    packets = [0xFFFFFFFF] * 6
    return framed(1, struct.pack(
        ">IIQIIQ6IQ6II", index, 6, speed, 1, 3, in_octets, *packets, out_octets, *packets, 0))


def port_name(name):
    return framed(1005, opaque(name))


def host_description(name, os_release="6.1"):
    return framed(2000, opaque(name) + bytes(16) + struct.pack(">II", 3, 2) + opaque(os_release))


def send_udp(port, datagrams, host="127.0.0.1"):
    """Sends in small groups with a pause, so that a small receive buffer is enough."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_DGRAM) as sender:
        for number, data in enumerate(datagrams, 1):
            sender.sendto(data, (host, port))
            if number % 32 == 0:
                time.sleep(0.002)


def has_ipv6():
    try:
        with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as probe:
            probe.bind(("::1", 0))
        return True
    except OSError:
        return False


def gunzip(data):
    return gzip.decompress(data)
