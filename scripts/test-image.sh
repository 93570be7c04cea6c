#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Runs Tests/image: the built container image, unpacked by umoci and run by crun. `make test-image` builds it first.
# Runs as root, in namespaces of its own: no port, mount, process or control group of this computer is touched, and all
# that was made ends with the tests.
# Usage: scripts/test-image.sh [PYTEST-ARGUMENT...]
set -euo pipefail
cd "$(dirname "$0")/.."

say() { printf '==> %s\n' "$*"; }
die() { printf 'test-image: %s\n' "$*" >&2; exit 1; }

[ "$(id -u)" = 0 ] || die "a container with a network takes root: sudo make test-image"

say "pytest Tests/image"
# crun is told to use no control groups; that of Debian 12 nevertheless refuses to run where both versions of them are
# mounted. The first process keeps the computer's own network, for tests that build.
# shellcheck disable=SC2016  # The inner shells expand these.
exec unshare --mount --propagation private --pid --fork --kill-child --mount-proc \
    bash -euc '
        if mountpoint --quiet /sys/fs/cgroup/unified; then umount /sys/fs/cgroup/unified; fi
        unshare --net bash -euc "ip link set lo up; exec \"\$@\"" tests "$@" || exit "$?"
    ' tests .venv/bin/python -m pytest Tests/image "$@" </dev/null
