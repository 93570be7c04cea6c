# SPDX-License-Identifier: MIT
"""What became of a life, for whoever judges it."""

import dataclasses

from answers import Answers
from life import Life
from transports import Link


@dataclasses.dataclass
class Run:
    """What became of a life."""

    life: Life
    answers: Answers
    link: Link | None = None
    state: str = "not begun"
    # What came and may never come.
    wrong: str = ""
    has_sent_all: bool = False
    has_waited_in_vain: bool = False
    # The longest time in which it let its connection wait for a request.
    idle_seconds: float = 0.0
    # Whether the server ended the connection, or was given the time to.
    was_ended: bool = False
    awaited_end: bool = False
    frames_before_chatter: int = 0
