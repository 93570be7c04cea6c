#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Makes the container image of the built Debian package in .build-image/: an OCI layout, and of that an archive in OCI's
# format and one in Docker's. Needs no daemon, no root and no mount. Two runs from the same commit make the same image.
# Usage: scripts/build-image.sh [--root DIRECTORY]
#   --root DIRECTORY   makes the image's files there and no image, as root: a step of packaging/Dockerfile
# SOURCE_DATE_EPOCH is heeded; without it the image has the date of the last commit.
set -euo pipefail
cd "$(dirname "$0")/.."

folder=.build-image
user=30333
# What the user inside may change: volumes are made of these.
volumes=(etc/evrelay var/lib/evrelay)
# Beside libraries: what tells scanners the system, and the authorities that `evrelay doctor https://…` trusts.
added=(base-files ca-certificates)

say() { printf '==> %s\n' "$*"; }
die() { printf 'build-image: %s\n' "$*" >&2; exit 1; }

# The libraries among the package's dependencies: what is needed in one of several ways is for services of systemd.
libraries() {
    dpkg-deb --field "$package" Depends | tr ',' '\n' | sed -E '/\|/d; s/ *\(.*\)//; s/^ +//'
}

# fetch TREE: the libraries' packages with all they depend on, unpacked, by this computer's own mirrors.
fetch() {
    local suite
    local -a included
    suite=$(sed -n 's/^VERSION_CODENAME=//p' /etc/os-release)
    mapfile -t included < <(libraries)
    included+=("${added[@]}")
    say "fetching from $suite: ${included[*]}"
    # This computer's proxies and authorities.
    apt-config dump | grep -E '^Acquire::https?::' >"$folder/apt.conf" || true
    # No package's script is run. The packages themselves stay beside what was in them, for `list`.
    # shellcheck disable=SC2016  # apt expands these.
    apt-get indextargets --format 'deb $(SITE) $(RELEASE) $(COMPONENT)' 'Created-By: Packages' 'Origin: Debian' |
        sort -u |
        mmdebstrap --quiet --mode=chrootless --variant=extract --skip=cleanup/apt \
            --aptopt="$PWD/$folder/apt.conf" --include="$(IFS=,; echo "${included[*]}")" \
            "$suite" "$1" - >"$folder/mmdebstrap.log" 2>&1 ||
        { cat "$folder/mmdebstrap.log" >&2; die "mmdebstrap failed"; }
}

# take TREE ROOT: of everything that was unpacked no more than the program, libraries, and the licences.
take() {
    local shared
    shared=lib/$(dpkg-architecture --query DEB_HOST_MULTIARCH)
    (
        cd "$1"
        printf '%s\0' usr/bin/evrelay usr/lib/os-release etc/os-release etc/debian_version
        find . -maxdepth 2 -path './lib*/ld-linux*' -print0
        find "$shared" "usr/$shared" -maxdepth 1 -name '*.so*' -print0
        find usr/share/doc -maxdepth 2 -name copyright -print0
        # Packages that share the licences of another one.
        find usr/share/doc -maxdepth 1 -type l -print0
        find usr/share/common-licenses -not -type d -print0
    ) | tar --create --directory "$1" --null --files-from - | tar --extract --directory "$2"
}

# list TREE ROOT: the packages of which more than the licence was taken, where scanners look for them.
list() {
    local file name
    mkdir -p "$2/var/lib/dpkg/status.d"
    for file in "$1"/var/cache/apt/archives/*.deb "$package"; do
        name=$(dpkg-deb --field "$file" Package)
        case "$(dpkg-deb --contents "$file")" in
            *-linux-gnu/*.so* | */etc/os-release* | */share/ca-certificates/* | */bin/evrelay*)
                dpkg-deb --field "$file" >"$2/var/lib/dpkg/status.d/$name"
                ;;
        esac
    done
}

# make_root ROOT: the image's files.
make_root() {
    local root=$1 tree
    tree=$(mktemp -d "$PWD/$folder/tree.XXXXXX")
    # shellcheck disable=SC2064  # The folder that was made just now.
    trap "rm -rf '$tree'" EXIT
    fetch "$tree"
    dpkg-deb --extract "$package" "$tree"
    mkdir -p "$root"
    take "$tree" "$root"
    list "$tree" "$root"
    # Mounts of the container; without them a read-only root has no place for them.
    mkdir -p "$root"/{dev,proc,sys} "$root/etc/ssl/certs" "$root/usr/lib/ssl"
    cat "$tree"/usr/share/ca-certificates/mozilla/*.crt >"$root/etc/ssl/certs/ca-certificates.crt"
    # Where OpenSSL looks.
    ln -s /etc/ssl/certs/ca-certificates.crt "$root/usr/lib/ssl/cert.pem"
    printf '%s\n' root:x:0:0:root:/:/nonexistent "evrelay:x:$user:$user:EvRelay:/var/lib/evrelay:/nonexistent" \
        >"$root/etc/passwd"
    printf '%s\n' root:x:0: "evrelay:x:$user:" >"$root/etc/group"
    echo 'hosts: files dns' >"$root/etc/nsswitch.conf"
    mkdir -p "${volumes[@]/#/$root/}"
    # No key so far. Files of keys that others may read are refused.
    install -m 600 /dev/null "$root/etc/evrelay/keys"
    find "$root" -type d -exec chmod 755 {} +
    chmod 700 "${volumes[@]/#/$root/}"
}

# pack FOLDER FILE ARGUMENT...: a folder's files as an archive that depends on nothing but them.
pack() {
    tar --directory "$1" --file "$2" --sort=name --format=gnu --numeric-owner --mtime "@$epoch" --clamp-mtime "${@:3}"
}

# make_layer ROOT FILE: the image's files with their owners.
make_layer() {
    pack "$1" "$2" --create --owner=0 --group=0 "${volumes[@]/#/--exclude=./}" .
    pack "$1" "$2" --append --owner="$user" --group="$user" "${volumes[@]/#/./}"
}

make_layout() {
    local layer=$folder/layer.tar image=$folder/oci:$version created
    created=$(date --utc --date "@$epoch" +%Y-%m-%dT%H:%M:%SZ)
    make_layer "$1" "$layer"
    rm -rf "$folder/oci"
    umoci init --layout "$folder/oci"
    umoci new --image "$image"
    umoci raw add-layer --image "$image" --history.created "$created" --history.created_by scripts/build-image.sh \
        "$layer"
    umoci config --image "$image" --no-history --created "$created" \
        --architecture "$(dpkg-deb --field "$package" Architecture)" --os linux \
        --config.user "$user:$user" --config.entrypoint /usr/bin/evrelay --config.workingdir / \
        --config.env EVRELAY_KEYS=/etc/evrelay/keys --config.env STATE_DIRECTORY=/var/lib/evrelay \
        --config.exposedports 30333/tcp --config.exposedports 30443/tcp --config.stopsignal SIGTERM \
        --config.volume /etc/evrelay --config.volume /var/lib/evrelay \
        --config.label org.opencontainers.image.title=EvRelay \
        --config.label "org.opencontainers.image.description=$(dpkg-deb --field "$package" Description | head -n 1)" \
        --config.label org.opencontainers.image.licenses=MIT \
        --config.label "org.opencontainers.image.version=$version" \
        --config.label "org.opencontainers.image.created=$created" \
        --config.label "org.opencontainers.image.revision=$(git describe --always --abbrev=40 --dirty --exclude '*')"
    umoci gc --layout "$folder/oci"
    rm "$layer"
}

# add_health_check DIRECTORY: Docker's configuration has a field for it, OCI's has none.
add_health_check() {
    local old new config=$1/config.new
    old=$(jq --raw-output .config.digest "$1/manifest.json")
    jq --compact-output '.config.Healthcheck = {
            Test: ["CMD", "/usr/bin/evrelay", "probe"], Interval: 30e9, Timeout: 5e9, StartPeriod: 5e9, Retries: 3
        }' "$1/${old#sha256:}" >"$config"
    new=$(sha256sum "$config" | cut -d ' ' -f 1)
    jq --arg digest "sha256:$new" --argjson size "$(stat --format %s "$config")" \
        '.config.digest = $digest | .config.size = $size' "$1/manifest.json" >"$1/manifest.new"
    mv "$config" "$1/$new"
    mv "$1/manifest.new" "$1/manifest.json"
}

make_archives() {
    local docker=$folder/docker name
    name=$folder/$(basename "$package" .deb)
    rm -rf "$docker" "$folder"/evrelay_*
    pack "$folder/oci" "$name.oci.tar" --create --owner=0 --group=0 .
    skopeo copy --quiet --format v2s2 "oci:$folder/oci:$version" "dir:$docker"
    add_health_check "$docker"
    skopeo copy --quiet --additional-tag evrelay:latest "dir:$docker" "docker-archive:$name.docker.tar:evrelay:$version"
    rm -rf "$docker"
    say "to run it: docker load --input $name.docker.tar"
}

version=$(dpkg-parsechangelog --file packaging/debian/changelog --show-field Version)
package=.build-deb/evrelay_${version}_$(dpkg --print-architecture).deb
[ -e "$package" ] || die "there is no $package; make deb first"
mkdir -p "$folder"

case "${1:-}" in
    --root)
        [ "$#" = 2 ] || die "usage: scripts/build-image.sh [--root DIRECTORY]"
        make_root "$2"
        chown -R "$user:$user" "${volumes[@]/#/$2/}"
        ;;
    "")
        epoch=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct)}
        rm -rf "$folder/root"
        make_root "$folder/root"
        make_layout "$folder/root"
        make_archives
        ;;
    *) die "usage: scripts/build-image.sh [--root DIRECTORY]" ;;
esac
