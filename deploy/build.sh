#!/usr/bin/env bash
# Builds the optimised program and prints its path on standard output; everything else goes to standard error. Silent when
# there is nothing to do. Swift's own libraries are in the program: machines without Swift run it, and it runs faster, since
# counting references and checking accesses are calls within the program then.
set -euo pipefail
top=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
source "$top/deploy/packages.sh"

require_swift
install_missing "${packages_build[@]}"
folder="$scratch/release"
build=(swift build --package-path "$top" --scratch-path "$folder" -c release --static-swift-stdlib --product weir)
program="$folder/release/weir"
if [ -x "$program" ]; then
    log=$(mktemp)
    trap 'rm -f "$log"' EXIT
    "${build[@]}" </dev/null >"$log" 2>&1 || { cat "$log" >&2; exit 1; }
else
    echo "Building weir; the first time takes some minutes." >&2
    "${build[@]}" </dev/null >&2
fi
echo "$program"
