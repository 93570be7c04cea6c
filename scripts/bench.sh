#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# Measures the relay beside two bare C programs, in alternating rounds of the same load on this machine, and prints a
# table of ratios. Exit status 1: a target was missed; 2: a measurement could not be made.
#
#   scripts/bench.sh [fanout|single|stalled|memory|flat|crowd|uploads|tls|handshakes]...     all of them if none is named
#
#   ROUNDS=3         rounds of each comparison; the table shows medians
#   SECONDS_EACH=15  measured seconds of each fan-out
#   SCRATCH=.build   folder of the build
#   RELAY_FLAGS=     further flags of the relay, e.g. '--threads 1'
#   BIN=DIR          programs that are built already: evrelay relayload WriteFloor UploadFloor; nothing is built then
set -euo pipefail
cd "$(dirname "$0")/.."

rounds=${ROUNDS:-3}
seconds=${SECONDS_EACH:-15}
scratch=${SCRATCH:-.build}
bin=${BIN:-$scratch/release}
read -ra relay_flags <<<"${RELAY_FLAGS:-}"
work=$(mktemp -d)
server_pid=
missed=0

# Only what was started here is ended, by its own number.
stop_server() {
    [[ -n $server_pid ]] || return 0
    kill -TERM "$server_pid" 2>/dev/null || true
    for _ in {1..100}; do
        kill -0 "$server_pid" 2>/dev/null || break
        sleep 0.1
    done
    kill -KILL "$server_pid" 2>/dev/null || true
    wait "$server_pid" 2>/dev/null || true
    server_pid=
}
cleanup() {
    stop_server
    rm -rf "$work"
}
trap cleanup EXIT

fail() {
    printf 'bench: %s\n' "$*" >&2
    exit 2
}

# start relay|tls|floor|upload-floor: sets server_pid and url. tls is the relay, too, reached by https.
start() {
    local -a command
    local scheme=http
    case $1 in
        relay | tls) command=("$bin/evrelay" --listen 127.0.0.1:0 --open-publishing --log-level notice
            --max-connections 20000 --max-connections-per-address 20000
            --max-viewers 20000 --max-viewers-per-camera 20000 "${relay_flags[@]}") ;;&
        tls)
            scheme=https
            make_pair
            command+=(--tls-listen 127.0.0.1:0 --tls-certificate "$work/pair.pem" --tls-key "$work/pair.key")
            ;;
        floor) command=("$bin/WriteFloor") ;;
        upload-floor) command=("$bin/UploadFloor") ;;
    esac
    : >"$work/server.log"
    "${command[@]}" 2>"$work/server.log" &
    server_pid=$!
    url=
    for _ in {1..100}; do
        url=$(sed -n "s/.*url=\\($scheme:[^ ]*\\).*/\\1/p;T;q" "$work/server.log")
        [[ -z $url ]] || return 0
        kill -0 "$server_pid" 2>/dev/null || break
        sleep 0.1
    done
    cat "$work/server.log" >&2
    fail "$1 did not say where it listens"
}

# The pair of the connections with TLS: EC P-256, as most sites have.
make_pair() {
    [[ ! -e $work/pair.pem ]] || return 0
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=localhost \
        -addext subjectAltName=DNS:localhost,IP:127.0.0.1 -keyout "$work/pair.key" -out "$work/pair.pem" 2>/dev/null ||
        fail "openssl made no certificate"
    chmod 600 "$work/pair.key"
}

# load RESULTS relayload-arguments: one more line of RESULTS; frames that were lost or torn are in it.
load() {
    local results=$work/$1
    shift
    printf '%s\n' "  relayload $*" >&2
    "$bin/relayload" "$@" --url "$url" --pid "$server_pid" >"$work/line" 2>"$work/load.log" || true
    if [[ ! -s $work/line ]]; then
        cat "$work/load.log" "$work/server.log" >&2
        fail "relayload $* gave no result"
    fi
    cat "$work/line" >>"$results"
}

# values RESULTS KEY...: the sum of the keys, one number a line. A result without one of them ends the script, since
# everything that calls this is an assignment of its own and not an argument.
values() {
    local results=$work/$1
    shift
    awk -v keys="$*" '
        BEGIN { count = split(keys, names, " ") }
        {
            sum = 0
            for (i = 1; i <= count; i++) {
                if (!match($0, "\"" names[i] "\":-?[0-9.]+")) exit 1
                text = substr($0, RSTART, RLENGTH)
                sub(/.*:/, "", text)
                sum += text
            }
            print sum
        }' "$results" || fail "no $* in $(cat "$results")"
}
median() {
    values "$@" | sort -g | awk '
        { v[NR] = $1 }
        END { print NR % 2 ? v[(NR + 1) / 2] : (v[NR / 2] + v[NR / 2 + 1]) / 2 }'
}
total() { values "$@" | awk '{ sum += $1 } END { print sum + 0 }'; }
most() { values "$@" | sort -g | tail -n 1; }

row() { printf '| %s | %s | %s | %s | %s | %s |\n' "$@" >>"$work/table"; }
verdict() {
    if awk -v value="$1" -v limit="$2" 'BEGIN { exit !(value <= limit) }'; then
        echo yes
    else
        echo no >>"$work/missed"
        echo '**no**'
    fi
}
# compare WHAT RELAY FLOOR LIMIT: the ratio must be at most LIMIT; without LIMIT it is only shown.
compare() {
    local ratio
    ratio=$(awk -v relay="$2" -v floor="$3" 'BEGIN { if (floor > 0) printf "%.2f", relay / floor; else print "-" }')
    if [[ -n ${4:-} ]]; then
        row "$1" "$2" "$3" "$ratio" "at most $4 times" "$(verdict "$ratio" "$4")"
    else
        row "$1" "$2" "$3" "$ratio" - -
    fi
}
# at_most WHAT RELAY FLOOR LIMIT: the relay's number itself must be at most LIMIT.
at_most() { row "$1" "$2" "${3:--}" - "at most $4" "$(verdict "$2" "$4")"; }

# alternate NAME relayload-arguments: rounds of floor and relay in turn, a fresh server each time.
alternate() { take_turns floor relay "$@"; }
# take_turns SERVER SERVER NAME relayload-arguments
take_turns() {
    local first=$1 second=$2 name=$3 round who
    shift 3
    for ((round = 1; round <= rounds; round++)); do
        for who in "$first" "$second"; do
            printf '%s: round %d of %d, %s\n' "$name" "$round" "$rounds" "$who" >&2
            start "$who"
            load "$name.$who" "$@"
            stop_server
        done
    done
}
faults() { total "$1" lost torn mixed unknown out_of_order ended_healthy frames_refused frames_unanswered; }
# fanout_rows NAME WHAT [CPU-LIMIT LATENCY-LIMIT]
fanout_rows() {
    local relay floor
    relay=$(median "$1.relay" server_cpu_per_gb)
    floor=$(median "$1.floor" server_cpu_per_gb)
    compare "$2: server CPU-s per GB" "$relay" "$floor" "${3:-}"
    relay=$(median "$1.relay" p50_ms)
    floor=$(median "$1.floor" p50_ms)
    compare "$2: latency p50, ms" "$relay" "$floor"
    relay=$(median "$1.relay" p99_ms)
    floor=$(median "$1.floor" p99_ms)
    compare "$2: latency p99, ms" "$relay" "$floor" "${4:-}"
    relay=$(faults "$1.relay")
    floor=$(faults "$1.floor")
    at_most "$2: faults (frames lost, torn, mixed, uploads refused)" "$relay" "$floor" 0
}

section_fanout() {
    alternate fanout fanout --viewers 500 --fps 10 --frame-bytes 40000 --seconds "$seconds"
    fanout_rows fanout "500 viewers × 10 fps × 40 KB" 1.15 2
}
# One viewer of one camera, as most relays have for most of their time: the loop sleeps between two frames.
section_single() {
    alternate single fanout --viewers 1 --fps 10 --frame-bytes 40000 --seconds "$((seconds * 2))"
    local relay floor faults
    relay=$(median single.relay server_cpu_per_gb | milliseconds_a_frame)
    floor=$(median single.floor server_cpu_per_gb | milliseconds_a_frame)
    compare "1 viewer × 10 fps × 40 KB: server CPU-ms per frame" "$relay" "$floor" 2.0
    faults=$(faults single.relay)
    at_most "1 viewer: faults" "$faults" "" 0
}
# CPU-s per GB as CPU-ms per frame of 40,000 bytes.
milliseconds_a_frame() { awk '{ printf "%.3f", $1 * 40000 / 1e9 * 1000 }'; }
section_stalled() {
    alternate stalled fanout --viewers 500 --stalled 50 --fps 10 --frame-bytes 40000 --seconds "$seconds"
    fanout_rows stalled "the same, 50 of them stalled"
}
section_memory() {
    local count
    for count in 500 2000; do
        printf 'memory: %d viewers\n' "$count" >&2
        start relay
        load "memory.$count" idle --viewers "$count"
        stop_server
    done
    local value
    value=$(most memory.500 rss_idle_kib)
    at_most "idle server: resident KiB" "$value" "" 16384
    for count in 500 2000; do
        value=$(most "memory.$count" waiting_bytes_per_viewer)
        at_most "resident bytes per viewer, $count waiting" "$value" "" 8192
        value=$(most "memory.$count" watching_bytes_per_viewer)
        at_most "resident bytes per viewer, $count with a frame" "$value" "" 8192
    done
}
section_flat() {
    printf 'flat: 200 stalled viewers\n' >&2
    start relay
    load flat fanout --viewers 300 --stalled 200 --fps 10 --frame-bytes 40000 --warm-up 4 --seconds 30
    stop_server
    local peak begin faults
    peak=$(most flat rss_peak_kib)
    begin=$(most flat rss_begin_kib)
    faults=$(faults flat)
    at_most "200 of 300 viewers stalled, 30 s: growth, KiB" "$((peak - begin))" "" 1024
    at_most "200 of 300 viewers stalled: faults of the healthy" "$faults" "" 0
}
section_crowd() {
    alternate crowd fanout --viewers 2000 --fps 5 --frame-bytes 40000 --seconds "$seconds"
    fanout_rows crowd "2000 viewers × 5 fps × 40 KB"
}

section_tls() {
    take_turns relay tls tls fanout --viewers 300 --fps 10 --frame-bytes 40000 --seconds "$seconds"
    local plain encrypted faults
    plain=$(median tls.relay server_cpu_per_gb)
    encrypted=$(median tls.tls server_cpu_per_gb)
    compare "300 viewers × 10 fps × 40 KB, TLS 1.3 (floor: the relay without TLS): server CPU-s per GB" \
        "$encrypted" "$plain" 2.2
    faults=$(faults tls.tls)
    at_most "the same: faults" "$faults" "" 0
    start tls
    load tls.memory idle --viewers 500 --settle 3
    stop_server
    local waiting watching
    waiting=$(most tls.memory waiting_bytes_per_viewer)
    watching=$(most tls.memory watching_bytes_per_viewer)
    at_most "resident bytes per TLS viewer, 500 waiting" "$waiting" "" 24576
    at_most "resident bytes per TLS viewer, 500 with a frame" "$watching" "" 24576
}

# handshakes ADDRESS PATH s_time-arguments: connections a second.
handshakes() {
    local address=$1 path=$2
    shift 2
    openssl s_time -connect "$address" -www "$path" -time 5 "$@" 2>"$work/handshakes.log" >"$work/handshakes" ||
        true
    awk '/connections in .* real seconds/ { print $1 / $4; found = 1 } END { exit !found }' "$work/handshakes" ||
        fail "openssl s_time gave no result: $(cat "$work/handshakes" "$work/handshakes.log")"
}
section_handshakes() {
    local round relay floor port
    for ((round = 1; round <= rounds; round++)); do
        printf 'handshakes: round %d of %d\n' "$round" "$rounds" >&2
        start tls
        handshakes "${url#https://}" /healthz -reuse | awk '{ printf "{\"rate\":%.1f}\n", $1 }' >>"$work/handshakes.relay"
        handshakes "${url#https://}" /healthz -new | awk '{ printf "{\"rate\":%.1f}\n", $1 }' >>"$work/handshakes.new"
        stop_server
        make_pair
        port=$(free_port)
        openssl s_server -accept "127.0.0.1:$port" -cert "$work/pair.pem" -key "$work/pair.key" -www -quiet \
            >/dev/null 2>&1 &
        server_pid=$!
        wait_for_port "$port"
        handshakes "127.0.0.1:$port" / -reuse | awk '{ printf "{\"rate\":%.1f}\n", $1 }' >>"$work/handshakes.floor"
        stop_server
    done
    relay=$(median handshakes.relay rate)
    floor=$(median handshakes.floor rate)
    row "handshakes a second, resumed, with an answer each (floor: openssl s_server)" "$relay" "$floor" \
        "$(awk -v relay="$relay" -v floor="$floor" 'BEGIN { printf "%.2f", relay / floor }')" "at least 500" \
        "$(verdict 500 "$relay")"
    relay=$(median handshakes.new rate)
    row "handshakes a second, new" "$relay" - - - -
}
free_port() { python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }
wait_for_port() {
    local _
    for _ in {1..100}; do
        if (: <>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; then return 0; fi
        sleep 0.1
    done
    fail "nothing listens on port $1"
}

# A grey JPEG of 40,000 bytes: quantisation table, frame, scan of random bytes without markers.
make_frame() {
    {
        printf '\xff\xd8\xff\xdb\x00\x43\x00'
        printf '\x10%.0s' {1..64}
        printf '\xff\xc0\x00\x0b\x08\x01\xe0\x02\x80\x01\x01\x11\x00\xff\xda\x00\x08\x01\x01\x00\x00\x3f\x00'
        head -c 39904 /dev/urandom | tr '\377' '\177'
        printf '\xff\xd9'
    } >"$1"
}
cpu_ticks() { awk '{ sub(/.*\) /, ""); print $12 + $13 }' "/proc/$1/stat"; }
section_uploads() {
    command -v ab >/dev/null || fail "ab is missing: apt-get install apache2-utils"
    local frame=$work/frame.jpg requests=60000 round who before after failed
    make_frame "$frame"
    for ((round = 1; round <= rounds; round++)); do
        for who in upload-floor relay; do
            printf 'uploads: round %d of %d, %s\n' "$round" "$rounds" "$who" >&2
            start "$who"
            ab -q -k -c 10 -n 500 -p "$frame" -T image/jpeg "$url/upload" >"$work/ab.log" 2>&1 || true
            before=$(cpu_ticks "$server_pid")
            ab -q -k -c 10 -n "$requests" -p "$frame" -T image/jpeg "$url/upload" >"$work/ab.log" 2>&1 || true
            after=$(cpu_ticks "$server_pid")
            stop_server
            if ! grep -q "^Complete requests: *$requests$" "$work/ab.log"; then
                cat "$work/ab.log" >&2
                fail "ab did not finish"
            fi
            failed=$(awk '/^(Failed requests|Non-2xx responses):/ { sum += $3 } END { print sum + 0 }' "$work/ab.log")
            awk -v ticks=$((after - before)) -v hertz="$(getconf CLK_TCK)" -v requests="$requests" -v failed="$failed" \
                'BEGIN { printf "{\"cpu_us\":%.1f,\"failed\":%d}\n", ticks / hertz / requests * 1e6, failed }' \
                >>"$work/uploads.$who"
        done
    done
    local relay floor
    relay=$(median uploads.relay cpu_us)
    floor=$(median uploads.upload-floor cpu_us)
    compare "40 KB uploads, ab -k -c 10: server CPU µs per request" "$relay" "$floor" 1.2
    relay=$(total uploads.relay failed)
    floor=$(total uploads.upload-floor failed)
    at_most "40 KB uploads: failed requests" "$relay" "$floor" 0
}

sections=("$@")
[[ ${#sections[@]} -gt 0 ]] || sections=(fanout single stalled memory flat crowd uploads tls handshakes)
for section in "${sections[@]}"; do
    declare -F "section_$section" >/dev/null || fail "no section '$section': fanout single stalled memory flat crowd uploads tls handshakes"
done
ulimit -n "$(ulimit -Hn)"
[[ $(ulimit -n) == unlimited || $(ulimit -n) -ge 5000 ]] || fail "2000 viewers need ulimit -n 5000, it is $(ulimit -n)"
if [[ -z ${BIN:-} ]]; then
    swift build -c release --static-swift-stdlib --scratch-path "$scratch" >&2
fi
# Latencies and lost frames say nothing about the relay while others use the processors.
load_average=$(cut -d ' ' -f 1 /proc/loadavg)
for section in "${sections[@]}"; do "section_$section"; done

commit=$(git rev-parse --verify --quiet --short HEAD || echo none)
printf '\n%s, %s processors (load %s before), Linux %s, commit %s, %s rounds, medians\n\n' \
    "$(date -u +%F)" "$(nproc)" "$load_average" "$(uname -r)" "$commit" "$rounds"
printf '| what | relay | floor | ratio | target | met |\n|---|--:|--:|--:|---|---|\n'
cat "$work/table"
[[ ! -e $work/missed ]] || missed=$(wc -l <"$work/missed")
if ((missed > 0)); then
    printf '\n%d targets missed\n' "$missed"
    exit 1
fi
