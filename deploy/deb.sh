#!/usr/bin/env bash
# Builds the Debian package and prints its path:
#
#     bash deploy/deb.sh [FOLDER]       into FOLDER, else the current one
#
# WEIR_BINARY names a program to pack instead of building one; WEIR_REVISION is the package's, else 1.
set -euo pipefail
top=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
folder=$(realpath -m "${1:-.}")
weir=${WEIR_BINARY:-$(bash "$top/deploy/build.sh")}
version=$("$weir" --version | sed 's/^weir \([0-9.]*\).*/\1/')-${WEIR_REVISION:-1}
architecture=$(dpkg --print-architecture)
if ldd "$weir" | grep -q libswift; then
    echo "$weir needs Swift's libraries, which Debian does not have: build it with deploy/build.sh" >&2
    exit 1
fi

root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT
chmod 755 "$root"
source=$top/deploy/debian
install -D -s -m 755 "$weir" "$root/usr/bin/weir"
install -D -m 644 -t "$root/lib/systemd/system" "$source"/*.service
install -D -m 644 -t "$root/etc/weir" "$source"/{weir,coordinator,worker,ingest}.conf
install -D -m 644 "$source/sysctl.conf" "$root/usr/lib/sysctl.d/60-weir.conf"
install -D -m 644 -t "$root/usr/share/doc/weir" "$top/README.md"
install -D -m 755 -t "$root/DEBIAN" "$source"/{postinst,prerm,postrm}
(cd "$root" && find etc -type f -printf '/%p\n' | sort) >"$root/DEBIAN/conffiles"

# The packages that the program's libraries are in.
depends=$(ldd "$weir" | sed -n 's/.*=> \(\/[^ ]*\).*/\1/p' | while read -r library; do
    dpkg-query -S "$(readlink -f "$library")" "/usr$library" "$library" 2>/dev/null | cut -d: -f1 | sed -n 1p || true
done | sort -u)
glibc=$(dpkg-query -W -f '${Version}' libc6 | cut -d- -f1)
cat >"$root/DEBIAN/control" <<CONTROL
Package: weir
Version: $version
Architecture: $architecture
Maintainer: The Weir project <weir@localhost>
Section: net
Priority: optional
Depends: $(sed "s/^libc6$/libc6 (>= $glibc)/" <<<"$depends" | paste -sd, | sed 's/,/, /g'), adduser, init-system-helpers, procps
Installed-Size: $(du -sk "$root" | cut -f1)
Description: sFlow version 5 analytics
 Receives sFlow of switches, routers and hosts, keeps metrics and flows as live
 tables in memory and answers questions about the whole fabric over REST.
CONTROL
package=$folder/weir_${version}_$architecture.deb
mkdir -p "$folder"
dpkg-deb --root-owner-group --build "$root" "$package" >/dev/null
echo "$package"
