"""Live traffic for tests of faults, with known results: so many datagrams, so many events; and clients that never stop asking."""

import itertools

from weirtest import *

# A port whose rate is above this in each second round, and far below in the others. Unit: percent.
THRESHOLD = {"metric": "ifinutilization", "value": 50}
SPEED = 10**9


def packet_sample(sequence, source, destination, rate=1000, frame_bytes=1000):
    """A flow sample (0:1) of a TCP packet that came in by port 1 (sFlow version 5, section 5)."""
    header = bytes.fromhex("020000000001 020000000002 0800")
    header += struct.pack(">BBHHHBBH4s4s", 0x45, 0, frame_bytes - 18, 0, 0, 64, 6, 0, source, destination)
    header += struct.pack(">HHIIBBHHH", 40000, 443, 0, 0, 0x50, 0x10, 0, 0, 0)
    record = framed(1, struct.pack(">IIII", 1, frame_bytes, 4, len(header)) + header + bytes(-len(header) % 4))
    return framed(1, struct.pack(">IIIIIIII", sequence, 1, rate, sequence * rate, 0, 1, 2, 1) + record)


class Agent:
    """One device with one port. Its counters tell each second round of a rate above `THRESHOLD`."""

    def __init__(self, number):
        self.address = f"10.77.{number // 250}.{number % 250 + 1}"
        source = socket.inet_aton(self.address)
        self.flows = bytearray(datagram(self.address, 0, packet_sample(0, source, b"\x0a\x63\x00\x01")))
        self.sequence, self.samples, self.octets = itertools.count(1), itertools.count(1), 0

    def flow_datagram(self):
        # Sequence numbers of the datagram and of its only sample (section 5: behind version, address and sub-agent; behind
        # uptime, number of samples, and the sample's format and length).
        struct.pack_into(">I", self.flows, 16, next(self.sequence))
        struct.pack_into(">I", self.flows, 36, next(self.samples))
        return self.flows

    def counter_datagram(self, round):
        self.octets += SPEED // 8 * (80 if round % 2 else 5) // 100
        sample = counters_sample(round + 1, 0, 1, generic_interface(1, SPEED, self.octets))
        return datagram(self.address, next(self.sequence), sample, uptime=1000 * (round + 1))


class Traffic(threading.Thread):
    """Sends until it is stopped; each round of a second is sent whole. `pause` and `go_on` stop it between two rounds."""

    SLOTS = 200

    def __init__(self, port, agents=200, datagrams_per_second=20_000):
        super().__init__(daemon=True)
        self.port = port
        self.agents = [Agent(number) for number in range(agents)]
        self.flows_per_slot = max(0, datagrams_per_second - agents) // self.SLOTS
        self.sent = self.rounds = 0
        # The longest time between two counters of an agent. Beyond two seconds rates are those of the arrivals, and crossings are missed.
        self.longest_pause = 0.0
        self._slot_times = [None] * self.SLOTS
        self._end, self._may_go, self._rests = threading.Event(), threading.Event(), threading.Event()
        self._may_go.set()

    def run(self):
        turn = itertools.cycle(self.agents)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
            due = time.monotonic()
            while not self._end.is_set():
                for slot in range(self.SLOTS):
                    target = ("127.0.0.1", self.port)
                    now, before = time.monotonic(), self._slot_times[slot]
                    self._slot_times[slot] = now
                    self.longest_pause = max(self.longest_pause, now - (before or now))
                    for agent in self.agents[slot::self.SLOTS]:
                        sender.sendto(agent.counter_datagram(self.rounds), target)
                        self.sent += 1
                    for agent in itertools.islice(turn, self.flows_per_slot):
                        sender.sendto(agent.flow_datagram(), target)
                    self.sent += self.flows_per_slot
                    # What is late stays late: a burst to catch up would only fill the socket's buffer.
                    due = max(due + 1 / self.SLOTS, time.monotonic())
                    time.sleep(max(0.0, due - time.monotonic()))
                self.rounds += 1
                if not self._may_go.is_set():
                    self._rests.set()
                    self._may_go.wait()
                    self._rests.clear()

    def pause(self):
        self._may_go.clear()
        self._rests.wait(30)

    def go_on(self):
        self._may_go.set()

    def stop(self):
        self._end.set()
        self._may_go.set()
        self.join(30)

    @property
    def events_per_agent(self):
        """Of `THRESHOLD`: one for each odd round (the first has no rate yet)."""
        return self.rounds // 2


class Client(threading.Thread):
    """Something that asks again and again until it is stopped; an error in it is told when it is stopped."""

    def __init__(self):
        super().__init__(daemon=True)
        self._end, self.error = threading.Event(), None

    def run(self):
        try:
            while not self._end.is_set():
                self.turn()
        except Exception as error:  # raised again in `stop`
            self.error = error

    def stop(self):
        self._end.set()
        self.join(60)
        if self.error:
            raise self.error


class Poller(Client):
    """Takes events by long polls, as published clients do: each goes on behind the last one that it has seen."""

    def __init__(self, server):
        super().__init__()
        self.server, self.last, self.events = server, -1, []

    def turn(self):
        answer = self.server.ask(f"/events/json?maxEvents=100000&timeout=1&eventID={self.last}", timeout=30)
        if answer.status != 200:
            raise AssertionError(f"events: {answer.status} {answer.text[:200]}")
        for event in reversed(answer.json):
            self.events.append(event)
            self.last = event["eventID"]


class Asker(Client):
    """Asks for the number of ports of the cluster and notes each answer as (when, seconds, status, shards, ports)."""

    PATH = "/metric/ALL/sum:ifinutilization/json"

    def __init__(self, server, pause=0.02):
        super().__init__()
        self.server, self.pause, self.answers = server, pause, []

    def turn(self):
        began = time.monotonic()
        answer = self.server.ask(self.PATH, timeout=30)
        ports = answer.json[0].get("metricN", 0) if answer.status == 200 else None
        self.answers.append((began, time.monotonic() - began, answer.status, answer.headers["weir-shards"], ports))
        time.sleep(self.pause)

    def since(self, begin):
        return [answer for answer in self.answers if answer[0] >= begin]

    @property
    def slowest(self):
        return max(seconds for _, seconds, *_ in self.answers)
