#!/usr/bin/env python3
"""Stands between a simulated fabric and those who listen: each datagram goes to a cluster and to a single process, so that their
answers can be compared. As in a real network each agent sends from an address and port of its own.

    testbed-tee.py LISTEN-PORT HOST:PORT HOST:PORT SENDER-ADDRESS...
"""

import socket
import sys

port, *places = sys.argv[1:4]
targets = [(host, int(number)) for host, number in (place.rsplit(":", 1) for place in places)]
senders = {}
inlet = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
inlet.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
inlet.bind(("127.0.0.1", int(port)))


def sender(agent):
    """An agent's socket: the kernel and Kubernetes share out senders by address and port, and keep each one's order."""
    if agent not in senders:
        senders[agent] = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        senders[agent].bind((sys.argv[4 + len(senders) % len(sys.argv[4:])], 0))
    return senders[agent]


while True:
    datagram = inlet.recv(65536)
    # Bytes 4 to 12 (sFlow version 5): type of the agent's address, and its first four bytes.
    outlet = sender(datagram[4:12])
    for target in targets:
        try:
            outlet.sendto(datagram, target)
        except OSError:
            pass    # Nobody there now: as an agent does, go on with the next.
