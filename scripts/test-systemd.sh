#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Boots a plain Debian with systemd-nspawn, installs the package there and runs Tests/systemd against it.
# `make test-systemd` builds the package first. Runs as root, in namespaces of its own: no port, mount or process of this
# computer is touched, and all of them are gone when it ends. The bare Debian is kept in .build-systemd/ for the next run.
# Usage: scripts/test-systemd.sh [PYTEST-ARGUMENT...]
#   SUITE=trixie   the Debian to boot; bookworm without it
#   KEEP=1         leave the prepared Debian in .build-systemd/ to look at
set -euo pipefail
cd "$(dirname "$0")/.."

suite=${SUITE:-bookworm}
cache=.build-systemd
# What a server has beside the smallest Debian: something to boot with.
included=systemd-sysv,dbus

say() { printf '==> %s\n' "$*"; }
die() { printf 'test-systemd: %s\n' "$*" >&2; exit 1; }
# shellcheck source=scripts/debian-root.sh
. scripts/debian-root.sh

[ "$(id -u)" = 0 ] || die "booting a system takes root: sudo make test-systemd"
mkdir -p "$cache"
work=$(mktemp -d "$PWD/$cache/run.XXXXXX")
# apt fetches as a user of its own.
chmod 755 "$work"
root=$work/tree
mkdir "$root"
tests=

# The control groups that systemd-nspawn makes beside this script's own and leaves behind.
# shellcheck disable=SC2317  # The trap calls it.
cgroups() {
    local number controllers path top
    while IFS=: read -r number controllers path; do
        case "$number:$controllers" in
            *:name=systemd) top=/sys/fs/cgroup/systemd ;;
            0:) top=/sys/fs/cgroup; [ ! -d "$top/unified" ] || top=$top/unified ;;
            *) continue ;;
        esac
        printf '%s\n' "$top${path%/}/payload" "$top${path%/}/supervisor"
    done </proc/self/cgroup
}

# Their processes may still be ending.
# shellcheck disable=SC2317  # The trap calls it.
remove_cgroups() {
    local -a groups
    local _
    mapfile -t groups < <(cgroups)
    for _ in {1..50}; do
        find "${groups[@]}" -depth -type d -exec rmdir {} + 2>/dev/null || true
        [ -n "$(find "${groups[@]}" -maxdepth 0 2>/dev/null)" ] || return 0
        sleep 0.1
    done
    say "left behind: ${groups[*]}"
}

# shellcheck disable=SC2317  # The trap calls it.
clean_up() {
    # unshare heeds no gentler signal; everything that it started dies with it.
    if [ -n "$tests" ] && kill -KILL "$tests" 2>/dev/null; then
        wait "$tests" 2>/dev/null || true
    fi
    remove_cgroups
    if [ "${KEEP:-}" = 1 ]; then
        say "kept: $work"
    else
        rm -rf "$work"
    fi
}
trap clean_up EXIT

version=$(dpkg-parsechangelog --file packaging/debian/changelog --show-field Version)
package=.build-deb/evrelay_${version}_$(dpkg --print-architecture).deb
[ -e "$package" ] || die "there is no $package; make deb first"
say "the same package with a higher version, to upgrade to"
next_package=$(scripts/build-deb.sh "$version+next" | tail -n 1)

make_bare_root "$suite" "$included" "$cache" "$root"
cp "$package" "$root/root/evrelay.deb"
mv "$next_package" "$root/root/evrelay-next.deb"
rm -f ".build-deb/evrelay_$version+next"*
say "fetching what the package depends on"
apt_in_root "$root" update
# Fetched and not installed: the installation is what the tests look at, and it happens without a network.
apt_in_root "$root" install --yes --no-install-recommends --download-only /root/evrelay.deb

say "pytest Tests/systemd in Debian ($suite)"
# The booted system has no network but a loopback interface of its own, so no port of this computer is taken, and its
# manager's notes in /run are not this computer's. When the tests' first process ends, however that happens, so does
# everything they started.
unshare --net --mount --propagation private --pid --fork --kill-child --mount-proc \
    bash -euc 'ip link set lo up; mount -t tmpfs tmpfs /run; exec "$@"' tests \
    .venv/bin/python -m pytest Tests/systemd --root-tree "$root" "$@" </dev/null &
tests=$!
status=0
wait "$tests" || status=$?
tests=
exit "$status"
