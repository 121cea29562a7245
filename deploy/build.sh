#!/usr/bin/env bash
# Builds the optimised program and prints its path on standard output; everything else goes to standard error. Silent when
# there is nothing to do.
set -euo pipefail
top=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
source "$top/deploy/packages.sh"

require_swift
install_missing "${packages_build[@]}"
build=(swift build --package-path "$top" --scratch-path "$scratch/release" -c release --product weir)
program="$scratch/release/release/weir"
if [ -x "$program" ]; then
    log=$(mktemp)
    trap 'rm -f "$log"' EXIT
    "${build[@]}" </dev/null >"$log" 2>&1 || { cat "$log" >&2; exit 1; }
else
    echo "Building weir; the first time takes some minutes." >&2
    "${build[@]}" </dev/null >&2
fi
echo "$program"
