#!/usr/bin/env bash
# All tests, from a fresh clone on Debian 12 with a Swift toolchain:
#
#     bash Tests/run.sh                     everything
#     bash Tests/run.sh --only house        one part: house, swift, process or fuzz
#     bash Tests/run.sh --filter Decoder    the Swift tests whose name matches (as swift test --filter does)
#
# One line for each step, the whole log of a step that fails, and at the end the sum over all of them. Tests/README.md
# says where things are and which variables are obeyed.
set -uo pipefail
top=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$top" || exit 1
source deploy/packages.sh

only=all
filter=()
while [ $# -gt 0 ]; do
    case "$1 ${2:-}" in
    '--only '*[a-z]) only=$2 ;;
    '--filter '?*) filter=(--filter "$2") only=swift ;;
    *) only=usage ;;
    esac
    shift $(($# < 2 ? $# : 2))
done
case "$only" in
all | house | swift | process | fuzz) ;;
*)
    sed -n '2,6s/^# \{0,1\}//p' "${BASH_SOURCE[0]}"
    exit 2
    ;;
esac
wanted() { [ "$only" = all ] || [ "$only" = "$1" ]; }

passed=0 failed=0 skipped=0
logs=$(mktemp -d)
group=
# Living processes of the group; a container's first process may not collect the dead ones.
left_running() { pgrep -a -g "$group" -r D,R,S,T; }
end_group() { [ -z "$group" ] || kill -KILL -- "-$group" 2>/dev/null; }
trap 'end_group; rm -rf "$logs"' EXIT
trap 'exit 130' INT TERM

# report MARK NAME SECONDS NOTE
report() { printf '%-4s %4d s  %s%s\n' "$1" "$3" "$2" "${4:+ ($4)}"; }

# run_bounded SECONDS COMMAND... : runs it in a process group of its own, output to $log. What it leaves running is ended, and
# leaving something is a failure.
run_bounded() {
    local limit=$1 status
    shift
    timeout --kill-after=10 "$limit" "$@" </dev/null >"$log" 2>&1 &
    group=$!
    wait "$group"
    status=$?
    [ $status -ne 124 ] || echo "Stopped after $limit s." >>"$log"
    local patience=20
    while left_running >/dev/null && [ $((patience -= 1)) -gt 0 ]; do sleep 0.1; done
    if left_running >"$logs/left"; then
        echo "Processes were left running:" | cat - "$logs/left" >>"$log"
        end_group
        [ $status -ne 0 ] || status=1
    fi
    group=
    return $status
}

# step NAME SECONDS COMMAND... : one thing that passes or fails. A command that ends with 77 could not be tried here.
step() {
    local name=$1 limit=$2 status
    shift 2
    log="$logs/${name//[^A-Za-z0-9]/-}.log"
    local start=$SECONDS
    run_bounded "$limit" "$@"
    status=$?
    case $status in
    0) passed=$((passed + 1)) && report ok "$name" $((SECONDS - start)) ;;
    77) skipped=$((skipped + 1)) && report skip "$name" $((SECONDS - start)) "$(tail -n 1 "$log")" ;;
    *)
        failed=$((failed + 1))
        report FAIL "$name" $((SECONDS - start)) "status $status"
        sed 's/^/    /' "$log"
        return 1
        ;;
    esac
}

finish() {
    if [ $skipped -gt 0 ]; then
        echo "$passed passed, $failed failed, $skipped skipped"
    else
        echo "$passed passed, $failed failed"
    fi
    [ $failed -eq 0 ]
    exit
}

# swift_tests NAME OPTION... : runs the Swift tests that the options of `swift test` choose; counts tests, not the run.
swift_tests() {
    local name=$1 start=$SECONDS status total bad left
    shift
    log="$logs/${name// /-}.log"
    run_bounded 600 swift test --skip-build --scratch-path "$scratch/test" --disable-xctest "$@"
    status=$?
    # "✔ Test run with 12 tests in 3 suites passed after …": all that ran, skipped ones included.
    total=$(sed -n 's/^. Test run with \([0-9]*\) tests\{0,1\}.*/\1/p' "$log" | tail -n 1)
    bad=$(grep -E '^✘ Test .* failed after .* with [0-9]+ issues?\.$' "$log" | grep -vc '^. Test run with ')
    left=$(grep -cE '^➜ Test .* skipped' "$log")
    # A run that died, or failed outside of any test, is one failure more.
    [ $status -eq 0 ] || [ "$bad" -gt 0 ] || bad=1
    total=${total:-0}
    if [ $status -eq 0 ] && [ "$total" -eq 0 ]; then
        echo "No test was run." >>"$log"
        status=1 bad=1
    fi
    failed=$((failed + bad)) skipped=$((skipped + left))
    [ "$total" -lt $((bad + left)) ] || passed=$((passed + total - bad - left))
    if [ $status -eq 0 ]; then
        report ok "$name" $((SECONDS - start)) "$total tests"
    else
        report FAIL "$name" $((SECONDS - start)) "status $status, $bad of $total tests"
        grep -v '^[◇✔]' "$log" | sed 's/^/    /'
    fi
    sed -n 's/^➜ Test .* skipped: "\(.*\)"$/\1/p' "$log" | sort | uniq -c | while read -r count reason; do
        echo "              $count skipped: $reason"
    done
}

# fuzz_run : half a minute of mutated inputs. Grown inputs are kept beside the build, for the next run to start from; a failure
# shows its input in base64, which belongs into Tests/Fuzz/corpus once the fault is mended.
fuzz_run() {
    local found="$logs/found/" grown="$scratch/fuzz/corpus"
    mkdir -p "$found" "$grown"
    # The leak detector takes tables that live as long as the process for leaks: it knows no pointer with Swift's tag bits.
    export SWIFT_BACKTRACE=enable=no ASAN_OPTIONS=detect_leaks=0
    if "$scratch/fuzz/release/weir-fuzz" -max_total_time="${FUZZ_SECONDS:-30}" -rss_limit_mb=1024 -timeout=10 -max_len=16384 \
        -print_final_stats=1 -artifact_prefix="$found" "$grown" Tests/Fuzz/corpus; then
        return 0
    fi
    for input in "$found"*; do
        [ ! -f "$input" ] || printf 'Input %s:\n%s\n' "${input##*/}" "$(base64 -w 0 "$input")"
    done
    return 1
}

require_swift || exit 1
install_missing "${packages_build[@]}" "${packages_test[@]}" || exit 1

shared=$(cd "${WEIR_SHARED:-../shared}" 2>/dev/null && pwd)
if [ -n "$shared" ] && [ -d "$shared/data/captures" ]; then
    export WEIR_SHARED=$shared
    echo "Shared captures: found."
else
    count=$(grep -rl 'shared captures not found' Tests --include='*.swift' | wc -l)
    echo "Shared captures: absent from WEIR_SHARED and ../shared; the tests that read them, in $count files, are skipped."
fi

if wanted house; then
    step "house checks find what they are for" 60 python3 Tests/house.py --self-test
    step "house checks" 60 python3 Tests/house.py
fi
if wanted swift; then
    unpack etcd etcd-server || echo "etcd is not there and could not be unpacked."
    if step "swift build (tests)" 900 swift build --build-tests --scratch-path "$scratch/test"; then
        if [ ${#filter[@]} -gt 0 ]; then
            swift_tests "swift test" "${filter[@]}"
        else
            # Tests over sockets have deadlines: they run apart from the ones that keep all cores busy for minutes, and those
            # whose deadlines are seconds apart from those that ask a whole server.
            servers='RestAPITests|IngestTests' sockets='TransportTests|ClusterStoreTests|ClusterMemberTests'
            swift_tests "swift test" --skip "$servers|$sockets"
            swift_tests "swift test (servers)" --filter "$servers"
            swift_tests "swift test (sockets)" --filter "$sockets"
        fi
    fi
fi
if wanted process; then
    shopt -s nullglob
    scripts=(Tests/process/*.sh Tests/process/*.py)
    # What is tested here is the program as deploy/run.sh starts it.
    if step "swift build (release)" 900 bash deploy/build.sh; then
        export WEIR="$scratch/release/release/weir"
        unpack etcd etcd-server || echo "etcd is not there and could not be unpacked."
        unpack promtool prometheus || echo "promtool is not there and could not be unpacked."
        unpack_python kubernetes-validate 1.37.0 || echo "kubernetes-validate is not there and could not be installed."
        for script in "${scripts[@]}"; do
            case "$script" in
            *.sh) step "$script" 300 bash "$script" ;;
            *.py) step "$script" 300 python3 "$script" ;;
            esac
        done
    fi
fi
if wanted fuzz; then
    export -f fuzz_run
    export scratch logs
    step "swift build (fuzzer)" 900 env FUZZ=1 \
        swift build -c release --product weir-fuzz --scratch-path "$scratch/fuzz" &&
        step "fuzzing" $((${FUZZ_SECONDS:-30} + 90)) bash -c fuzz_run
fi
finish
