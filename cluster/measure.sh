#!/usr/bin/env bash
# Measures what a cluster on this machine costs beside one process, how fast it answers, and how soon an event comes:
#
#     bash cluster/measure.sh [CAPTURE.pcap]
#
# Without a capture it simulates one. Cores are shared and noisy: compare figures of one run. WEIR names the program (else
# deploy/build.sh makes it).
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/nodes.sh"
[ $# -le 1 ] || usage
WEIR=${WEIR:-$(bash "$top/deploy/build.sh")}
export WEIR
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
capture=${1:-"$work/simulated.pcap"}
[ $# = 1 ] || "$WEIR" simulate --write "$capture" --leaves 40 --spines 8 --rate 100 --duration 300
PYTHONDONTWRITEBYTECODE=1 PYTHONPATH="$top/Tests/process" python3 "$top/cluster/measure.py" "$capture"
