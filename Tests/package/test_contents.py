# SPDX-License-Identifier: MIT
"""What is in the Debian package, and what its scripts will do."""

import gzip
import os
import platform
import re
import subprocess

from conftest import files_below
from package import VERSION, output
from settings import BINARY, REPOSITORY

DOCUMENTS = "/usr/share/doc/evrelay"
# Where the Debian that the package was built on has units.
UNITS = "/lib/systemd/system" if platform.freedesktop_os_release().get("VERSION_ID") == "12" else "/usr/lib/systemd/system"


def test_the_package_has_the_programs_version(package):
    assert package.field("Version") == VERSION
    assert output(str(package.file("/usr/bin/evrelay")), "--version").strip().endswith(VERSION)


def test_everything_an_administrator_expects_is_there(package):
    files = files_below(package.tree)
    wanted = {
        "/usr/bin/evrelay", f"{UNITS}/evrelay.service", f"{UNITS}/evrelay.socket", f"{UNITS}/evrelay-tls.socket",
        "/usr/lib/sysusers.d/evrelay.conf",
        "/etc/evrelay/evrelay.conf", "/usr/share/man/man1/evrelay.1.gz",
        "/usr/share/bash-completion/completions/evrelay", "/usr/share/zsh/vendor-completions/_evrelay",
        "/usr/share/fish/vendor_completions.d/evrelay.fish",
        *(f"{DOCUMENTS}/{name}" for name in ("README.md", "README.ru.md", "CHANGELOG.md", "changelog.gz", "copyright")),
    }
    documents = {f"{DOCUMENTS}/{path.relative_to(REPOSITORY)}"
                 for path in (REPOSITORY / "docs").rglob("*") if path.is_file()}
    assert len(documents) > 5
    assert files == wanted | documents


def test_documents_are_as_they_are_in_the_source(package):
    """They link to each other by name, so none may be compressed or moved."""
    for path in (REPOSITORY / "docs").rglob("*"):
        if path.is_file():
            installed = package.file(f"{DOCUMENTS}/{path.relative_to(REPOSITORY)}")
            assert installed.read_bytes() == path.read_bytes(), path


def test_every_library_the_binary_needs_is_named_in_depends(package):
    libraries = re.findall(r"NEEDED +(\S+)", output("objdump", "-p", str(package.file("/usr/bin/evrelay"))))
    assert libraries
    depends = re.findall(r"(?:^|, )([a-z0-9.+-]+)", package.field("Depends"))
    for library in libraries:
        found = output("sh", "-c", f'dpkg-query --search "*/{library}"').splitlines()
        assert any(line.split(":")[0] in depends for line in found), f"{library}: {found} is none of {depends}"


def test_swift_is_in_the_binary_and_symbols_are_not(package):
    binary = str(package.file("/usr/bin/evrelay"))
    assert "libswift" not in output("objdump", "-p", binary)
    assert "no symbols" in subprocess.run(
        ["nm", binary], capture_output=True, text=True, check=False, timeout=60).stderr


def test_the_binary_has_no_writable_code_and_no_table_of_functions_to_overwrite(package):
    headers = output("readelf", "--wide", "--dynamic", "--program-headers", str(package.file("/usr/bin/evrelay")))
    assert "GNU_RELRO" in headers and "BIND_NOW" in headers and "PIE" in headers, headers
    assert re.search(r"GNU_STACK .* RW ", headers), headers


def test_it_takes_less_than_20_mb(package):
    # In KiB.
    assert int(package.field("Installed-Size")) * 1024 < 20_000_000


def test_the_settings_are_a_conffile_with_every_flag_and_valid(package, tmp_path):
    assert (package.control / "conffiles").read_text().split() == ["/etc/evrelay/evrelay.conf"]
    settings = package.file("/etc/evrelay/evrelay.conf")
    named = set(re.findall(r"^#?(EVRELAY_[A-Z_]+)=", settings.read_text(), re.MULTILINE))
    flags = set(re.findall(r"EVRELAY_[A-Z_]+", output(str(BINARY), "--help"))) - {"EVRELAY_CONFIG"}
    assert len(flags) > 20 and named == flags
    # Two name files that postinst makes; all others are at their defaults.
    text = settings.read_text()
    for variable, name in (("EVRELAY_KEYS", "keys"), ("EVRELAY_TOKEN_SECRET", "token-secret")):
        assert text.count(f"\n{variable}=/etc/evrelay/{name}\n") == 1, text
    own = tmp_path / "evrelay.conf"
    own.write_text(text.replace("=/etc/evrelay/", f"={tmp_path}/"))
    (tmp_path / "keys").touch(mode=0o640)
    output(str(BINARY), "secret", "--output", str(tmp_path / "token-secret"))
    environment = {name: value for name, value in os.environ.items() if not name.startswith("EVRELAY_")}
    checked = subprocess.run(
        [BINARY, "--check", "--config", own], env=environment, capture_output=True, text=True, timeout=20)
    assert checked.returncode == 0 and checked.stdout.startswith("configuration is valid\n"), checked


def test_only_the_binary_and_nothing_else_is_executable_and_all_belongs_to_root(package):
    for line in output("dpkg-deb", "--contents", str(package.path)).splitlines():
        mode, owner, *_, name = line.split()
        assert owner == "root/root", line
        expected = "drwxr-xr-x" if name.endswith("/") else "-rwxr-xr-x" if name == "./usr/bin/evrelay" else "-rw-r--r--"
        assert mode == expected, line


def test_an_upgrade_restarts_the_service_and_leaves_its_sockets_alone(package):
    script = package.script("postinst")
    assert re.search(r"_dh_action=restart\n.*\n.*_dh_action=start\n.*\n.*deb-systemd-invoke \$_dh_action "
                     r"'evrelay\.service'", script)
    assert re.search(r"deb-systemd-invoke start 'evrelay\.socket'", script)
    assert script.index("'evrelay.socket'") < script.index("'evrelay.service'")
    assert script.index("systemd-sysusers") < script.index("evrelay secret") < script.index("'evrelay.socket'")
    # Whether the sockets for TLS are wanted is for the administrator to say.
    assert not re.search(r"deb-systemd-invoke (start|restart) '?evrelay-tls", script)
    assert re.search(r"was-enabled 'evrelay-tls\.socket'; then\n.*\n\t+deb-systemd-helper enable 'evrelay-tls", script)
    # Only a removal stops anything before the new files are there.
    stops = re.findall(r"if (.*); then\n\s+deb-systemd-invoke stop '?([a-z.-]+)'?", package.script("prerm"))
    assert sorted(unit for _, unit in stops) == ["evrelay-tls.socket", "evrelay.service", "evrelay.socket"]
    assert all('"$1" = remove' in condition for condition, _ in stops)


def test_lintian_finds_no_error_and_no_warning(package):
    found = subprocess.run(
        ["lintian", "--allow-root", "--fail-on", "error,warning", "--tag-display-limit", "0", str(package.path)],
        capture_output=True, text=True, timeout=100)
    assert found.returncode == 0, found.stdout + found.stderr


def test_the_manual_page_renders_without_a_warning(package, tmp_path):
    page = tmp_path / "evrelay.1"
    page.write_bytes(gzip.decompress(package.file("/usr/share/man/man1/evrelay.1.gz").read_bytes()))
    rendered = subprocess.run(
        ["man", "--warnings", "--encoding=UTF-8", "--local-file", str(page)],
        env=os.environ | {"LC_ALL": "C.UTF-8", "MANWIDTH": "80", "MAN_KEEP_FORMATTING": ""}, capture_output=True, text=True,
        timeout=60)
    assert rendered.returncode == 0 and rendered.stderr == "", rendered.stderr
    flags = set(re.findall(r"--[a-z-]+", output(str(BINARY), "--help")))
    assert len(flags) > 20
    assert not [flag for flag in flags if flag not in rendered.stdout]


def test_the_copyright_names_everything_that_is_linked_in(package):
    named = package.file(f"{DOCUMENTS}/copyright").read_text()
    licence = " ".join((REPOSITORY / "LICENSE").read_text().split("\n\n", 2)[2].split())
    assert licence in " ".join(line.strip(" .") if line.strip() == "." else line.strip() for line in named.splitlines()
                               ).replace("  ", " ")
    for checkout in (REPOSITORY / ".build/checkouts").iterdir():
        assert f"Files: {checkout.name}\n" in named, f"{checkout.name} is linked statically"


def test_the_completions_are_read_by_their_shells(package):
    for shell, path in (("bash", "/usr/share/bash-completion/completions/evrelay"),):
        output(shell, "-n", str(package.file(path)))
    completed = output("bash", "-c", f"""
        source '{package.file("/usr/share/bash-completion/completions/evrelay")}'
        COMP_WORDS=(evrelay --max-vie) COMP_CWORD=1
        $(complete -p evrelay | sed 's/.*-F \\([^ ]*\\).*/\\1/') evrelay --max-vie evrelay
        printf '%s\\n' "${{COMPREPLY[@]}}"
    """)
    assert {"--max-viewers", "--max-viewers-per-camera"} <= {word.strip() for word in completed.splitlines()}
