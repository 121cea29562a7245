"""Many slow clients at once, and stopping under load. Prints how long the start takes and how much memory an idle server
has; those are for reading, not asserted."""

from weirtest import *

CLIENTS = 100


def figures():
    starts, idle = [], 0.0
    for _ in range(5):
        with serving("--sflow-port", "0") as server:
            starts.append(server.ready_seconds)
            server.get("/status")
            idle = server.resident_megabytes()
    figure("start_ms", round(1000 * sorted(starts)[2], 1))
    figure("idle_rss_mb", round(idle, 1))
    check("the server starts five times in a row", True)


def slow_clients(server):
    """Clients that ask for everything and take nothing, others that never finish asking: the rest are served at once."""
    clients = []
    for number in range(CLIENTS):
        client = socket.socket()
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        client.connect(("127.0.0.1", server.http))
        client.sendall(b"GET /dump/ALL/ALL/json HTTP/1.1\r\nHost: x\r\n" + (b"\r\n" if number % 2 else b"X-Slow: "))
        clients.append(client)
    wait_until("all are connected", lambda: server.analyzer()["httpConnectionsCurrent"] > CLIENTS)
    before = time.monotonic()
    equal("others are answered meanwhile", server.get("/status").text, "OK\n")
    figure("answer_ms_beside_slow_clients", round(1000 * (time.monotonic() - before), 1))
    whole = server.get("/dump/ALL/ALL/json")
    check("with whole answers", len(whole.json) > 1000, len(whole.body))
    figure("rss_mb_with_slow_clients", round(server.resident_megabytes(), 1))
    # One of them takes its answer after all, by and by.
    client, taken = clients[1], b""
    client.settimeout(10)
    while not taken.endswith(b"\r\n0\r\n\r\n"):
        piece = client.recv(3000)
        if not piece:
            break
        taken += piece
    check("a slow client gets the whole answer in the end", taken.endswith(b"]\n\r\n0\r\n\r\n"), taken[-80:])
    return clients


def test():
    figures()
    with serving("--demo") as server:
        wait_until("the fabric is there", lambda: server.json("/metric/ALL/max:ifinutilization/json")[0]["metricN"] > 20)
        figure("demo_rss_mb", round(server.resident_megabytes(), 1))
        clients = slow_clients(server)
        before = time.monotonic()
        equal("SIGTERM ends it with 0 although they hold on", server.terminate(10), 0)
        figure("stop_seconds", round(time.monotonic() - before, 2))
        for client in clients:
            client.close()
    with serving("--demo") as server:
        server.process.send_signal(signal.SIGTERM)
        equal("told to stop right after the start, it ends with 0", server.wait_exit(10), 0)
    with serving("--sflow-port", "0") as server:
        server.process.send_signal(signal.SIGINT)
        equal("Ctrl-C ends it with 0 too", server.wait_exit(10), 0)


if __name__ == "__main__":
    main(test)
