#!/usr/bin/env bash
# Starts a whole cluster of real processes on this machine: etcd (a store of files without it), coordinators, workers, ingest
# nodes. As root each has a network namespace of its own, on a bridge; else, or with --loopback, all are on loopback ports.
#
#     bash cluster/up.sh [--loopback] [--coordinators 2] [--workers 3] [--ingests 2] [--replicas 2]
#
# WEIR names the program (else deploy/build.sh makes it), CLUSTER_FOLDER the folder for logs, store and the list of nodes.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/nodes.sh"

coordinators=2 workers=3 ingests=2 replicas=2 loopback=
while [ $# -gt 0 ]; do
    case "$1 ${2:-}" in
    --loopback*) loopback=yes && shift && continue ;;
    '--coordinators '[1-9]) coordinators=$2 ;;
    '--workers '[1-9]) workers=$2 ;;
    '--ingests '[1-9]) ingests=$2 ;;
    '--replicas '[12]) replicas=$2 ;;
    *) usage ;;
    esac
    shift 2
done
if [ -e "$nodes" ]; then
    echo "A cluster is up already; bash cluster/down.sh ends it. Its nodes: $(cut -d ' ' -f 1 "$nodes" | tr '\n' ' ')" >&2
    exit 1
fi
weir=${WEIR:-$(bash "$top/deploy/build.sh")}
mkdir -p "$folder"
rm -rf "$folder/logs" "$folder/store"
mkdir "$folder/logs" "$folder/store"
: >"$nodes"
# What has been started ends again when the rest cannot be.
trap 'echo "Not all could be started; logs are in $folder/logs" >&2; bash "$top/cluster/down.sh"' EXIT

# --- Where nodes live --------------------------------------------------------------------------------------------------

bridge=weir-bridge network=10.199.0
[ -n "$loopback" ] || { [ "$(id -u)" = 0 ] && ip link add "$bridge" type bridge 2>/dev/null; } || loopback=yes
if [ -z "$loopback" ]; then
    ip address add "$network.1/24" dev "$bridge"
    ip link set "$bridge" up
fi
last=1

# place NAME : sets address and namespace for a new node.
place() {
    address=127.0.0.1 namespace=-
    [ -z "$loopback" ] || return 0
    last=$((last + 1))
    address="$network.$last" namespace="weir-$1"
    ip netns add "$namespace"
    ip link add "weir$last" type veth peer name eth0 netns "$namespace"
    ip link set "weir$last" master "$bridge" up
    ip -n "$namespace" address add "$address/24" dev eth0
    ip -n "$namespace" link set eth0 up
    ip -n "$namespace" link set lo up
}

# launch NAME PROGRAM... : starts it where `place` has put it; its output is its log.
launch() {
    local name=$1 command=("${@:2}") ticks
    [ "$namespace" = - ] || command=(ip netns exec "$namespace" "${command[@]}")
    setsid "${command[@]}" </dev/null >"$folder/logs/$name.log" 2>&1 &
    # It may have ended already; then nobody waits for it to become ready for long.
    ticks=$(started $!) || ticks=0
    echo "$name $! $ticks $address $namespace" >>"$nodes"
}

# ready NAME FIELD : waits for the ready line of a node and prints one of its fields.
ready() {
    local line patience=200
    of_node "$1"
    while ! line=$(grep -m 1 '^ready ' "$folder/logs/$1.log"); do
        if ! is_running "$process" "$ticks" || [ $((patience -= 1)) = 0 ]; then
            tail -n 5 "$folder/logs/$1.log" >&2
            return 1
        fi
        sleep 0.1
    done
    line=${line#*" $2="}
    echo "${line%% *}"
}

# free_port : of loopback, for a program that cannot choose one itself.
free_port() {
    local port
    while port=$((20000 + RANDOM % 10000)); (: >"/dev/tcp/127.0.0.1/$port") 2>/dev/null; do :; done
    echo "$port"
}

# port NUMBER : the usual one where a node is alone, any free one on loopback.
port() { [ -z "$loopback" ] && echo "$1" || echo 0; }

# --- Store -------------------------------------------------------------------------------------------------------------

store="file:$folder/store"
if unpack etcd etcd-server; then
    place etcd
    client="http://$address:2379" peer="http://$address:2380"
    [ -z "$loopback" ] || client="http://$address:$(free_port)" peer="http://$address:$(free_port)"
    launch etcd etcd --data-dir "$folder/store" --listen-client-urls "$client" --advertise-client-urls "$client" \
        --listen-peer-urls "$peer" --initial-advertise-peer-urls "$peer" --initial-cluster "default=$peer"
    store="etcd:$client"
else
    echo "etcd is not there and could not be unpacked: coordinators share a folder." >&2
fi

# --- Nodes -------------------------------------------------------------------------------------------------------------

joins=() urls=() inlets=()
for number in $(seq "$coordinators"); do
    place "coordinator-$number"
    launch "coordinator-$number" "$weir" coordinator --name "coordinator-$number" --store "$store" --replicas "$replicas" \
        --min-workers "$workers" --http-hostname "$address" --http-port "$(port 8008)" \
        --cluster-hostname "$address" --cluster-address "$address" --cluster-port "$(port 7343)"
    urls+=("http://$address:$(ready "coordinator-$number" http)")
    joins+=(--coordinator "$address:$(ready "coordinator-$number" cluster)")
done
for number in $(seq "$workers"); do
    place "worker-$number"
    launch "worker-$number" "$weir" worker --name "worker-$number" --cluster-hostname "$address" --cluster-port "$(port 7343)" \
        "${joins[@]}"
done
for number in $(seq "$ingests"); do
    place "ingest-$number"
    launch "ingest-$number" "$weir" ingest --name "ingest-$number" --cluster-hostname "$address" --cluster-port "$(port 7343)" \
        --sflow-port "$(port 6343)" "${joins[@]}"
    inlets+=("$address:$(ready "ingest-$number" sflow)")
done
for number in $(seq "$workers"); do ready "worker-$number" name >/dev/null; done
trap - EXIT

cat <<TEXT
Pages and REST: ${urls[*]}
sFlow (UDP):    ${inlets[*]}
Store:          $store
Logs:           $folder/logs

    $weir simulate --target ${inlets[0]}
    curl '${urls[0]}/cluster/json'
    curl -i '${urls[0]}/metric/ALL/max:ifinutilization/json'
    bash cluster/break.sh kill worker-1
    bash cluster/down.sh
TEXT
