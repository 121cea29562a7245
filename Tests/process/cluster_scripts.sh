#!/usr/bin/env bash
# The scripts of cluster/: a cluster comes up on loopback ports, answers, loses a worker to break.sh, and leaves nothing behind.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.." || exit 1
CLUSTER_FOLDER=$(mktemp -d)
export CLUSTER_FOLDER
trap 'bash cluster/down.sh >/dev/null; rm -rf "$CLUSTER_FOLDER"' EXIT

check() {
    if "${@:2}"; then
        echo "ok    $1"
    else
        echo "FAIL  $1" && exit 1
    fi
}

# within SECONDS COMMAND... : tries it until it is true.
within() {
    local deadline=$((SECONDS + $1))
    until "${@:2}"; do
        [ $SECONDS -lt $deadline ] || return 1
        sleep 0.1
    done
}

status() { curl --silent --max-time 5 "$url/cluster/json" | jq -e "$1" >/dev/null; }
none_runs() { for process in $processes; do ! kill -0 "$process" 2>/dev/null || ended "$process" || return 1; done; }
# A container's first process may not collect the dead.
ended() { [ "$(ps -o stat= -p "$1" | cut -c 1)" = Z ]; }

check "a cluster comes up" bash cluster/up.sh --loopback --workers 2 --ingests 1 >"$CLUSTER_FOLDER/up"
check "a second one beside it does not" eval '! bash cluster/up.sh --loopback 2>/dev/null'
url=$(sed -n 's/^Pages and REST: \([^ ]*\).*/\1/p' "$CLUSTER_FOLDER/up")
processes=$(cut -d ' ' -f 2 "$CLUSTER_FOLDER/nodes")
check "all shards have owners" within 10 status '.missingShards == 0 and ([.members[] | select(.primaryShards > 0)] | length) == 2'
check "a worker is paused" bash cluster/break.sh pause worker-2
check "and goes on" bash cluster/break.sh continue worker-2
check "a worker is killed" bash cluster/break.sh kill worker-1
check "the other has all shards" within 15 status '.lostShards == 0 and (.members[] | select(.name == "worker-2") | .primaryShards == 1024)'
check "a link of loopback cannot be cut" eval '! bash cluster/break.sh partition worker-2 2>/dev/null'
check "the cluster goes down" bash cluster/down.sh >/dev/null
check "nothing is left running" none_runs
