#!/usr/bin/env bash
# Applies the manifests to a real Kubernetes and looks whether the cluster does what README.md says: while it is scaled, rolled
# and broken, it has to give the answers of a single process that gets the same datagrams.
#
#     bash k8s/testbed-check.sh --testbed FOLDER IMAGE.tar       the image by deploy/image.sh --output IMAGE.tar
#
# FOLDER (or WEIR_TESTBED) has the scripts of a throw-away Kubernetes in network namespaces: up.sh, down.sh, load-image.sh,
# inside.sh. It is started and ended by this one, as root; its nodes n1 and n2 are 10.77.0.11 and 10.77.0.12, and all traffic
# stays in its namespaces. It is at version 1.20: objects of newer versions are applied under the names that they had then.
# WEIR names the program that simulates agents and is compared with, else deploy/build.sh makes it. Six minutes, two processors.
set -euo pipefail
top=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
usage() {
    sed -n '2,10s/^# \{0,1\}//p' "${BASH_SOURCE[0]}"
    exit 2
}
testbed=${WEIR_TESTBED:-}
[ "${1:-}" != --testbed ] || { testbed=${2:-} && shift 2 || usage; }
[ $# = 1 ] && [ -r "$1" ] && [ -x "$testbed/up.sh" ] || usage
testbed=$(realpath "$testbed") image=$(realpath "$1")
weir=${WEIR:-$(bash "$top/deploy/build.sh")}
work=$(mktemp -d)
failures=0
processes=()

cleanup() {
    end_traffic
    [ -z "${poller:-}" ] || kill "$poller" 2>/dev/null || true
    bash "$testbed/down.sh" || true
    rm -rf "$work"
}
trap cleanup EXIT
trap 'exit 130' INT TERM

# --- Saying what was seen ----------------------------------------------------------------------------------------------

said() { printf '%4d s  %-4s  %s\n' "$SECONDS" "$1" "$2"; }
title() { printf '\n%s\n' "$*"; }

# check WHAT COMMAND... : what must be so. Goes on when it is not: the rest is worth knowing, too.
check() {
    local what=$1
    shift
    if "$@" >/dev/null 2>&1; then said ok "$what"; else said FAIL "$what" && failures=$((failures + 1)); fi
}

# soon SECONDS COMMAND... : whether the command succeeds within so long.
soon() {
    local end=$((SECONDS + $1))
    shift
    until "$@" >/dev/null 2>&1; do
        [ $SECONDS -lt $end ] || return 1
        sleep 0.3
    done
}

# --- Asking ------------------------------------------------------------------------------------------------------------

# place NAME COMMAND... : in the network of a part of the testbed.
place() { nsenter --net="/run/netns/k8st-$1" -- "${@:2}"; }
# Asked from a node, at the service's address: it works without the API server, too.
# Twice again, for the service goes on naming a coordinator that is cut off until Kubernetes has noticed.
cluster() { place n1 curl -sf --connect-timeout 2 --max-time 5 --retry 2 --retry-all-errors "${@:2}" "http://$service:8008$1"; }
single() { place out curl -sf --max-time 5 "${@:2}" "http://127.0.0.1:8008$1"; }
find_service() { service=$(kubectl -n weir get service weir -o jsonpath='{.spec.clusterIP}'); }

pods_are_ready() { kubectl -n weir wait --for=condition=Ready pod --all --timeout=5s; }
has_workers() { cluster /cluster/json | jq -e "[.members[] | select(.role == \"worker\" and .state == \"up\")] | length == $1"; }
shares_shards() { cluster /cluster/json | jq -e "[.members[] | select(.role == \"worker\" and .primaryShards > 0)] | length == $1"; }
has_all_shards() { cluster /cluster/json | jq -e '.missingShards == 0 and .warmingShards == 0'; }
has_all_copies() { cluster /prometheus/cluster/txt | grep -qx 'sflow_cluster_shards_unreplicated 0'; }
hears() { [ "$(cluster /agents/json | jq length)" = "$1" ]; }
total() { "$1" /agents/json | jq "[.[].$2] | add // 0"; }
leader() { cluster /cluster/json | jq -re .leader; }
led_by_another() { [ "$(leader)" != "$1" ]; }

# settle WORKERS : waits until one of them may go without any loss.
settle() {
    check "$1 workers share the shards" soon 60 shares_shards "$1"
    check "no shard is missing or warming" soon 90 has_all_shards
    check "each shard has two whole copies" soon 30 has_all_copies
}

# Asks all the time, and `asked` tells how that went.
poll() {
    while sleep 0.2; do
        place n1 curl -s -o /dev/null --max-time 5 -w '%{http_code} %{time_total} %header{weir-shards}\n' \
            "http://$service:8008/metric/ALL/max:ifinutilization/json" || true
    done >>"$work/polls"
}
asked() {
    said seen "$(awk '{ n++; if ($1 != 200) failed++; else if ($3 != "1024/1024") part++; if ($2 > slow) slow = $2 }
        END { printf "asked %d times meanwhile: %d answers incomplete, %d without answer, the slowest after %.1f s", n, part, failed, slow }' \
        "$work/polls")"
    cp "$work/polls" "$work/polls.last"
    : >"$work/polls"
}
all_were_whole() { ! grep -v '^200 .* 1024/1024$' "$work/polls.last"; }
none_was_smaller_in_silence() { ! grep '^200 ' "$work/polls.last" | grep -v ' [0-9]*/1024$'; }

# --- Comparing ---------------------------------------------------------------------------------------------------------

# What follows from the datagrams alone: books of agents and data sources, and metrics that are no rates.
exact_metrics=ifindex,ifname,iftype,ifspeed,ifdirection,ifadminstatus,ifoperstatus,host_name,uuid,machine_type,os_name,os_release,uptime
exact_metrics+=,cpu_num,cpu_speed,load_one,load_five,load_fifteen,mem_total,mem_free,mem_used,disk_total,disk_free,proc_run,proc_total
facts() {
    "$1" /agents/json | jq -S 'map_values(del(.sFlowDatagramSource, .firstSeen, .lastSeen))'
    "$1" /datasources/ALL/json | jq -S .
    "$1" "/dump/ALL/$exact_metrics/json" | jq -S '[.[] | del(.lastUpdate)]'
}

# What follows from arrival times, too, which a copy of a datagram has apart from its twin: KEY VALUE lines.
rates() {
    "$1" /dump/ALL/ifinoctets,ifoutoctets,ifinpkts,cpu_utilization/json | jq -r '.[] | "\(.agent).\(.dataSource).\(.metricName) \(.metricValue)"'
    "$1" "/activeflows/ALL/pairs/json?maxFlows=20" | jq -r '.[] | "\(.key) \(.value)"'
}

caught_up() { [ "$(total cluster sFlowDatagramsReceived)" = "$(total single sFlowDatagramsReceived)" ]; }

# same WHEN : stops the agents for a moment, and compares the cluster's answers with the single process'.
same() {
    local count
    kill -STOP "$agents"
    soon 10 caught_up || true
    facts single >"$work/single" && facts cluster >"$work/cluster" || true
    check "$1: $(wc -l <"$work/single") lines of books and metrics are the single process' ($(
        )$(total single sFlowDatagramsReceived) datagrams)" cmp "$work/single" "$work/cluster"
    diff "$work/single" "$work/cluster" >"$work/different" || said seen "$(grep -c '^[<>]' "$work/different") lines differ, as $(
        )$(grep '^[<>]' "$work/different" | head -n 2 | tr -s ' \n' ' ')"
    rates single | sort >"$work/single" && rates cluster | sort >"$work/cluster"
    count=$(join "$work/single" "$work/cluster" | wc -l)
    check "$1: the same $count rates and flows are there" [ "$count" -gt 100 ] # names and keys, whatever their values
    # A copy that comes some milliseconds later: a rate over five seconds differs by less than a hundredth.
    worst=$(join "$work/single" "$work/cluster" | awk '{ d = $2 > $3 ? $2 - $3 : $3 - $2; if ($2 > 0 && d / $2 > w) w = d / $2 } END { print w + 0 }')
    check "$1: rates differ by arrival times only, at most by $worst of their size" awk "BEGIN { exit !($worst < 0.05) }"
    kill -CONT "$agents"
}

# start_traffic HOST:PORT : the simulated fabric, from outside of the cluster; and a single process that hears the same.
start_traffic() {
    nsenter --net=/run/netns/k8st-out -- "$weir" serve --sflow-port 6343 --http-port 8008 >"$work/single.log" 2>&1 &
    processes+=($!)
    soon 20 single /version
    nsenter --net=/run/netns/k8st-out -- python3 "$top/k8s/testbed-tee.py" 7000 127.0.0.1:6343 "$1" 10.77.0.5{0..7} &
    processes+=($!)
    nsenter --net=/run/netns/k8st-out -- "$weir" simulate --target 127.0.0.1:7000 --polling 5 >/dev/null &
    agents=$!
    processes+=("$agents")
}
end_traffic() {
    for process in "${processes[@]}"; do kill -CONT "$process" && kill "$process" && wait "$process"; done 2>/dev/null || true
    processes=()
}

define_flow() {
    local flow='{"keys":"ipsource,ipdestination","value":"bytes","t":60}'
    "$1" /flow/pairs/json -X PUT -d "$flow"
}

# --- Kubernetes --------------------------------------------------------------------------------------------------------

# What kustomize builds, under the names of version 1.20; the testbed's nodes are two processors together.
apply() {
    kubectl kustomize "$top/k8s/overlays/$1" | sed -e 's#^apiVersion: policy/v1$#apiVersion: policy/v1beta1#' \
        -e 's#^apiVersion: autoscaling/v2$#apiVersion: autoscaling/v2beta2#' -e 's/cpu: \("1"\|250m\)$/cpu: 50m/' |
        kubectl apply --validate=false -f - >/dev/null
}
of_pod() { kubectl -n weir get pod "$1" -o jsonpath="{$2}"; }
kill_container() {
    local id
    id=$(of_pod "$1" '.status.containerStatuses[0].containerID')
    bash "$testbed/inside.sh" "$(of_pod "$1" .spec.nodeName)" ctr -n k8s.io tasks kill -s SIGKILL "${id#containerd://}"
}

title "Kubernetes"
export $(bash "$testbed/up.sh")
bash "$testbed/load-image.sh" "$image" >/dev/null
said seen "nodes $(kubectl get nodes -o jsonpath='{range .items[*]}{.metadata.name} {.status.nodeInfo.kubeletVersion} {end}')"

title "overlays/hostnetwork"
apply hostnetwork
check "the autoscaler starts two workers, and all pods become ready" soon 120 eval "kubectl -n weir get pod weir-worker-1 && pods_are_ready"
find_service
settle 2
start_traffic 10.77.0.11:6343
check "a flow is defined at the cluster and at the single process" eval "define_flow cluster && define_flow single"
check "22 agents are heard" soon 30 hears 22
poll &
poller=$!
sleep 15 # Each agent has told its counters three times.
same "two workers"
asked

title "Scaling: 2, 4, 3 workers"
kubectl cordon n2 >/dev/null # So that n2 will have one worker of three, and be cut off with it.
kubectl -n weir scale statefulset/weir-worker --replicas=4 >/dev/null
check "four workers are there" soon 60 has_workers 4
settle 4
same "four workers"
kubectl uncordon n2 >/dev/null
kubectl -n weir scale statefulset/weir-worker --replicas=3 >/dev/null
check "the fourth pod has ended" soon 60 eval "! kubectl -n weir get pod weir-worker-3"
settle 3
same "three workers"
asked
check "every answer meanwhile was complete" all_were_whole

title "Ingest pods are replaced, both sets of each node"
kubectl -n weir rollout restart daemonset/weir-ingest-a >/dev/null
check "the first set was replaced" kubectl -n weir rollout status daemonset/weir-ingest-a --timeout=120s
kubectl -n weir delete pod -l weir/set=b --wait=true >/dev/null
check "the second set was replaced" soon 60 pods_are_ready
same "ingest pods replaced"
said seen "lost: $(total cluster sFlowDatagramsLost) of $(total cluster sFlowDatagramsReceived) datagrams"
asked

title "A worker is killed (SIGKILL)"
kill_container weir-worker-0
sleep 1
check "it is started again" soon 60 pods_are_ready
settle 3
same "worker killed"
asked
check "every answer meanwhile was complete" all_were_whole

title "The leading coordinator is deleted at once"
before=$(leader)
kubectl -n weir delete pod "$before" --grace-period=0 --force >/dev/null 2>&1
check "another one leads" soon 30 led_by_another "$before"
check "its pod is replaced" soon 60 pods_are_ready
same "other leader"
asked

title "The API server is away for 20 seconds"
(cd "$testbed" && . ./lib.sh && stop kube-apiserver KILL)
sleep 20
(cd "$testbed" && . ./lib.sh && . ./control-plane.sh && start_apiserver)
check "the API server answers again" soon 60 kubectl get nodes
check "a coordinator leads" soon 30 leader
asked
check "every answer meanwhile was complete" all_were_whole
same "API server restarted"

title "Node n2 is cut off for 30 seconds, with one of three workers"
kept=$(kubectl -n weir get pods -l app.kubernetes.io/component=coordinator --field-selector spec.nodeName=n1 \
    -o jsonpath='{.items[0].status.podIP}')
answers_whole() {
    place n1 curl -sf --max-time 1 -D - -o /dev/null "http://$kept:8008/metric/ALL/max:ifinutilization/json" | grep -qi '^weir-shards: 1024/1024'
}
ip -n k8st-sw link set n2 down
check "within five seconds the coordinator on n1 has whole answers" soon 5 answers_whole
sleep 10
check "ten seconds later, too" answers_whole
sleep 20
said seen "coordinators behind the service now: $(kubectl -n weir get endpoints weir -o jsonpath='{.subsets[*].addresses[*].nodeName}')"
check "no shard is missing or warming" soon 10 has_all_shards
same "node cut off"
ip -n k8st-sw link set n2 up
check "all pods are ready when it is back" soon 120 pods_are_ready
settle 3
same "node back"
asked
check "no answer was smaller without saying so" none_was_smaller_in_silence

title "overlays/nodeport, to agents that send already"
kill "$poller" && wait "$poller" 2>/dev/null || true
poller=
end_traffic
kubectl delete namespace weir --wait=true >/dev/null
start_traffic 10.77.0.12:30343
sleep 5
apply nodeport
check "all pods become ready" soon 120 eval "kubectl -n weir get pod weir-worker-1 && pods_are_ready"
find_service
settle 2
soon 20 hears 22 || true
said seen "$(cluster /agents/json | jq length) of 22 agents that sent before there were pods are heard"
bash "$testbed/inside.sh" n2 conntrack -D -p udp --orig-port-dst 30343 >/dev/null 2>&1 || true
check "22 agents are heard once the tracked connections are removed" soon 20 hears 22
unheard() { echo $(($(total single sFlowDatagramsReceived) - $(total cluster sFlowDatagramsReceived))); }
is_unheard() { [ "$(unheard)" = "$1" ]; }
pause_agents() { kill -STOP "$agents" && sleep 1; }
pause_agents
before=$(unheard) # Those that were sent before there was anybody.
kill -CONT "$agents" && sleep 10 && pause_agents
check "no datagram is lost from then on" is_unheard "$before"
kill -CONT "$agents"
ingest=$(kubectl -n weir get pod -l app.kubernetes.io/component=ingest -o jsonpath='{.items[0].metadata.name}')
kubectl -n weir delete pod "$ingest" --grace-period=0 --force >/dev/null 2>&1
sleep 10
# Hosts send every five seconds.
all_lately() { cluster /agents/json | jq -e '[.[] | select(.lastSeen > 6000)] | length == 0'; }
check "all agents are heard after an ingest pod was deleted at once" soon 30 all_lately
pause_agents
said seen "$(($(unheard) - before)) datagrams were lost by that"

title "A tracked connection that leads nowhere, and weir doctor on the node"
node2() { bash "$testbed/inside.sh" n2 "$@"; }
diagnosis() { node2 "$weir" doctor --server "http://$service:8008" || true; }
node2 conntrack -I -p udp -s 10.77.0.57 -d 10.77.0.12 --sport 5555 --dport 30343 -r 10.77.0.12 -q 10.77.0.57 \
    --reply-port-src 30343 --reply-port-dst 5555 -t 120 -u UNREPLIED >/dev/null 2>&1 || true
diagnosis >"$work/diagnosis"
check "the doctor says whose datagrams lead nowhere" grep -q 'Datagrams of 10.77.0.57 to node port 30343 lead nowhere' "$work/diagnosis"
sed 's/^/              /' "$work/diagnosis"
node2 conntrack -D -p udp --orig-port-dst 30343 >/dev/null 2>&1 || true
diagnosis >"$work/diagnosis"
check "and after what it advises, not any more" eval '! grep -q "lead nowhere" "$work/diagnosis"'

title "overlays/host-agents, with the simulator in the place of hsflowd"
end_traffic
kubectl kustomize "$top/k8s/overlays/host-agents" | sed -e 's#image: sflow/host-sflow.*#image: weir:0.1#' \
    -e 's#- /usr/sbin/hsflowd#- /usr/bin/weir#; s#- -d$#- simulate#; s#- -f$#- --target#' \
    -e 's#- /etc/weir/hsflowd.conf#- weir-sflow.weir.svc.cluster.local:6343#' | kubectl apply --validate=false -f - >/dev/null
check "a pod runs on each node" soon 60 eval '[ "$(kubectl -n weir-agents get pods -o jsonpath="{.items[*].status.phase}")" = "Running Running" ]'
from_nodes() { cluster /agents/json | jq -e '[.[].sFlowDatagramSource[]] | map(select(startswith("10.77.0.1") or startswith("10.78."))) | unique | length >= 2'; }
check "datagrams of both nodes arrive by the service's name" soon 30 from_nodes
said seen "from $(cluster /agents/json | jq -r '[.[].sFlowDatagramSource[]] | unique | join(", ")')"

title "$([ $failures = 0 ] && echo "All is as it should be." || echo "$failures not as it should be.")"
[ $failures = 0 ]
