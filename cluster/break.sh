#!/usr/bin/env bash
# Breaks one node of the cluster that up.sh has started, or mends it:
#
#     bash cluster/break.sh kill NAME            kill -9
#     bash cluster/break.sh drain NAME           tells it to stop: a worker first hands its shards over
#     bash cluster/break.sh pause NAME           stops it without its noticing; continue lets it go on
#     bash cluster/break.sh continue NAME
#     bash cluster/break.sh partition NAME       nothing comes or goes; heal ends it
#     bash cluster/break.sh slow NAME [RATE]     what it sends is as slow as RATE (default 1mbit); heal ends it
#     bash cluster/break.sh heal NAME
#
# Names are those of nodes: worker-1, ingest-2, coordinator-1, etcd. The last three need namespaces, so root, and no --loopback.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/nodes.sh"
[ $# = 2 ] || [ "$#$1" = 3slow ] || usage
of_node "$2"

signal() {
    if ! is_running "$process" "$ticks"; then
        echo "$1 is not running." >&2
        exit 1
    fi
    kill "-$2" "$process"
}

inside() {
    if [ "$namespace" = - ]; then
        echo "All nodes share the loopback interface: nothing can be done to the link of one." >&2
        exit 1
    fi
    ip netns exec "$namespace" "$@"
}

case "$1" in
kill) signal "$2" KILL ;;
drain) signal "$2" TERM ;;
pause) signal "$2" STOP ;;
continue) signal "$2" CONT ;;
partition)
    inside nft -f - <<'RULES'
table inet weir_partition
delete table inet weir_partition
table inet weir_partition {
    chain input { type filter hook input priority 0; policy drop; iif lo accept; }
    chain output { type filter hook output priority 0; policy drop; oif lo accept; }
}
RULES
    ;;
slow) inside tc qdisc replace dev eth0 root tbf rate "${3:-1mbit}" burst 16kb latency 400ms ;;
heal)
    inside nft -f - <<'RULES'
table inet weir_partition
delete table inet weir_partition
RULES
    inside tc qdisc delete dev eth0 root 2>/dev/null || true
    ;;
*) usage ;;
esac
