# SPDX-License-Identifier: MIT
"""What is in the image, and what its configuration says."""

import hashlib
import json
import os
import stat
import subprocess
import tarfile

import pytest

from image import FOLDER, USER, output
from settings import REPOSITORY

VOLUMES = ("etc/evrelay", "var/lib/evrelay")
# What a default `docker build` gives its steps (capabilities(7)); no mount among them.
BUILD_CAPABILITIES = ("chown", "dac_override", "fowner", "fsetid", "kill", "setgid", "setuid", "setpcap",
                      "net_bind_service", "net_raw", "sys_chroot", "mknod", "audit_write", "setfcap")


def build(*arguments, prefix: tuple[str, ...] = ()) -> subprocess.CompletedProcess:
    """Runs scripts/build-image.sh in the computer's own network, as scripts/test-image.sh keeps it."""
    return subprocess.run(
        ["nsenter", "--net=/proc/1/ns/net", *prefix, REPOSITORY / "scripts/build-image.sh", *arguments],
        stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=100)


def below(root):
    """Every file and folder of a tree, by its path from there, with its status."""
    return {str(path.relative_to(root)): path.lstat() for path in root.rglob("*")}


def content(path) -> str:
    if path.is_symlink():
        return os.readlink(path)
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else ""


def test_the_configuration_is_what_the_manual_says(image):
    made = image.configuration()
    settings = made["config"]
    assert settings["User"] == f"{USER}:{USER}"
    assert settings["Entrypoint"] == ["/usr/bin/evrelay"] and not settings.get("Cmd")
    assert settings["Env"] == ["EVRELAY_KEYS=/etc/evrelay/keys", "STATE_DIRECTORY=/var/lib/evrelay"]
    assert set(settings["ExposedPorts"]) == {"30333/tcp", "30443/tcp"}
    assert set(settings["Volumes"]) == {f"/{volume}" for volume in VOLUMES}
    assert settings["StopSignal"] == "SIGTERM"
    assert settings["Healthcheck"] == {
        "Test": ["CMD", "/usr/bin/evrelay", "probe"], "Interval": 30_000_000_000, "Timeout": 5_000_000_000,
        "StartPeriod": 5_000_000_000, "Retries": 3}
    labels = {name.removeprefix("org.opencontainers.image."): value for name, value in settings["Labels"].items()}
    version = output("dpkg-parsechangelog", "--file", str(REPOSITORY / "packaging/debian/changelog"),
                     "--show-field", "Version").strip()
    assert (labels["title"], labels["licenses"], labels["version"]) == ("EvRelay", "MIT", version)
    assert labels["revision"].startswith(output("git", "-C", str(REPOSITORY), "rev-parse", "HEAD").strip())
    assert labels["created"] == made["created"] and labels["description"]


def test_the_archive_is_loaded_under_its_version_and_as_the_latest(image):
    with tarfile.open(image.docker_archive) as archive:
        manifest = json.load(archive.extractfile("manifest.json"))
    tags = [tag.rpartition("/")[2] for tag in manifest[0]["RepoTags"]]
    assert tags == [f"evrelay:{image.configuration()['config']['Labels']['org.opencontainers.image.version']}",
                    "evrelay:latest"]


def test_the_archive_in_ocis_format_has_the_same_files(image):
    configuration = json.loads(output("skopeo", "inspect", "--config", f"oci-archive:{image.oci_archive}"))
    assert configuration["rootfs"] == image.configuration()["rootfs"]
    assert configuration["config"]["User"] == f"{USER}:{USER}"


def test_it_is_small(image):
    assert image.oci_archive.stat().st_size < 20_000_000
    assert sum(status.st_size for status in below(image.root).values()) < 60_000_000


def test_the_program_is_the_only_one(image):
    programs = [path for path, status in below(image.root).items()
                if stat.S_ISREG(status.st_mode) and status.st_mode & 0o111 and ".so" not in path]
    assert programs == ["usr/bin/evrelay"]


def test_nothing_gives_rights_and_nothing_but_the_volumes_is_the_users(image):
    for path, status in below(image.root).items():
        assert not status.st_mode & (stat.S_ISUID | stat.S_ISGID), path
        if not stat.S_ISLNK(status.st_mode):
            assert "security.capability" not in os.listxattr(image.root / path), path
            assert not status.st_mode & 0o022, path
        owner = USER if path.startswith(VOLUMES) else 0
        assert (status.st_uid, status.st_gid) == (owner, owner), path
    assert [path for path in below(image.root) if path.startswith(VOLUMES)] and not (
        image.file("etc/evrelay/keys").read_bytes())


def test_each_package_is_listed_with_its_version_and_its_licence(image):
    listed = {path.name: path.read_text() for path in image.file("var/lib/dpkg/status.d").iterdir()}
    assert {"evrelay", "libc6", "libssl3", "libevent-core-2.1-7", "base-files", "ca-certificates"} <= set(listed)
    for name, text in listed.items():
        assert f"Package: {name}\n" in text and "\nVersion: " in text, name
        # Through links of packages that share one file.
        assert image.file(f"usr/share/doc/{name}/copyright").read_text(), name
    assert "ID=debian" in image.file("etc/os-release").read_text()


def test_there_are_authorities_where_openssl_looks(image):
    link = os.readlink(image.file("usr/lib/ssl/cert.pem"))
    assert image.file(link).read_text().count("BEGIN CERTIFICATE") > 50


def test_a_second_build_gives_the_same_bytes(image):
    def digests():
        return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in FOLDER.glob("evrelay_*.tar")}
    before = digests()
    assert len(before) == 2
    made = build()
    assert made.returncode == 0, made.stdout + made.stderr
    assert digests() == before


def test_the_files_alone_are_made_with_no_more_rights_than_a_docker_build_has(image, tmp_path):
    kept = ",".join(["-all", *(f"+{name}" for name in BUILD_CAPABILITIES)])
    made = build("--root", tmp_path / "root", prefix=("setpriv", f"--bounding-set={kept}", "--inh-caps=-all"))
    assert made.returncode == 0, made.stdout + made.stderr
    mine, theirs = below(tmp_path / "root"), below(image.root)
    assert set(mine) == set(theirs)
    for path, status in mine.items():
        other = theirs[path]
        assert (status.st_mode, status.st_uid, status.st_gid) == (other.st_mode, other.st_uid, other.st_gid), path
        assert content(tmp_path / "root" / path) == content(image.root / path), path


@pytest.mark.parametrize("arguments", [["--root"], ["--root", "a", "b"], ["--bogus"]])
def test_a_wrong_call_is_told(arguments):
    made = build(*arguments)
    assert made.returncode == 1 and "usage: scripts/build-image.sh" in made.stderr, made
