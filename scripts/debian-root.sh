# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# Makes the smallest Debian in a folder and runs commands in it. For scripts that run as root: source it, with `say` and `die`
# defined. Nothing of this computer is changed: what a root needs of it is mounted in namespaces that end with the command.

# mirrors SUITE: this computer's own mirrors, as "SITE SUITE" lines with the suite's name replaced.
mirrors() {
    local own
    own=$(sed -n 's/^VERSION_CODENAME=//p' /etc/os-release)
    # shellcheck disable=SC2016  # apt expands these.
    apt-get indextargets --format '$(SITE) $(RELEASE) $(COMPONENT)' \
        'Created-By: Packages' 'Origin: Debian' |
        awk -v own="$own" -v suite="$1" '$3 == "main" && index($2, own) == 1 {
            sub(own, suite, $2); print $1, $2 }' | sort -u
}

# make_bare_root SUITE PACKAGES CACHE ROOT: the smallest Debian with these packages, separated by commas, in the folder ROOT.
# It is kept in the folder CACHE for the next time.
make_bare_root() {
    local suite=$1 included=$2 cache=$3 root=$4
    local bare lines site proxy
    bare=$cache/$suite-$(md5sum <<<"$included" | cut -c 1-8).tar
    if [ -e "$bare" ]; then
        tar --extract --file "$bare" --directory "$root" --numeric-owner --xattrs --acls
    else
        lines=$(mirrors "$suite")
        site=$(awk -v suite="$suite" '$2 == suite { print $1; exit }' <<<"$lines")
        [ -n "$site" ] || die "apt on this computer knows no mirror of Debian; apt-get update first"
        say "making a bare Debian ($suite)"
        proxy=$(apt-config shell proxy Acquire::http::Proxy | sed "s/^proxy='\(.*\)'$/\1/")
        env ${proxy:+"http_proxy=$proxy"} debootstrap --variant=minbase --include="$included" "$suite" "$root" "$site" >"$cache/debootstrap.log" 2>&1 ||
            { tail -n 20 "$cache/debootstrap.log" >&2; die "debootstrap failed"; }
        awk '{ print "deb", $1, $2, "main" }' <<<"$lines" >"$root/etc/apt/sources.list"
        tar --create --file "$bare.new" --directory "$root" --numeric-owner --xattrs --acls .
        mv "$bare.new" "$bare"
    fi
    chmod 755 "$root"
}

# in_root ROOT COMMAND...: runs a command in the root with this computer's network, name resolution, proxies and credentials
# for apt.
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
    ' in_root "$@" </dev/null
}

# apt_in_root ROOT ARGUMENT...: apt-get in the root, three times if it fails.
apt_in_root() {
    local root=$1 pause
    shift
    for pause in 5 20 0; do
        if in_root "$root" apt-get --quiet --quiet --option Acquire::Retries=5 --option Dpkg::Use-Pty=0 "$@"; then return 0; fi
        [ "$pause" = 0 ] || say "that failed; once more in $pause s: apt-get $*"
        sleep "$pause"
    done
    return 1
}
