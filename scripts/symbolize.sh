#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Makes functions and lines of a crash report: the lines that begin with "crash" in the log.
# Usage: scripts/symbolize.sh [BINARY] <LOG   BINARY is the unstripped build, or the package's .debug file; default
# .build/release/evrelay. Its build id must be the report's.
set -euo pipefail
cd "$(dirname "$0")/.."

binary=${1:-.build/release/evrelay}
die() { printf 'symbolize: %s\n' "$*" >&2; exit 1; }
[ -r "$binary" ] || die "there is no $binary; make build, or name the unstripped binary or the .debug file"
command -v addr2line >/dev/null || die "addr2line is missing: apt install binutils"

# demangled: standard input with Swift's names as they are written, where the toolchain is at hand.
demangled() {
    if command -v swift-demangle >/dev/null; then swift-demangle --compact; else cat; fi
}

own=$(readelf --notes "$binary" 2>/dev/null | sed -nE 's/^ *Build ID: ([0-9a-f]+)$/\1/p' | head -n 1)
found=no
while IFS= read -r line; do
    case $line in
    *"crash signal="*)
        found=yes
        printf '%s\n' "crash signal=${line#*crash signal=}"
        build=$(sed -nE 's/.* build=([0-9a-f]*).*/\1/p' <<<"$line")
        [ "$build" = "$own" ] || die "the report is of build '$build', and $binary is build '$own'"
        ;;
    *"crash at evrelay+0x"*)
        # Return addresses lie after the call that they belong to.
        address=$((16#$(sed -E 's/.*crash at evrelay\+0x([0-9a-f]+).*/\1/' <<<"$line") - 1))
        addr2line --functions --inlines --pretty-print --exe="$binary" "$(printf '0x%x' "$address")" |
            sed 's/^/  /' | demangled
        ;;
    *"crash at library "*) printf '  %s\n' "${line#*crash at }" ;;
    esac
done
[ "$found" = yes ] || die "standard input has no line with 'crash signal='"
