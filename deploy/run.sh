#!/usr/bin/env bash
# Runs Weir from a clone: installs what is missing, builds, starts. Without arguments it shows a simulated fabric;
# arguments are those of `weir serve`:
#
#     bash deploy/run.sh
#     bash deploy/run.sh --replay capture.pcap --http-port 8010
set -euo pipefail
top=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
weir=$(bash "$top/deploy/build.sh")
[ $# -gt 0 ] || set -- --demo
[ "$1" != serve ] || shift

# The program itself says where it will listen, whichever of options, variables and files decides. Wrong settings are
# left for it to report.
settings=$("$weir" serve "$@" --dump 2>/dev/null) || settings=
setting() { sed -n "s/^$1 = //p" <<<"$settings"; }
port=$(setting 'http\.port')
host=$(setting 'http\.hostname')
case "$host" in
'' | all | 0.0.0.0 | ::) host=localhost ;;
*:*) host="[$host]" ;;
esac
if [ "$port" = 0 ]; then
    echo "The HTTP port is in the ready line below."
elif [ -n "$port" ]; then
    cat <<TEXT
Open http://$host:$port/ or try
    curl 'http://$host:$port/version'
    curl 'http://$host:$port/metric/ALL/max:ifinutilization/json'
    curl 'http://$host:$port/table/ALL/ifname,sort:ifinutilization:-5/json'
TEXT
fi
exec "$weir" serve "$@"
