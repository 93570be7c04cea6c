# SPDX-License-Identifier: MIT
"""docs/containers.md, the compose file and the Dockerfile say what the image is, and what they say to type works."""

import re
import shutil

import pytest
import yaml

import pictures
from container import Mount, Setup
from credentials import bearer, new_key
from image import FOLDER, USER
from settings import REPOSITORY

MANUAL = (REPOSITORY / "docs/containers.md").read_text()
COMPOSE = REPOSITORY / "packaging/compose.yaml"
LINES = re.findall(r"^docker run .+$", MANUAL, re.MULTILINE)
SERVICES = [line for line in LINES if " --detach " in line or "--open-publishing" in line]
COMMANDS = [line for line in LINES if line not in SERVICES]
DOCKERFILE = (REPOSITORY / "packaging/Dockerfile").read_text()


@pytest.fixture
def folders(machine, tmp_path, authority):
    """The folder that the manual calls /srv/evrelay, made as it says, and the lines with the test's own in its place."""
    pair = authority.local()
    for name, source, mode in (("settings/keys", None, 0o600), ("tls/fullchain.pem", pair.certificate, 0o644),
                               ("tls/privkey.pem", pair.key, 0o400)):
        path = tmp_path / name
        path.parent.mkdir(mode=0o755, exist_ok=True)
        path.write_bytes(source.read_bytes() if source else b"")
        path.chmod(mode)
        shutil.chown(path, USER, USER)
    return lambda line: line.replace("/srv/evrelay", str(tmp_path))


def test_there_are_lines_of_both_kinds():
    assert len(SERVICES) >= 7 and len(COMMANDS) >= 5


@pytest.mark.parametrize("line", SERVICES)
def test_a_line_that_starts_the_relay_does(machine, folders, line):
    if "token-secret" in line:
        assert machine.run(next(each for each in COMMANDS if " secret " in each)).returncode == 0
    container = machine.start(folders(line))
    assert container.execute("/usr/bin/evrelay", "probe").returncode == 0
    assert container.get("/").status == 200
    for _ in range(line.count(":30443")):
        container.wait_for_line(r"listening.*https:")
    # 401 where a key or a link would do, 403 where there can be none.
    assert container.upload(pictures.numbered(1)).status in ([200] if "--open-publishing" in line else [401, 403])


@pytest.mark.parametrize("line", COMMANDS)
def test_a_line_that_makes_something_does(machine, line):
    done = machine.run(line)
    assert done.returncode == 0, done


def test_a_certificate_that_was_made_before_has_the_name_that_was_asked_for(machine):
    make = next(line for line in COMMANDS if " certificate " in line)
    assert machine.run(make).returncode == 0
    container = machine.start(next(line for line in SERVICES if "SELF_SIGNED" in line))
    assert make.split()[-1] in container.wait_for_line(r"\bcertificate\b.* names=").partition(" names=")[2].split(",")


def test_the_first_lines_lead_to_a_picture(machine):
    """The key of the third line, sent as the ffmpeg line sends it."""
    block = re.search(r"^```sh\n(make image.*?)^```", MANUAL, re.MULTILINE | re.DOTALL).group(1)
    _, load, make_key, serve = block.splitlines()
    pattern = load.split()[-1]
    assert len(list(REPOSITORY.glob(pattern))) == 1 and pattern.startswith(FOLDER.name), load
    made = machine.run(make_key)
    key = made.stdout.strip()
    address = "http://localhost:30333/upload/door?key=KEY"
    assert f"'{address}'" in MANUAL and f"/upload/NAME?key={key}" in made.stderr, made
    container = machine.start(serve)
    assert container.upload(pictures.numbered(7), f"door?key={key}").status == 200
    assert container.get("/snapshot/door").body == pictures.numbered(7)


def test_what_is_executed_inside_is_a_command(machine):
    commands = [line.split() for line in re.findall(r"^docker exec evrelay evrelay (.+)$", MANUAL, re.MULTILINE)]
    assert len(commands) >= 2
    machine.run(next(each for each in COMMANDS if " secret " in each))
    container = machine.start(next(line for line in SERVICES if "token-secret" in line))
    for command in commands:
        done = container.execute("/usr/bin/evrelay", *command)
        assert done.returncode == 0, done


def test_the_compose_file_runs_the_image_as_the_manual_says(machine, image):
    made = yaml.safe_load(COMPOSE.read_text())
    service = made["services"]["evrelay"]
    assert service["read_only"] is True and service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert made["volumes"]["settings"]["name"] == "evrelay-settings"
    line = next(line for line in LINES if "--pids-limit" in line)
    for option, value in (("--pids-limit", service["pids_limit"]), ("--memory", service["mem_limit"]),
                          ("--ulimit", f"nofile={service['ulimits']['nofile']}"),
                          ("--publish", service["ports"][0])):
        assert f"{option} {value} " in line, option
    check = image.configuration()["config"]["Healthcheck"]
    health = service["healthcheck"]
    assert health["test"] == check["Test"] and health["retries"] == check["Retries"]
    for name, field in (("interval", "Interval"), ("timeout", "Timeout"), ("start_period", "StartPeriod")):
        assert health[name] == f"{check[field] // 1_000_000_000}s", name
    setup = Setup(environment=service["environment"], mounts=[machine.mount(each) for each in service["volumes"]])
    assert machine.start(setup).execute(*health["test"][1:]).returncode == 0


def test_the_dockerfile_takes_the_same_steps_and_describes_the_same_image(image):
    build, final = re.split(r"^FROM scratch$", DOCKERFILE, flags=re.MULTILINE)
    assert re.findall(r"^RUN (.+)$", build, re.MULTILINE) == [
        "scripts/install-tools.sh image", "make deb", "scripts/build-image.sh --root /image"]
    assert "COPY --from=build /image/ /\n" in final and "RUN" not in final
    settings = image.configuration()["config"]
    said = dict(re.findall(r"^([A-Z]+) (.+)$", final, re.MULTILINE))
    assert said["USER"] == settings["User"]
    assert said["ENV"].split() == settings["Env"]
    assert said["WORKDIR"] == settings["WorkingDir"]
    assert set(said["EXPOSE"].split()) == set(settings["ExposedPorts"])
    assert set(yaml.safe_load(said["VOLUME"])) == set(settings["Volumes"])
    assert said["STOPSIGNAL"] == settings["StopSignal"]
    assert yaml.safe_load(said["ENTRYPOINT"]) == settings["Entrypoint"]
    options, _, command = said["HEALTHCHECK"].partition(" CMD ")
    check = settings["Healthcheck"]
    assert ["CMD", *yaml.safe_load(command)] == check["Test"]
    seconds = {name: f"{check[field] // 1_000_000_000}s" for name, field in (
        ("interval", "Interval"), ("timeout", "Timeout"), ("start-period", "StartPeriod"))}
    assert dict(re.findall(r"--([a-z-]+)=(\S+)", options)) == seconds | {"retries": str(check["Retries"])}
    for label in said["LABEL"].split():
        name, _, value = label.partition("=")
        assert settings["Labels"][name] == value


def test_the_lines_for_kubernetes_have_the_images_user_and_places(machine, image, tmp_path):
    """A Secret is laid out as they say: it belongs to root, and to the group of fsGroup."""
    pod = yaml.safe_load(re.search(r"^```yaml\n(securityContext:.*?)^```", MANUAL, re.MULTILINE | re.DOTALL).group(1))
    outer, (made,) = pod["securityContext"], pod["containers"]
    settings = image.configuration()["config"]
    assert f"{outer['runAsUser']}:{outer['runAsGroup']}" == settings["User"] and outer["fsGroup"] == USER
    assert made["livenessProbe"]["exec"]["command"] == settings["Healthcheck"]["Test"][1:]
    (place,), (volume,) = made["volumeMounts"], pod["volumes"]
    assert place["name"] == volume["name"] and place["readOnly"] and place["mountPath"] in settings["Volumes"]
    key = new_key()
    keys = tmp_path / "keys"
    keys.write_text(f"{key} publish *\n")
    shutil.chown(keys, 0, outer["fsGroup"])
    keys.chmod(volume["secret"]["defaultMode"])
    tmp_path.chmod(0o755)
    container = machine.start(Setup(mounts=[Mount(tmp_path, place["mountPath"], is_read_only=True)]))
    assert container.upload(pictures.numbered(1), "door", bearer(key)).status == 200
    probe = made["readinessProbe"]["httpGet"]
    assert container.get(probe["path"]).status == 200 and f"{probe['port']}/tcp" in settings["ExposedPorts"]
