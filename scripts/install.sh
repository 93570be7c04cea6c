#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Installs the release binary and everything that belongs to it, or removes it again. `make install` and `make uninstall`
# call it with DESTDIR, PREFIX, SYSCONFDIR, UNITDIR and ZSHDIR in the environment; the Debian package is made by it, too.
# Usage: scripts/install.sh install|uninstall
set -euo pipefail
cd "$(dirname "$0")/.."

binary=.build/release/evrelay
programs=$DESTDIR$PREFIX/bin
manuals=$DESTDIR$PREFIX/share/man/man1
documents=$DESTDIR$PREFIX/share/doc/evrelay
bash_completions=$DESTDIR$PREFIX/share/bash-completion/completions
fish_completions=$DESTDIR$PREFIX/share/fish/vendor_completions.d
zsh_completions=$DESTDIR$ZSHDIR
units=$DESTDIR$UNITDIR
users=$DESTDIR$PREFIX/lib/sysusers.d
settings=$DESTDIR$SYSCONFDIR/evrelay

die() { printf 'install: %s\n' "$*" >&2; exit 1; }

# install_text TARGET: standard input becomes the file TARGET.
install_text() {
    install -d "${1%/*}"
    cat >"$1"
    chmod 644 "$1"
}

# install_unit NAME: the units in this folder name the paths of the Debian package.
install_unit() {
    sed -e "s|/usr/bin/evrelay|$PREFIX/bin/evrelay|g" -e "s|/etc/evrelay/|$SYSCONFDIR/evrelay/|g" "systemd/$1" |
        install_text "$units/$1"
}

install_documents() {
    local file
    while IFS= read -r file; do
        install -D -m 644 "$file" "$documents/$file"
    done < <(find docs -type f | sort)
    install -m 644 README.md README.ru.md CHANGELOG.md packaging/debian/copyright "$documents"
}

install_all() {
    [ -x "$binary" ] || die "there is no $binary; make build first"
    install -D -m 755 "$binary" "$programs/evrelay"
    "${STRIP:-strip}" --strip-unneeded --remove-section=.comment --remove-section=.note "$programs/evrelay"
    "$binary" generate manual | install_text "$manuals/evrelay.1"
    # bash reads this file instead of running it, so it has no use for a first line that names a shell.
    "$binary" --generate-completion-script bash | sed '1{/^#!/d}' | install_text "$bash_completions/evrelay"
    "$binary" --generate-completion-script zsh | install_text "$zsh_completions/_evrelay"
    "$binary" --generate-completion-script fish | install_text "$fish_completions/evrelay.fish"
    install_unit evrelay.service
    install_unit evrelay.socket
    install_unit evrelay-tls.socket
    install_text "$users/evrelay.conf" <packaging/evrelay.sysusers
    install_documents
    # Somebody's settings are theirs; a fresh file with every flag is one command away.
    if [ -e "$settings/evrelay.conf" ]; then
        echo "install: $settings/evrelay.conf is kept; evrelay generate configuration prints a new one"
    else
        "$binary" generate configuration | install_text "$settings/evrelay.conf"
    fi
}

uninstall_all() {
    rm -f "$programs/evrelay" "$manuals/evrelay.1" "$bash_completions/evrelay" "$zsh_completions/_evrelay" \
        "$fish_completions/evrelay.fish" "$units/evrelay.service" "$units/evrelay.socket" \
        "$units/evrelay-tls.socket" "$users/evrelay.conf"
    rm -rf "$documents"
    [ ! -e "$settings/evrelay.conf" ] || echo "uninstall: $settings/evrelay.conf is kept"
}

case "${1:-}" in
    install) install_all ;;
    uninstall) uninstall_all ;;
    *) die "usage: scripts/install.sh install|uninstall" ;;
esac
