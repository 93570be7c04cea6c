# SPDX-License-Identifier: MIT
"""Clients that all ask again in the moment when the last of them was answered, faster than any loop of events could.

The server has then not finished its turn: what it does between an answer and the next request is what is looked at.
"""

import time
from collections.abc import Sequence

from multipart import WrongBytes
from outcome import Run

# Together they have this long; it blocks all other lives meanwhile.
_SECONDS = 10


def sing(runs: Sequence[Run], patience: float):
    """Each sends its requests one by one, over its open connection. Their answers are short and come in one piece."""
    until = time.monotonic() + _SECONDS * patience
    runs = [run for run in runs if run.link and run.state == "waiting for its group" and not run.link.ended]
    turns = [[run.link.sealed(run.life.asks[0].encoded(1, 1)) for run in runs] for _ in range(runs[0].life.repeats)]
    heard: list[list[bytes]] = [[] for _ in runs]
    links = [run.link for run in runs]
    for turn in turns:
        for link, data in zip(links, turn, strict=True):
            link.queue_raw(data)
            link.flush()
        for link, answers in zip(links, heard, strict=True):
            answers.append(_wait_for(link, until))
        if time.monotonic() > until or any(link.ended for link in links):
            break
    for run, answers in zip(runs, heard, strict=True):
        run.has_sent_all = True
        try:
            run.answers.feed(b"".join(answers))
        except WrongBytes as error:
            run.wrong = str(error)


def _wait_for(link, until: float) -> bytes:
    while time.monotonic() < until:
        data = link.read()
        if data is not None:
            return data
    return b""
