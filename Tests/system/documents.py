# SPDX-License-Identifier: MIT
"""What documents tell to type, and what they say comes of it."""

import os
import pathlib
import re
import subprocess

from relay import environment

# These ask a running systemd; the tests of the installed package do.
NEED_A_BOOTED_SYSTEM = ("systemctl", "journalctl")


def commands(text: str) -> list[tuple[str, str]]:
    """The commands of a document's `console` blocks, each with what is printed."""
    return [
        (command, printed)
        for block in re.findall(r"^```console\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
        for command, printed in re.findall(r"^\$ (.+)\n((?:(?!\$ ).*\n)*)", block, re.MULTILINE)
        if not command.startswith(NEED_A_BOOTED_SYSTEM)
    ]


def check(command: str, printed: str, folder: pathlib.Path):
    """Runs a command in a folder, whose programs are found first; fails unless it prints what the document says."""
    done = subprocess.run(
        ["bash", "-c", command], cwd=folder, timeout=60, stdin=subprocess.DEVNULL, capture_output=True, text=True,
        env={**environment(), "PATH": f"{folder}:{os.environ['PATH']}"})
    # grep ends with 1 when it prints nothing.
    assert done.returncode == 0 or (not printed and "| grep" in command), done
    # The relay's JSON ends without a line end.
    lines = [line + "\n" for line in done.stdout.splitlines()]
    assert re.fullmatch("".join(map(_as_pattern, printed.splitlines())), "".join(lines)), done


def _as_pattern(line: str) -> str:
    """What a printed line stands for; `…` alone is any number of lines."""
    if line == "…":
        return r"(?:.*\n)*?"
    return re.sub(r"(?:\\ )+", " +", re.escape(line)).replace("…", ".*?") + r"\n"


def anchor(heading: str) -> str:
    """The name that a heading gets in links."""
    return re.sub(r"[^a-z0-9 _-]", "", heading.lower()).replace(" ", "-")
