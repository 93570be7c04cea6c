#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Runs a command in another Debian: in a clone of what is committed here, with this computer's Swift toolchain, network, and
# settings for apt, git and pip. The Debian is kept in .build-debian/ for the next run. Everything that the command started
# ends with it. `make on SUITE=trixie DO=test` calls it.
# Usage: scripts/in-debian.sh SUITE COMMAND [ARGUMENT...]
set -euo pipefail
cd "$(dirname "$0")/.."

say() { printf '==> %s\n' "$*"; }
die() { printf 'in-debian: %s\n' "$*" >&2; exit 1; }
# shellcheck source=scripts/debian-root.sh
. scripts/debian-root.sh

[ "$#" -ge 2 ] || die "usage: scripts/in-debian.sh SUITE COMMAND [ARGUMENT...]"
suite=$1
shift
cache=.build-debian
root=$PWD/$cache/$suite
clone=/srv/evrelay
# Beside the smallest Debian: what a newcomer has who can type the README's commands, and what Swift's toolchain asks for.
included=make,git,ca-certificates,procps,iproute2
included+=,gcc,g++,libc6-dev,libedit2,libncurses6,libsqlite3-0,libxml2,curl,zlib1g-dev,tzdata

[ "$(id -u)" = 0 ] || die "another Debian takes root: sudo scripts/in-debian.sh"
swift=$(readlink -f "$(command -v swift)") || die "there is no swift on this computer"
toolchain=${swift%/usr/bin/*}
[ -n "$toolchain" ] || die "$swift is not in a folder of its own, which the other Debian could have"

if [ ! -e "$root/srv" ]; then
    rm -rf "$root"
    mkdir -p "$root.new"
    make_bare_root "$suite" "$included" "$cache" "$root.new"
    mv "$root.new" "$root"
    apt_in_root "$root" update
fi

if [ ! -e "$root$clone" ]; then git clone --quiet . "$root$clone"; fi
git -C "$root$clone" fetch --quiet "$PWD" HEAD
git -C "$root$clone" checkout --quiet --force --detach FETCH_HEAD
say "in Debian ($suite), at $(git -C "$root$clone" log -1 --format='%h %s'): $*"

# Folders that stand for addresses in git's settings, and the authorities that this computer trusts beside Debian's.
mapfile -t folders < <(
    git config --get-regexp '^url\..*\.insteadof$' | sed -nE 's|^url\.(/.*)\.insteadof .*|\1|p' | sort -u
    find /usr/local/share/ca-certificates -maxdepth 0 2>/dev/null)

# The first process of its own namespace: when it ends, so does everything else in there.
# shellcheck disable=SC2016  # The inner shell expands these.
exec unshare --mount --propagation private --pid --fork --kill-child bash -euc '
    root=$1 toolchain=$2 clone=$3
    shift 3
    mount --rbind "$root" "$root"
    for path in /etc/resolv.conf /etc/hosts /etc/gitconfig /etc/pip.conf /etc/apt/auth.conf; do
        [ ! -e "$path" ] || { touch "$root$path"; mount --bind "$path" "$root$path"; }
    done
    while [ "$1" != -- ]; do
        mkdir -p "$root$1"
        mount --bind --options ro "$1" "$root$1"
        shift
    done
    shift
    mount -t proc proc "$root/proc"
    mount --rbind /sys "$root/sys"
    mount --rbind /dev "$root/dev"
    mount -t tmpfs tmpfs "$root/run"
    apt-config dump | grep -E "^Acquire" >"$root/etc/apt/apt.conf.d/90here" || true
    chroot "$root" update-ca-certificates >/dev/null
    # Within chroot the kernel makes no namespaces of users, which some tests have.
    cd "$root"
    pivot_root . mnt
    umount --lazy mnt
    exec chroot . env --chdir="$clone" HOME=/root LC_ALL=C.UTF-8 \
        PATH="$toolchain/usr/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin" "$@"
' in-debian "$root" "$toolchain" "$clone" "$toolchain" "${folders[@]}" -- "$@" </dev/null
