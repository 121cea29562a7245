# Debian packages and build folders, in one place for deploy/run.sh, deploy/build.sh and Tests/run.sh, which source it.
# Nothing happens when everything is there already.

# What the program is built from and with. The Swift toolchain itself, 6.3 or later, is not in Debian: swift.org has it.
packages_build=(libmaxminddb-dev libnghttp2-dev zlib1g-dev pkg-config git)

# What the tests need beside that. nghttp2-client has nghttp and h2load; the package nghttp2 would start a proxy, too. tshark
# decodes IPFIX, chromium shows the pages.
packages_test=(curl jq python3 procps nghttp2-client openssl tshark chromium)

# Builds live outside the clone, so that a second clone compiles our own sources only and fetches nothing. Two runs in
# one folder wait for each other, and every way to build has its own folder below it.
weir_cache="${XDG_CACHE_HOME:-${HOME:-/tmp}/.cache}/weir"
scratch="${SWIFT_SCRATCH:-$weir_cache/build}"

# install_missing PACKAGE... : installs those that are not there. Fails with the command to type when it may not.
install_missing() {
    local package missing=()
    command -v dpkg-query >/dev/null || return 0
    for package in "$@"; do
        [ "$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null)" = installed ] || missing+=("$package")
    done
    [ ${#missing[@]} -eq 0 ] && return 0
    if [ "$(id -u)" -ne 0 ]; then
        echo "Debian packages are missing and only root can install them. Please run:" >&2
        echo "    sudo apt-get install ${missing[*]}" >&2
        return 1
    fi
    echo "Installing Debian packages: ${missing[*]}" >&2
    local log
    log=$(mktemp)
    # Another apt may be at work: wait for it.
    if ! {
        apt-get -qq -o DPkg::Lock::Timeout=120 update &&
            DEBIAN_FRONTEND=noninteractive apt-get -qq -o DPkg::Lock::Timeout=120 install -y \
                --no-install-recommends "${missing[@]}"
    } </dev/null >"$log" 2>&1; then
        cat "$log" >&2
        rm -f "$log"
        echo "Debian packages could not be installed: ${missing[*]}" >&2
        return 1
    fi
    rm -f "$log"
}

# unpack PROGRAM PACKAGE : puts one program of a package on the path. For packages that would start a server when they are
# installed: they are only unpacked, into the cache.
unpack() {
    local program=$1 package=$2 folder="$weir_cache/$1"
    command -v "$program" >/dev/null && return 0
    if [ ! -x "$folder/usr/bin/$program" ]; then
        rm -rf "$folder"
        mkdir -p "$folder"
        (cd "$folder" && apt-get -qq download "$package" >/dev/null && dpkg-deb -x "$package"_*.deb . && rm "$package"_*.deb) ||
            return 1
    fi
    PATH="$PATH:$folder/usr/bin"
}

# unpack_python PROGRAM VERSION : a program from PyPI in an environment of its own in the cache, where the tests find it.
unpack_python() {
    local program=$1 folder="$weir_cache/$1"
    command -v "$program" >/dev/null && return 0
    [ -x "$folder/bin/$program" ] && return 0
    rm -rf "$folder"
    python3 -m venv "$folder" && "$folder/bin/pip" install -q "$program==$2" || { rm -rf "$folder"; return 1; }
} >/dev/null 2>&1

# require_swift : a clear message instead of "command not found".
require_swift() {
    command -v swift >/dev/null && return 0
    echo "There is no swift on the path. Weir needs Swift 6.3 or later: https://www.swift.org/install/linux/" >&2
    return 1
}
