"""The pages over a real cluster, in a real browser: members and shards are there, and a worker that is killed shows, first as an
answer that is not whole, then as gone; with the last worker all shards are missing."""

from weirtest import browser as chromium
from weirtest.browser import browsing
from weirtest.clusters import *

BODY = "document.body.innerText"


def test():
    if not chromium.CHROMIUM:
        return skip("pages of a cluster", chromium.MISSING)
    with clustered(workers=2) as cluster, browsing() as browser:
        cluster.add_ingest("ingest-1", "--demo")
        base = f"http://127.0.0.1:{cluster.front.http}/"
        wait_until("the cluster has agents", lambda: len(cluster.front.json("/agents/json")) == 22, 30)
        # One page: what nobody looks at does not ask.
        page = browser.page(width=1280)
        page.go(base + "html/index.html")
        page.wait("the agents of the fabric are counted", f"{BODY}.includes('22')", 15)
        check("what happens now is that of all workers", True)
        page.go(base + "html/cluster.html")
        page.wait("both workers and the ingest node are listed",
                  f"['worker-1', 'worker-2', 'ingest-1'].every(name => {BODY}.includes(name))", 15)
        check("the members are listed", True)

        cluster.workers[1].kill()
        page.wait("the killed worker is gone", f"{BODY}.includes('1/2') && /worker-2\\s+worker\\s+gone/.test({BODY})", 15)
        check("a killed worker shows as gone", True)
        page.wait("its shards begin anew", f"/4\\d\\d shards are warming/.test({BODY})", 15)
        check("and its shards as begun anew", True)
        cluster.workers[0].kill()
        page.wait("all shards are missing", f"{BODY}.includes('1,024 of 1,024 shards are missing')", 15)
        check("with the last worker all shards are missing", True)
        page.go(base + "html/index.html")
        page.wait("the first page says so, too", f"{BODY}.includes('answers hold 0 of 1024 shards')", 15)
        check("and every page says that answers are not whole", True)


if __name__ == "__main__":
    main(test)
