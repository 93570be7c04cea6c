#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Builds the Debian package from the release binary into .build-deb/, and prints its path as the last line.
# Usage: scripts/build-deb.sh [VERSION]   VERSION makes the same package under another version, to test upgrades.
set -euo pipefail
cd "$(dirname "$0")/.."

version=${1:-}
# dpkg wants a folder debian/ where it runs, and puts its results into the folder above.
stage=.build-deb/stage
rm -rf "$stage"
# One package lies there, so that a pattern names it.
[ -n "$version" ] || rm -f .build-deb/evrelay_*
mkdir -p "$stage"
cp -R packaging/debian "$stage/debian"
if [ -n "$version" ]; then
    {
        printf 'evrelay (%s) unstable; urgency=medium\n\n  * The same under another version.\n\n' "$version"
        sed -n '/^ -- /{p;q}' packaging/debian/changelog
        echo
        cat packaging/debian/changelog
    } >"$stage/debian/changelog"
fi

cd "$stage"
package=evrelay_$(dpkg-parsechangelog --show-field Version)_$(dpkg --print-architecture).deb
echo "==> building $package"
if ! dpkg-buildpackage --build=binary --no-sign >../build.log 2>&1; then
    cat ../build.log >&2
    exit 1
fi
cd ../..
rm -rf "$stage"
# For reports of crashes; the installed program is stripped.
symbols=.build-deb/${package%.deb}.debug
objcopy --only-keep-debug --compress-debug-sections .build/release/evrelay "$symbols"
chmod 644 "$symbols"
echo "==> its symbols, for scripts/symbolize.sh: $symbols"
echo "==> to install it: apt install ./.build-deb/$package"
echo ".build-deb/$package"
