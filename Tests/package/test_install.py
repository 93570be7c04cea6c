# SPDX-License-Identifier: MIT
"""`make install` and `make uninstall`, for systems that do not use the Debian package."""

from conftest import files_below, make
from package import output


def test_make_install_lays_everything_out_below_destdir_and_prefix(tmp_path, package):
    make("install", f"DESTDIR={tmp_path}", "PREFIX=/opt/relay", "SYSCONFDIR=/opt/relay/etc")
    files = files_below(tmp_path)
    assert {
        "/opt/relay/bin/evrelay", "/opt/relay/lib/systemd/system/evrelay.service",
        "/opt/relay/lib/systemd/system/evrelay.socket", "/opt/relay/lib/systemd/system/evrelay-tls.socket",
        "/opt/relay/lib/sysusers.d/evrelay.conf", "/opt/relay/etc/evrelay/evrelay.conf",
        "/opt/relay/share/man/man1/evrelay.1", "/opt/relay/share/zsh/site-functions/_evrelay",
        "/opt/relay/share/doc/evrelay/docs/configuration.md", "/opt/relay/share/doc/evrelay/copyright",
    } <= files
    assert len(files) == len(files_below(package.tree)) - len({"changelog.gz"})


def test_the_installed_unit_names_the_places_it_was_installed_to(tmp_path):
    make("install", f"DESTDIR={tmp_path}", "PREFIX=/opt/relay", "SYSCONFDIR=/opt/relay/etc")
    unit = (tmp_path / "opt/relay/lib/systemd/system/evrelay.service").read_text()
    assert "\nExecStart=/opt/relay/bin/evrelay --config /opt/relay/etc/evrelay/evrelay.conf\n" in unit
    assert "/usr/bin" not in unit and " /etc/" not in unit


def test_without_variables_it_goes_to_usr_local_and_etc(tmp_path):
    make("install", f"DESTDIR={tmp_path}")
    files = files_below(tmp_path)
    assert {"/usr/local/bin/evrelay", "/usr/local/lib/systemd/system/evrelay.service",
            "/etc/evrelay/evrelay.conf"} <= files
    assert all(path.startswith(("/usr/local/", "/etc/evrelay/")) for path in files)
    assert output(str(tmp_path / "usr/local/bin/evrelay"), "--version")


def test_installing_again_keeps_changed_settings(tmp_path):
    make("install", f"DESTDIR={tmp_path}")
    settings = tmp_path / "etc/evrelay/evrelay.conf"
    settings.write_text("EVRELAY_MAX_VIEWERS=7\n")
    assert "is kept" in make("install", f"DESTDIR={tmp_path}")
    assert settings.read_text() == "EVRELAY_MAX_VIEWERS=7\n"


def test_uninstall_removes_what_install_brought_and_keeps_the_settings(tmp_path):
    make("install", f"DESTDIR={tmp_path}")
    make("uninstall", f"DESTDIR={tmp_path}")
    assert files_below(tmp_path) == {"/etc/evrelay/evrelay.conf"}
