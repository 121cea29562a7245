#!/usr/bin/env bash
# Ends the cluster that up.sh has started, by the processes that it has noted, and removes its network namespaces and bridge.
# Logs stay.
#
#     bash cluster/down.sh
set -uo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/nodes.sh"
[ $# = 0 ] || usage
if [ ! -e "$nodes" ]; then
    echo "No cluster is up."
    exit 0
fi

left() {
    while read -r name process ticks address namespace; do
        ! is_running "$process" "$ticks" || echo "$process"
    done <"$nodes"
}

# A paused process takes no notice of being told to end. Workers would wait for others to take over their shards; here nobody
# will, so what has not ended after two seconds is killed.
for process in $(left); do
    kill -TERM "$process"
    kill -CONT "$process"
done
patience=20
while [ -n "$(left)" ] && [ $((patience -= 1)) -gt 0 ]; do sleep 0.1; done
for process in $(left); do kill -KILL "$process"; done
patience=50
while [ -n "$(left)" ] && [ $((patience -= 1)) -gt 0 ]; do sleep 0.1; done
still=$(left)

bridged=
while read -r name process ticks address namespace; do
    [ "$namespace" = - ] && continue
    bridged=yes
    # The namespace would take the link with it, but only when the kernel finds the time.
    ip link delete "weir${address##*.}"
    ip netns delete "$namespace"
done <"$nodes"
[ -z "$bridged" ] || ip link delete weir-bridge
if [ -n "$still" ]; then
    echo "Still running: $still" >&2
    exit 1
fi
rm -rf "$nodes" "$folder/store"
echo "The cluster is down; logs are in $folder/logs"
