"""A signal that comes right after the start is not lost: whatever the process is doing then, it ends."""

import signal
import subprocess
import time

from weirtest import *

ROUNDS = 60
# A process has long taken the signals over by then.
LATEST_SECONDS = 0.03
DEADLINE_SECONDS = 20


def ends(role, delay):
    """Whether a process that gets SIGTERM so long after its start ends, by itself or by the signal."""
    process = subprocess.Popen(
        [weir(), *role], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        # No wait for anything: when the signal comes is what is tried.
        time.sleep(delay)
        process.send_signal(signal.SIGTERM)
        return process.wait(DEADLINE_SECONDS) in (0, -signal.SIGTERM)
    except subprocess.TimeoutExpired:
        return False
    finally:
        process.kill()
        process.wait()


def test():
    roles = {
        "serve": ["serve", "--http-port", "0", "--sflow-port", "0"],
        # Its coordinator is not there.
        "ingest": ["ingest", "--coordinator", "127.0.0.1:1", "--sflow-port", "0"],
    }
    for name, role in roles.items():
        ended = [ends(role, LATEST_SECONDS * number / ROUNDS) for number in range(ROUNDS)]
        equal(f"{name}: all processes ended", ended.count(False), 0)


if __name__ == "__main__":
    main(test)
