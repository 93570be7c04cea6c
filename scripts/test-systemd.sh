#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Boots a plain Debian 12 with systemd-nspawn, installs the package there and runs Tests/systemd against it.
# `make test-systemd` builds the package first. Runs as root, in namespaces of its own: no port, mount or process of this
# computer is touched, and all of them are gone when it ends. The bare Debian is kept in .build-systemd/ for the next run.
# Usage: scripts/test-systemd.sh [PYTEST-ARGUMENT...]
#   KEEP=1   leave the prepared Debian in .build-systemd/ to look at
set -euo pipefail
cd "$(dirname "$0")/.."

suite=bookworm
cache=.build-systemd
# What a server has beside the smallest Debian: something to boot with.
included=systemd-sysv,dbus
bare=$cache/$suite-$(md5sum <<<"$included" | cut -c 1-8).tar

say() { printf '==> %s\n' "$*"; }
die() { printf 'test-systemd: %s\n' "$*" >&2; exit 1; }

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

# This computer's own mirrors, as "SITE SUITE" lines with the suite's name replaced.
mirrors() {
    local own
    own=$(sed -n 's/^VERSION_CODENAME=//p' /etc/os-release)
    # shellcheck disable=SC2016  # apt expands these.
    apt-get indextargets --format '$(SITE) $(RELEASE) $(COMPONENT)' \
        'Created-By: Packages' 'Origin: Debian' |
        awk -v own="$own" -v suite="$suite" '$3 == "main" && index($2, own) == 1 {
            sub(own, suite, $2); print $1, $2 }' | sort -u
}

# Runs a command in the root with this computer's network, name resolution, proxies and credentials for apt; the mounts
# end with it.
in_root() {
    # shellcheck disable=SC2016  # The inner shell expands these.
    unshare --mount --propagation private bash -euc '
        root=$1
        shift
        for file in /etc/resolv.conf /etc/hosts; do
            [ -e "$file" ] && touch "$root$file" && mount --bind "$file" "$root$file"
        done
        mount -t proc proc "$root/proc"
        mount -t tmpfs tmpfs "$root/tmp"
        apt-config dump | grep -E "^(Acquire|Dir::Etc::netrc)" >"$root/tmp/apt.conf" || true
        for path in /etc/apt/auth.conf /etc/apt/auth.conf.d; do
            [ ! -e "$path" ] || [ ! -e "$root$path" ] || mount --bind "$path" "$root$path"
        done
        exec chroot "$root" env APT_CONFIG=/tmp/apt.conf DEBIAN_FRONTEND=noninteractive LC_ALL=C "$@"
    ' in_root "$root" "$@" </dev/null
}

apt_in_root() {
    local pause
    for pause in 5 20 0; do
        if in_root apt-get --quiet --quiet --option Acquire::Retries=5 --option Dpkg::Use-Pty=0 "$@"; then return 0; fi
        [ "$pause" = 0 ] || say "that failed; once more in $pause s: apt-get $*"
        sleep "$pause"
    done
    return 1
}

make_bare_root() {
    local lines site
    lines=$(mirrors)
    site=$(awk -v suite="$suite" '$2 == suite { print $1; exit }' <<<"$lines")
    [ -n "$site" ] || die "apt on this computer knows no mirror of Debian; apt-get update first"
    say "making a bare Debian ($suite)"
    local proxy
    proxy=$(apt-config shell proxy Acquire::http::Proxy | sed "s/^proxy='\(.*\)'$/\1/")
    env ${proxy:+"http_proxy=$proxy"} debootstrap --variant=minbase --include="$included" "$suite" "$root" "$site" >"$cache/debootstrap.log" 2>&1 ||
        { tail -n 20 "$cache/debootstrap.log" >&2; die "debootstrap failed"; }
    awk '{ print "deb", $1, $2, "main" }' <<<"$lines" >"$root/etc/apt/sources.list"
    tar --create --file "$bare.new" --directory "$root" --numeric-owner --xattrs --acls .
    mv "$bare.new" "$bare"
}

version=$(dpkg-parsechangelog --file packaging/debian/changelog --show-field Version)
package=.build-deb/evrelay_${version}_$(dpkg --print-architecture).deb
[ -e "$package" ] || die "there is no $package; make deb first"
say "the same package with a higher version, to upgrade to"
next_package=$(scripts/build-deb.sh "$version+next" | tail -n 1)

if [ -e "$bare" ]; then
    tar --extract --file "$bare" --directory "$root" --numeric-owner --xattrs --acls
else
    make_bare_root
fi
chmod 755 "$root"
cp "$package" "$root/root/evrelay.deb"
mv "$next_package" "$root/root/evrelay-next.deb"
rm -f ".build-deb/evrelay_$version+next"*
say "fetching what the package depends on"
apt_in_root update
# Fetched and not installed: the installation is what the tests look at, and it happens without a network.
apt_in_root install --yes --no-install-recommends --download-only /root/evrelay.deb

say "pytest Tests/systemd"
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
