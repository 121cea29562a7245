"""Everything works without any privilege: as nobody, where this test is run as root. A single process answers, and the nodes of
a cluster find each other. (A socket option that only root may set went unnoticed for as long as all tests ran as root.)"""

import shutil

from weirtest.clusters import *

NOBODY = 65534


def test():
    if os.geteuid() != 0:
        return skip("ordinary user", "not run as root: then every other test is this one")
    with temporary_directory() as name:
        # Where the build is, nobody else may look.
        os.chmod(name, 0o755)
        shutil.copy(weir(), f"{name}/weir")
        os.environ["WEIR"] = f"{name}/weir"
        store = pathlib.Path(name) / "store"
        store.mkdir()
        os.chown(store, NOBODY, NOBODY)
        unprivileged = {"user": NOBODY, "group": NOBODY, "extra_groups": [], "cwd": "/"}
        with serving("--demo", **unprivileged) as server:
            equal("it answers", server.get("/version").status, 200)
        nodes = []
        try:
            nodes.append(coordinator := Coordinator(f"file:{store}", "--name", "coordinator-1", **unprivileged))
            address = f"127.0.0.1:{coordinator.cluster}"
            for number in (1, 2):
                nodes.append(Node("worker", "--coordinator", address, "--name", f"worker-{number}", **unprivileged))
            nodes.append(Node("ingest", "--coordinator", address, "--demo", **unprivileged))
            wait_until("agents are heard in the cluster", lambda: coordinator.json("/metric/ALL/max:ifinoctets/json")[0]["metricN"], 30)
            check("the cluster works", True)
        finally:
            for node in reversed(nodes):
                node.kill()


if __name__ == "__main__":
    main(test)
