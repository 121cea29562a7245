# What up.sh, down.sh and break.sh share: where the cluster's files are, and which processes are its nodes. They source it.

top=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
source "$top/deploy/packages.sh"

# Logs, the store, and the list of nodes. One cluster a folder.
folder="${CLUSTER_FOLDER:-$weir_cache/cluster}"
# A line a node: name, process, when that was started (clock ticks since boot), address, namespace or "-".
nodes="$folder/nodes"

# started PROCESS : tells a process from a later one that got the same number. Empty when there is none.
started() {
    local line
    { line=$(<"/proc/$1/stat"); } 2>/dev/null || return 1
    # The name in parentheses may hold anything; behind it the start is the twentieth field (proc(5)).
    set -- ${line##*) }
    [ "$1" != Z ] && echo "${20}"
}

# is_running PROCESS STARTED
is_running() { [ "$(started "$1")" = "$2" ]; }

# of_node NAME : sets process, ticks, address and namespace; fails with a word when there is no such node.
of_node() {
    local name
    while read -r name process ticks address namespace; do
        [ "$name" = "$1" ] && return 0
    done < <(cat "$nodes" 2>/dev/null)
    echo "There is no node $1. Nodes: $(cut -d ' ' -f 1 "$nodes" 2>/dev/null | tr '\n' ' ')" >&2
    return 1
}

usage() {
    sed -n '2,/^[^#]/s/^# \{0,1\}//p' "$0" >&2
    exit 2
}
