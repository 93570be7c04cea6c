#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Installs what a make word needs and this computer lacks: Debian packages by apt, Python packages into .venv.
# Usage: scripts/install-tools.sh build|test
set -euo pipefail
cd "$(dirname "$0")/.."

# "PACKAGE", or "COMMAND:PACKAGE" where the command may just as well come from somewhere else.
build_needs=(libevent-dev libssl-dev pkg-config:pkg-config git:git g++:g++)
test_needs=(
    shellcheck:shellcheck systemd-analyze:systemd valgrind:valgrind jq:jq curl:curl node:nodejs python3:python3
    ffmpeg:ffmpeg ab:apache2-utils
    cvlc:vlc-bin vlc-plugin-base
    gst-launch-1.0:gstreamer1.0-tools gstreamer1.0-plugins-base gstreamer1.0-plugins-good
    chromium:chromium fonts-dejavu-core
)

say() { printf '==> %s\n' "$*"; }
die() { printf 'install-tools: %s\n' "$*" >&2; exit 1; }

is_there() {
    case "$1" in
        *:*) command -v "${1%%:*}" >/dev/null ;;
        *) [ "$(dpkg-query --show --showformat='${db:Status-Status}' "$1" 2>/dev/null)" = installed ] ;;
    esac
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

apt_get() {
    local -a as_root=()
    if [ "$(id -u)" != 0 ]; then
        command -v sudo >/dev/null || die "not root, and there is no sudo. As root: apt-get install ${missing[*]}"
        as_root=(sudo)
    fi
    try_thrice "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get --quiet \
        --option Acquire::Retries=5 --option Acquire::http::Timeout=60 --option Dpkg::Use-Pty=0 "$@"
}

install_packages() {
    local need
    missing=()
    for need in "$@"; do
        is_there "$need" || missing+=("${need##*:}")
    done
    [ "${#missing[@]}" -gt 0 ] || return 0
    command -v apt-get >/dev/null || die "there is no apt-get here. Please install by hand: ${missing[*]}"
    say "installing by apt: ${missing[*]}"
    apt_get update || die "apt-get update failed"
    apt_get install --yes --no-install-recommends "${missing[@]}" || die "apt-get install failed: ${missing[*]}"
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
    test)
        check_swift
        install_packages "${build_needs[@]}" "${test_needs[@]}"
        check_node
        install_python_packages
        ;;
    *) die "usage: scripts/install-tools.sh build|test" ;;
esac
