#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Installs what a make word needs and this computer lacks: Debian packages by apt, Python packages into .venv.
# Usage: scripts/install-tools.sh build|deb|image|test|systemd|containers
set -euo pipefail
cd "$(dirname "$0")/.."
# Where Debian keeps nginx and debootstrap; not every user has it in the path.
PATH=$PATH:/usr/sbin:/sbin

# "PACKAGE", or "COMMAND:PACKAGE" where the command may just as well come from somewhere else. "PACKAGE|PACKAGE" has another
# name in each Debian.
build_needs=(libevent-dev libqrencode-dev libssl-dev pkg-config:pkg-config git:git g++:g++)
deb_needs=(build-essential dpkg-buildpackage:dpkg-dev dh:debhelper strip:binutils)
image_needs=(mmdebstrap:mmdebstrap umoci:umoci skopeo:skopeo jq:jq)
test_needs=(
    shellcheck:shellcheck systemd-analyze:systemd valgrind:valgrind jq:jq curl:curl node:nodejs python3:python3
    openssl:openssl testssl:testssl.sh
    ffmpeg:ffmpeg ab:apache2-utils
    cvlc:vlc-bin vlc-plugin-base
    gst-launch-1.0:gstreamer1.0-tools gstreamer1.0-plugins-base gstreamer1.0-plugins-good gstreamer1.0-plugins-bad
    glib-networking "libsoup2.4-1|libsoup-2.4-1"
    javac:default-jdk-headless wget:wget mplayer:mplayer feh:feh xvfb-run:xvfb xauth:xauth
    chromium:chromium fonts-dejavu-core
    nginx:nginx-light caddy:caddy prometheus:prometheus promtool:prometheus
    lintian:lintian man:man-db readelf:binutils
)
# Those of them that would be services of this computer, by package and unit.
services=(nginx-light:nginx caddy:caddy prometheus:prometheus)
systemd_needs=(debootstrap:debootstrap systemd-nspawn:systemd-container ip:iproute2)
container_needs=(crun:crun ip:iproute2)

trap allow_services EXIT

say() { printf '==> %s\n' "$*"; }
die() { printf 'install-tools: %s\n' "$*" >&2; exit 1; }

is_there() {
    local package
    case "$1" in
        *:*) command -v "${1%%:*}" >/dev/null ;;
        *\|*) for package in ${1//|/ }; do ! is_there "$package" || return 0; done; return 1 ;;
        *) [ "$(dpkg-query --show --showformat='${db:Status-Status}' "$1" 2>/dev/null)" = installed ] ;;
    esac
}

# known_package NAMES: the one of "PACKAGE|PACKAGE" that apt can install; the last one if it knows none.
known_package() {
    local package
    for package in ${1//|/ }; do
        if [ -n "$(apt-cache search --names-only "^${package//./\\.}\$")" ]; then break; fi
    done
    printf '%s\n' "$package"
}

# Debian's mirrors and the Python index now and then fail for a minute: three tries, with longer and longer pauses.
try_thrice() {
    local pause
    for pause in 5 20 0; do
        if "$@"; then return 0; fi
        if [ "$pause" != 0 ]; then
            say "that failed; once more in $pause s: $*"
            sleep "$pause"
        fi
    done
    return 1
}

as_root() {
    if [ "$(id -u)" = 0 ]; then
        "$@"
    else
        command -v sudo >/dev/null || die "not root, and there is no sudo. As root: apt-get install ${missing[*]}"
        sudo "$@"
    fi
}

apt_get() {
    try_thrice as_root env DEBIAN_FRONTEND=noninteractive apt-get --quiet \
        --option Acquire::Retries=5 --option Acquire::http::Timeout=60 --option Dpkg::Use-Pty=0 "$@"
}

# The tests start nginx, Caddy and Prometheus themselves, each with settings of its own. Their packages would start them as
# services of this computer too, now and at each boot, on ports that somebody may need. A policy forbids the one, and
# "disable" the other for those that were not here before.
policy=/usr/sbin/policy-rc.d

forbid_services() {
    [ ! -e "$policy" ] || return 0
    policy_is_ours=1
    printf '#!/bin/sh\nexit 101\n' | as_root tee "$policy" >/dev/null
    as_root chmod 755 "$policy"
}

allow_services() {
    [ "${policy_is_ours:-}" = 1 ] || return 0
    as_root rm -f "$policy"
    policy_is_ours=
}

disable_new_services() {
    local service
    command -v systemctl >/dev/null || return 0
    for service in "${services[@]}"; do
        if [[ " ${missing[*]} " == *" ${service%%:*} "* ]]; then
            as_root systemctl --quiet disable "${service##*:}" || say "could not disable ${service##*:}; is it wanted?"
        fi
    done
}

install_packages() {
    local need
    missing=()
    for need in "$@"; do
        is_there "$need" || missing+=("${need##*:}")
    done
    [ "${#missing[@]}" -gt 0 ] || return 0
    command -v apt-get >/dev/null || die "there is no apt-get here. Please install by hand: ${missing[*]}"
    apt_get update || die "apt-get update failed"
    for need in "${!missing[@]}"; do missing[need]=$(known_package "${missing[need]}"); done
    say "installing by apt: ${missing[*]}"
    forbid_services
    apt_get install --yes --no-install-recommends "${missing[@]}" || die "apt-get install failed: ${missing[*]}"
    allow_services
    disable_new_services
    for need in "$@"; do
        is_there "$need" || die "still missing after the installation: $need"
    done
}

check_swift() {
    local where=https://www.swift.org/install/linux/
    command -v swift >/dev/null || die "there is no swift. Swift 6.3 or newer for your system: $where"
    local version
    version=$(swift --version 2>/dev/null | sed -nE 's/.*Swift version ([0-9]+)\.([0-9]+).*/\1 \2/p' | head -n 1)
    local major minor
    read -r major minor <<<"${version:-0 0}"
    if [ "$major" -lt 6 ] || { [ "$major" -eq 6 ] && [ "$minor" -lt 3 ]; }; then
        die "Swift $major.$minor is too old; 6.3 or newer: $where"
    fi
}

check_node() {
    local major
    major=$(node --version | sed -nE 's/^v([0-9]+)\..*/\1/p')
    [ "${major:-0}" -ge 18 ] || die "node $(node --version) is too old; its test runner needs 18 or newer"
}

install_python_packages() {
    local stamp=.venv/installed-requirements.txt wanted file
    local -a requirements=()
    for file in Tests/*/requirements.txt; do requirements+=(--requirement "$file"); done
    wanted=$(cat Tests/*/requirements.txt)
    if [ "$wanted" = "$(cat "$stamp" 2>/dev/null)" ]; then return 0; fi
    # Debian keeps venv's parts in a package of their own.
    python3 -c 'import ensurepip, venv' 2>/dev/null || install_packages python3-venv
    say "installing into .venv: $(grep -vE '^(#|$)' <<<"$wanted" | tr '\n' ' ')"
    python3 -m venv --clear .venv
    try_thrice .venv/bin/python -m pip install --quiet --disable-pip-version-check --retries 5 --timeout 60 \
        "${requirements[@]}" || die "pip could not install what Tests/*/requirements.txt name"
    printf '%s\n' "$wanted" >"$stamp"
}

case "${1:-}" in
    build)
        check_swift
        install_packages "${build_needs[@]}"
        ;;
    deb)
        check_swift
        install_packages "${build_needs[@]}" "${deb_needs[@]}"
        ;;
    image)
        check_swift
        install_packages "${build_needs[@]}" "${deb_needs[@]}" "${image_needs[@]}"
        ;;
    test)
        check_swift
        install_packages "${build_needs[@]}" "${deb_needs[@]}" "${test_needs[@]}"
        check_node
        install_python_packages
        ;;
    systemd)
        install_packages "${systemd_needs[@]}"
        ;;
    containers)
        install_packages "${container_needs[@]}"
        ;;
    *) die "usage: scripts/install-tools.sh build|deb|image|test|systemd|containers" ;;
esac
