#!/usr/bin/env bash
# Measures what a cluster on this machine costs beside one process, how fast it answers, and how soon an event comes:
#
#     bash cluster/measure.sh [CAPTURE.pcap]
#
# Without a capture it simulates one. Answers are asked about another, simulated fabric with 48,000 data sources. Cores are
# shared and noisy: compare figures of one run. WEIR names the program (else deploy/build.sh makes it).
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/nodes.sh"
[ $# -le 1 ] || usage
WEIR=${WEIR:-$(bash "$top/deploy/build.sh")}
export WEIR
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
capture=${1:-"$work/simulated.pcap"}
[ $# = 1 ] || "$WEIR" simulate --write "$capture" --leaves 40 --spines 8 --rate 100 --duration 300
"$WEIR" simulate --write "$work/ports.pcap" --leaves 750 --spines 16 --hosts 16 --mice 20000 --rate 5000 --polling 10 --duration 25
PYTHONDONTWRITEBYTECODE=1 PYTHONPATH="$top/Tests/process" python3 "$top/cluster/measure.py" "$capture" "$work/ports.pcap"
