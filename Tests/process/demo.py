"""`weir serve --demo`: something to see within seconds, without a network; and the same of a cluster."""

from weirtest.clusters import *


def first_look(server):
    def utilisations():
        answer = server.json("/metric/ALL/max:ifinutilization,any:host_name/json")
        return answer if answer[0]["metricN"] > 20 and answer[1]["metricN"] > 4 else None

    answer = wait_until("utilisations and host names are there", utilisations, 5)
    figure("seconds_to_first_utilisations", round(time.monotonic() - server.started, 2))
    check("utilisations and host names are there within 5 s", True)
    check("they are percentages", 0 < answer[0]["metricValue"] <= 100, answer)
    agents = server.json("/agents/json")
    check("switches and hosts are agents", len(agents) == 22 and all("hostName" in a for a in agents.values()), list(agents))
    table = server.json("/table/ALL/null:ifname,sort:ifinutilization:-10,null:ifoututilization/json")
    check("the first page's table has ten rows with names", len(table) == 10 and all(row[0] for row in table), table[:2])


def first_page(server):
    front = server.ask("/")
    equal("/ leads to the first page", (front.status, front.headers["location"]), (302, "./html/index.html"))
    page = server.ask("/html/index.html")
    check("the first page loads", page.status == 200 and "<title>Weir</title>" in page.text, page.text[:200])
    again = server.ask("/html/index.html", headers={"If-None-Match": page.headers["etag"]})
    equal("a browser that has it need not load it again", (again.status, again.body), (304, b""))
    topology = server.json("/topology/json")
    equal("the fabric has a topology", len(topology["links"]), 8)
    core = server.json("/metric/CORE/sum:ifinoctets/json")[0]
    equal("whose links' ends are found", core["metricN"], 16)
    cluster = server.json("/cluster/json")
    equal("a single process is its own cluster", (cluster["role"], len(cluster["members"]), cluster["missingShards"]), ("serve", 1, 0))
    equal("and has every shard", cluster["shardMap"], [["serve"]] * cluster["shards"])


def grows(server):
    before = server.analyzer()["sFlowDatagramsReceived"]
    wait_until("more datagrams come", lambda: server.analyzer()["sFlowDatagramsReceived"] > before + 5, 10)
    check("counters grow", True)
    ages = [row["lastUpdate"] for row in server.json("/dump/ALL/ifinoctets/json")]
    check("values are fresh: polled every 20 s", ages and max(ages) < 25_000, sorted(ages)[-3:])
    server.check_books("demo")


def shown_by_a_cluster():
    with clustered(workers=1) as cluster:
        cluster.add_ingest("ingest-1", "--demo")
        front = cluster.front
        wait_until("the fabric has a topology", lambda: len(front.json("/topology/json").get("links", {})) == 8, 10)
        check("a cluster that shows the simulated fabric has its topology", True)
        own = {"links": {"a": {"node1": "x", "port1": "1", "node2": "y", "port2": "2"}}}
        equal("a topology is put", front.ask("/topology/json", "PUT", body=json.dumps(own), timeout=30).status, 204)
        cluster.add_ingest("ingest-2", "--demo")
        wait_until("another joins", lambda: len(front.status()["members"]) == 3)
        equal("which is left alone by another ingest node", list(front.json("/topology/json")["links"]), ["a"])


def test():
    with serving("--demo") as server:
        first_look(server)
        first_page(server)
        grows(server)
        equal("SIGTERM ends it with 0", server.terminate(), 0)
    shown_by_a_cluster()


if __name__ == "__main__":
    main(test, 60)
