#!/usr/bin/env bash
# Applies the cluster to a real Kubernetes and looks whether it does what README.md says. For the throw-away cluster of two
# nodes that is described in WEIR_TESTBED/README.md (default ../shared/k8s-testbed beside the clone), which is at version 1.20:
# what newer versions call otherwise or have in addition is rewritten on the way, and autoscaling is left out.
#
#     k8s/testbed-check.sh IMAGE.tar           image in docker-archive format, by deploy/image.sh --output
#
# It starts the cluster, and ends it at the end. Minutes of two processors; not part of Tests/run.sh.
set -euo pipefail
top=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
testbed=$(realpath "${WEIR_TESTBED:-$top/../shared/k8s-testbed}")
image=$(realpath "${1:?usage: k8s/testbed-check.sh IMAGE.tar}")
weir=${WEIR:-$(bash "$top/deploy/build.sh")}
work=$(mktemp -d)
node1=10.77.0.11 node2=10.77.0.12
forward=
senders=()

cleanup() {
    [ -z "$forward" ] || kill "$forward" 2>/dev/null || true
    for sender in "${senders[@]}"; do kill "$sender" 2>/dev/null || true; done
    bash "$testbed/down.sh" || true
    rm -rf "$work"
}
trap cleanup EXIT
trap 'exit 130' INT TERM

said() { printf '%4d s  %s\n' "$SECONDS" "$*"; }
fail() {
    said "FAIL: $*"
    kubectl -n weir get pods -o wide || true
    kubectl -n weir logs --all-containers --tail=5 -l app.kubernetes.io/name=weir --prefix || true
    exit 1
}

# until_true SECONDS WHAT COMMAND... : waits until the command succeeds.
until_true() {
    local end=$((SECONDS + $1)) what=$2
    shift 2
    until "$@" >/dev/null 2>&1; do
        [ $SECONDS -lt $end ] || fail "$what"
        sleep 0.5
    done
    said "$what"
}

# overlay NAME : what kustomize builds of it, in the words of version 1.20.
overlay() {
    kubectl kustomize "$top/k8s/overlays/$1" | awk '
        function flush() { if (object !~ /kind: HorizontalPodAutoscaler/) printf "%s---\n", object; object = "" }
        /^---/ { flush(); next }
        /minReadySeconds:|cpu: / { if (/cpu: "1"/) sub(/"1"/, "100m"); if (/minReady/) next }
        { sub(/policy\/v1$/, "policy/v1beta1"); object = object $0 "\n" }
        /kind: StatefulSet/ { isSet = 1 }
        isSet && /^spec:/ { object = object "  replicas: 2\n"; isSet = 0 }
        END { flush() }'
}

apply() { overlay "$1" | kubectl apply --validate=false -f - >/dev/null; }
cluster() { curl -sf --max-time 5 "http://127.0.0.1:18008$1"; }
reach() {
    [ -z "$forward" ] || kill "$forward" 2>/dev/null || true
    kubectl -n weir port-forward service/weir 18008:8008 >"$work/forward" 2>&1 &
    forward=$!
    until_true 30 "the REST API answers" cluster /version
}
answers() { cluster /cluster/json >/dev/null || { kill "$forward" 2>/dev/null || true; reach >/dev/null; cluster /cluster/json >/dev/null; }; }
workers() { answers && [ "$(cluster /cluster/json | jq '[.members[] | select(.role == "worker" and .primaryShards > 0)] | length')" = "$1" ]; }
whole() { workers "$1" && [ "$(cluster /cluster/json | jq '[.shardMap[] | select(length == 2)] | length')" = 1024 ]; }
agents() { answers && [ "$(cluster /agents/json | jq length)" -ge "$1" ]; }
lost() { cluster /agents/json | jq '[.[] | .sFlowDatagramsLost] | add'; }
received() { cluster /agents/json | jq '[.[] | .sFlowDatagramsReceived] | add'; }
grew() { [ "$(received)" -gt "$1" ]; }

# send ADDRESS PORT : the simulated fabric, from outside of the cluster.
send() {
    bash "$testbed/agent.sh" "$weir" simulate --target "$1:$2" >"$work/sender" 2>&1 &
    senders+=($!)
}

export $(bash "$testbed/up.sh")
bash "$testbed/load-image.sh" "$image" >/dev/null
said "Kubernetes is up: $(kubectl get nodes -o jsonpath='{range .items[*]}{.metadata.name} {end}')"

apply hostnetwork
until_true 120 "all pods of overlays/hostnetwork are ready" kubectl -n weir wait --for=condition=Ready pod --all --timeout=5s
reach
until_true 60 "two workers have all shards, each of them twice" whole 2
send $node1 6343
until_true 60 "22 agents are heard from outside" agents 22

kubectl -n weir scale statefulset/weir-worker --replicas=4 >/dev/null
until_true 120 "four workers" whole 4
kubectl -n weir scale statefulset/weir-worker --replicas=3 >/dev/null
until_true 120 "three workers" whole 3
agents 22 || fail "agents are missing after scaling"

before=$(lost) count=$(received)
kubectl -n weir rollout restart daemonset/weir-ingest-a >/dev/null
kubectl -n weir rollout status daemonset/weir-ingest-a --timeout=120s >/dev/null
kubectl -n weir delete pod -l weir/set=b --wait=true >/dev/null
until_true 60 "both sets of ingest pods were replaced" kubectl -n weir wait --for=condition=Ready pod --all --timeout=5s
until_true 30 "datagrams go on" grew "$count"
said "lost in the rolling restart: $(($(lost) - before)) of $(($(received) - count)) datagrams"

kubectl -n weir delete pod weir-worker-1 --grace-period=0 --force >/dev/null 2>&1
until_true 120 "a killed worker is back and has its shards" whole 3
agents 22 || fail "agents are missing after the death of a worker"
leader=$(cluster /cluster/json | jq -r .leader)
kubectl -n weir delete pod "$leader" --grace-period=0 --force >/dev/null 2>&1
leads() { answers && [ "$(cluster /cluster/json | jq -r .leader)" != "$leader" ]; }
until_true 60 "another coordinator leads" leads
until_true 60 "agents are heard" agents 22

kubectl delete namespace weir --wait=true >/dev/null
for sender in "${senders[@]}"; do kill "$sender" 2>/dev/null || true; done
senders=()
apply nodeport
until_true 120 "all pods of overlays/nodeport are ready" kubectl -n weir wait --for=condition=Ready pod --all --timeout=5s
reach
until_true 60 "two workers have all shards, each of them twice" whole 2
send $node2 30343
until_true 60 "22 agents are heard through the node port" agents 22
said "passed"
