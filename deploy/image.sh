#!/usr/bin/env bash
# Builds the container image without a registry, by podman, buildah or docker, whichever is there:
#
#     bash deploy/image.sh                        weir:VERSION in the tool's own store
#     bash deploy/image.sh --output weir.tar      and in a file, for `podman load`, `docker load`, `ctr images import`
#
# WEIR_BINARY names a program to pack instead of building one.
set -euo pipefail
top=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
output=
case "${1:-} $#" in
' 0') ;;
'--output 2') output=$(realpath -m "$2") ;;
*)
    sed -n '2,7s/^# \{0,1\}//p' "${BASH_SOURCE[0]}"
    exit 2
    ;;
esac
weir=${WEIR_BINARY:-$(bash "$top/deploy/build.sh")}
for tool in podman buildah docker none; do
    command -v "$tool" >/dev/null && break
done
if [ "$tool" = none ]; then
    echo "There is no podman, buildah or docker. On Debian: apt-get install buildah" >&2
    exit 1
fi

context=$(mktemp -d)
trap 'rm -rf "$context"' EXIT
root=$context/root
mkdir -p "$root"/{usr/bin,etc,tmp} "$context/own/data"
install -s -m 755 "$weir" "$root/usr/bin/weir"
# Libraries and the loader go where the loader looks for them. glibc is among them rather than linked in: linked in, it could
# not look up names.
ldd "$weir" | grep -o '/[^ ]*' | while read -r library; do
    case "$library" in
    /lib64/*) target=$library ;;
    *) target=/usr/lib/weir/${library##*/} ;;
    esac
    install -D -m 755 "$(readlink -f "$library")" "$root$target"
done
printf '/usr/lib/weir\n' >"$root/etc/ld.so.conf"
ldconfig -r "$root"
printf 'hosts: files dns\n' >"$root/etc/nsswitch.conf"
printf 'weir:x:6343:6343:Weir:/:/usr/bin/weir\n' >"$root/etc/passwd"
printf 'weir:x:6343:\n' >"$root/etc/group"
chmod 1777 "$root/tmp"

# The name that `weir:VERSION` is short for to containerd, and so in a pod's specification; podman would write localhost/.
name=docker.io/library/weir:$("$weir" --version | sed 's/^weir \([0-9.]*\).*/\1/')
cp "$top/deploy/Containerfile" "$context/"
case "$tool" in
buildah) buildah build --isolation chroot --format docker -q -t "$name" -f "$context/Containerfile" "$context" >/dev/null ;;
podman) podman build --isolation chroot --format docker -q -t "$name" -f "$context/Containerfile" "$context" >/dev/null ;;
docker) docker build -q -t "$name" -f "$context/Containerfile" "$context" >/dev/null ;;
esac
if [ -n "$output" ]; then
    rm -f "$output"
    case "$tool" in
    buildah) buildah push -q "$name" "docker-archive:$output:$name" ;;
    podman) podman save -q --format docker-archive -o "$output" "$name" ;;
    docker) docker save -o "$output" "$name" ;;
    esac
fi
echo "${name##*/} by $tool, $(du -sm "$root" | cut -f1) MB${output:+, in $output}"
