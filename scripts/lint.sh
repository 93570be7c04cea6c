#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Checks what no compiler checks: format, scripts, the fence around unsafe code, sizes, and whether the documents are
# whole.
# Every check prints the offending lines; the exit status is 1 if there was one.
set -euo pipefail
cd "$(dirname "$0")/.."

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
failures=0

say() { printf '==> lint: %s\n' "$*"; }
fail() {
    printf 'lint: %s\n' "$*" >&2
    failures=$((failures + 1))
}

# files PATTERN FOLDER...: the files of these folders whose name matches.
files() {
    local pattern=$1
    shift
    find "$@" -type f -name "$pattern" -not -path '*/.*' -not -path '*/__pycache__/*' | sort
}

# forbid RULE REGEX FILE...: no file may have a line with REGEX outside a line comment.
forbid() {
    local rule=$1 regex=$2 found
    shift 2
    [ "$#" -gt 0 ] || return 0
    found=$(awk -v regex="$regex" '{ code = $0 }
        FILENAME ~ /\.py$/ { sub(/#.*/, "", code) }
        FILENAME !~ /\.py$/ { sub(/\/\/.*/, "", code) }
        code ~ regex { print "  " FILENAME ":" FNR ": " $0 }' "$@")
    [ -z "$found" ] || fail "$rule"$'\n'"$found"
}

# no_longer_than LINES FILE...
no_longer_than() {
    local ceiling=$1 found
    shift
    [ "$#" -gt 0 ] || return 0
    found=$(awk -v ceiling="$ceiling" 'FNR == ceiling + 1 { print "  " FILENAME }' "$@")
    [ -z "$found" ] || fail "more than $ceiling lines, so perhaps two jobs in one file:"$'\n'"$found"
}

mapfile -t swift_files < <(files '*.swift' Sources Tests Plugins; echo Package.swift)
mapfile -t fenced_files < <(files '*.swift' Sources | grep -Ev '^Sources/(System|Crypto|LibEvent)/')
mapfile -t server_files < <(files '*.swift' Sources | grep -Ev '^Sources/(RelayLoad|WebBundler)/')
mapfile -t frame_files < <(printf '%s\n' "${server_files[@]}"; files '*.swift' Sources/RelayLoad)
mapfile -t product_files < <(files '*.swift' Sources Plugins; files '*.js' web)
mapfile -t c_files < <(files '*.[ch]' Sources)
mapfile -t test_files < <(files '*.swift' Tests; files '*.js' Tests; files '*.py' Tests)
mapfile -t script_files < <(files '*.sh' scripts Tests; echo .ci/run)

say "swift format (${#swift_files[@]} files)"
swift format lint --strict --parallel "${swift_files[@]}" || fail "swift format lint found the lines above"

say "shellcheck (${#script_files[@]} files)"
shellcheck "${script_files[@]}" || fail "shellcheck found the lines above"

say "systemd units"
# systemd-analyze wants the program to be there; /bin/true stands in for it. The manual page is not installed here.
mkdir "$scratch/units"
for unit in systemd/*; do
    sed 's|^ExecStart=[^ ]*|ExecStart=/bin/true|' "$unit" >"$scratch/units/${unit##*/}"
done
seen=$(systemd-analyze verify --man=no "$scratch"/units/* 2>&1) || true
seen=$(grep -F evrelay. <<<"$seen" || true)
[ -z "$seen" ] || fail "systemd-analyze verify:"$'\n'"$seen"
score=$(systemd-analyze security --offline=yes --threshold=15 --no-pager "$scratch/units/evrelay.service" 2>&1) ||
    fail "the sandbox scores above 1.5:"$'\n'"$(tail -n 1 <<<"$score")"

say "fences"
word='(^|[^A-Za-z0-9_])'
end='([^A-Za-z0-9_]|$)'
forbid "only System, Crypto and LibEvent may use unsafe constructs:" \
    "${word}(unsafe|Unmanaged|OpaquePointer)${end}|@unchecked Sendable" "${fenced_files[@]}"
forbid "only System, Crypto and LibEvent may import C:" "import C(System|OpenSSL|LibEvent|QREncode)${end}" \
    "${fenced_files[@]}"
forbid "the server has no full Foundation (57 MB instead of 8):" "import Foundation${end}" "${frame_files[@]}"
forbid "libevent is the only scheduler here:" \
    "${word}(async|await|actor|DispatchQueue|TaskGroup)${end}|${word}Task[ .{(<]|import Dispatch" "${server_files[@]}"
forbid "force unwraps, try! and the like end the process:" "try!|as!|fatalError\(" "${product_files[@]}"
forbid "a reference may not dangle: hold it, look it up, or hand it in with the call:" \
    "${word}unowned${end}" "${server_files[@]}"
forbid "evhttp ends the process when one of its checks fails (docs/design/connections.md, \"Why not evhttp\"):" \
    "evhttp_|event2/http" "${server_files[@]}" Sources/C*/shim.h
mapfile -t scenario_files < <(printf '%s\n' "${test_files[@]}" | grep -v '^Tests/TestSupport/Waiting\.swift$')
forbid "wait for an event, or poll with a bound (Waiting.swift does; in Python a poll's pause is under 0.1 s):" \
    "Thread\.sleep|usleep\(|Task\.sleep|time\.sleep\(([1-9a-z]|0\.[1-9])" "${scenario_files[@]}"
forbid "a test is never skipped: what is missing gets installed:" \
    "\.disabled\(|XCTSkip|pytest\.(mark\.)?(skip|xfail)|test\.skip" "${test_files[@]}"

say "rooms"
found=$(python3 scripts/rooms.py) || fail "the rooms of Sources are not as Sources/rooms.txt says:"$'\n'"$found"

say "sizes and licence lines"
no_longer_than 250 "${product_files[@]}"
no_longer_than 300 "${test_files[@]}"
for file in "${swift_files[@]}" "${product_files[@]}" "${c_files[@]}" "${test_files[@]}" "${script_files[@]}"; do
    head -n 3 "$file" | grep -q 'SPDX-License-Identifier: MIT' || fail "no SPDX line in the first three lines of $file"
done

say "documents"
routes=$(grep -hoE '\.(words|named|camera)\("[a-z]+' Sources/EvRelay/*/*.swift | sed 's|.*"|/|' | sort -u)
[ -n "$routes" ] || fail "no feature in Sources/EvRelay has a route"
for route in $routes; do
    grep -q -- "$route" docs/protocol.md || fail "docs/protocol.md does not describe $route"
    grep -q "^  $route" docs/openapi.yaml || fail "docs/openapi.yaml does not describe $route"
done
mapfile -t described < <(sed -nE 's|^  (/[a-z]+).*|\1|p' docs/openapi.yaml | sort -u)
for route in "${described[@]}"; do
    grep -q -- "$route" docs/protocol.md || fail "docs/protocol.md lacks $route, which docs/openapi.yaml has"
done
[ "$(wc -l <README.md)" -le 120 ] || fail "README.md has more than 120 lines"
[ "$(grep -c '^## ' README.md)" = "$(grep -c '^## ' README.ru.md)" ] ||
    fail "README.ru.md has other sections than README.md"

if [ "$failures" -gt 0 ]; then
    printf 'lint: %d checks failed\n' "$failures" >&2
    exit 1
fi
say "nothing found"
