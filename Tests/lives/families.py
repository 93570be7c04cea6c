# SPDX-License-Identifier: MIT
"""Families of lives: each draws a burst. The kinds of ends that have once done harm are drawn more often than chance
would."""

import dataclasses

from asks import NEVER
from drawing import Drawing
from life import Life, Reading
from plans import DOOR_BYTES, LARGE_BYTES, Burst, Happening, Settings
from transports import TRANSPORTS

TLS = ("tls1.2", "tls1.3")


def mixed(drawing: Drawing) -> Burst:
    """Anything, each by itself."""
    lives = [drawing.any_life() for _ in range(drawing.random.choice((1, 10, 40, 100)))]
    return drawing.burst("mixed", lives, drawing.frames())


def together(drawing: Drawing) -> Burst:
    """1 to 200 that send in the same turn: the same request, or each its own."""
    group, count = drawing.new_group(), drawing.random.choice((1, 2, 33, 34, 70, 120, 200))
    pattern = drawing.any_life(is_short=True)
    lives = []
    for _ in range(count):
        life = pattern if drawing.random.random() < 0.8 else drawing.any_life(is_short=True)
        lives.append(drawing.again(life, group=group, start=0.0))
    return drawing.burst("together", lives, drawing.frames(), in_one_turn=True)


def answers(drawing: Drawing) -> Burst:
    """34 to 100 clients that ask again as soon as all of them were answered: more than 32 answers in one turn."""
    group, random = drawing.new_group(), drawing.random
    transport = random.choice((*TLS, *TLS, "plain", "unix"))
    sings = random.random() < 0.7
    asks = (drawing.routes.healthz() if sings else drawing.routes.snapshot("still", drawing.good_key),)
    count = random.randrange(34, 101) * (2 if drawing.settings.threads > 1 else 1)
    first = drawing.life(transport, asks, group=group, repeats=random.choice((20, 60)) if sings else 5, sings=sings)
    lives = [first, *(drawing.again(first) for _ in range(count - 1))]
    return drawing.burst("answers", lives, in_one_turn=not sings)


def waits(drawing: Drawing) -> Burst:
    """Long polls that end in every way: by a frame, by the client, by a socket that takes nothing."""
    random, routes, lives = drawing.random, drawing.routes, []
    for _ in range(random.choice((1, 5, 20))):
        ask = routes.versioned(routes.wait(random.choice(("door", "large")), "{now}", drawing.good_key))
        reading = random.choice((Reading(), Reading(), Reading("never", hold=1.0), Reading("head")))
        lives.append(drawing.life(
            drawing.transport(), (ask,), reading=reading, end=random.choice(("leave", "fin", "reset", "close_notify")),
            start=random.uniform(0, 0.3), receive_buffer=random.choice((0, 4096))))
    for _ in range(random.choice((0, 5))):
        ask = routes.versioned(routes.wait("still", str(NEVER), drawing.good_key))
        lives.append(drawing.life(drawing.transport(), (ask,), reading=Reading("never", hold=random.uniform(0.1, 1)),
                                  end=random.choice(("leave", "fin", "reset", "close_notify"))))
    frames = [Happening(at, "frame", camera, size) for at, camera, size in (
        (0.5, "door", DOOR_BYTES), (0.6, "large", LARGE_BYTES), (1.6, "door", DOOR_BYTES), (1.7, "large", LARGE_BYTES))]
    return drawing.burst("waits", lives, [*frames, *(Happening(at + 1.8, each.kind, each.camera, each.size)
                                                     for at, each in zip((0.6, 0.7), frames, strict=False))])


def ends(drawing: Drawing) -> Burst:
    """A stream that has an end, of which nothing is read; the client ends its side and goes."""
    random, lives = drawing.random, []
    for _ in range(random.choice((1, 5, 20))):
        asks = (drawing.routes.versioned(drawing.routes.finite_stream("large", drawing.good_key, 1)),)
        if random.random() < 0.3:
            asks = (drawing.routes.versioned(drawing.routes.snapshot("large", drawing.good_key)),)
        reading = random.choice((Reading("never", hold=0.3), Reading("head"),
                                 Reading("stop", 1000, 0.3, "close_notify"),
                                 Reading("stop", 1000, 0.3, "close_notify+fin")))
        lives.append(drawing.life(random.choice((*TLS, *TLS, *TRANSPORTS)), asks, reading=reading,
                                  end=random.choice(("fin", "close_notify", "close_notify+fin", "reset"))))
    return drawing.burst("ends", lives)


def doctors(drawing: Drawing) -> Burst:
    """The largest answers of /doctor/stream, of which nothing is read."""
    ask = drawing.routes.doctor_stream(40, 50, 65536)
    lives = [drawing.life(drawing.transport(), (ask,), reading=Reading("never", hold=2.5), receive_buffer=4096)
             for _ in range(200)]
    return drawing.burst("doctors", lives)


def key_updates(drawing: Drawing) -> Burst:
    """Floods of TLS 1.3 KeyUpdate records, all in one go."""
    group = drawing.new_group()
    count, each = drawing.random.choice(((1, 5_000), (1, 150_000), (2, 75_000), (2, 100_000)))
    ask = drawing.routes.stream("still", drawing.good_key, "?fps=0.01")
    lives = [drawing.life("tls1.3", (ask,), key_updates=each, group=group, reading=Reading("never", hold=0.5))
             for _ in range(count)]
    return drawing.burst("key_updates", lives)


def memory(drawing: Drawing) -> Burst:
    """60 readers of snapshots who read nothing, each of another frame, while a camera with large frames goes on."""
    random = drawing.random
    lives = []
    for index in range(60):
        ask = (drawing.routes.stream("pressed", drawing.good_key) if random.random() < 0.1
               else dataclasses.replace(drawing.routes.snapshot("pressed", drawing.good_key), method="GET"))
        ask = dataclasses.replace(ask, statuses=ask.statuses | {404, 503})
        lives.append(drawing.life(random.choice(("plain", "plain", "unix", *TLS)), (ask,), start=0.2 + index * 0.05,
                                  reading=Reading("never", hold=1.4), receive_buffer=4096))
    pressure = [Happening(0, "pressure", "pressed", 3_000_000, 60)]
    return drawing.burst("memory", lives, pressure, fills_memory=True)


def log(drawing: Drawing) -> Burst:
    """Floods of joins and leaves, while nobody reads the relay's log."""
    routes, lives = drawing.routes, []
    for index in range(200):
        asks = (routes.finite_stream("door", drawing.good_key, 1),) * 3
        asks = tuple(dataclasses.replace(ask, fields=(*ask.fields, "Connection: close")) for ask in asks[:1])
        lives.append(drawing.life(drawing.random.choice(("plain", "unix")), asks, start=index * 0.01))
    return drawing.burst("log", lives, [Happening(0.1, "mute"), Happening(5.5, "unmute")])


def marks(drawing: Drawing) -> Burst:
    """Uploads that a proxy on this machine seems to have handed on."""
    lives = [drawing.life(drawing.transport(), (drawing.routes.marked_upload(),)) for _ in range(12)]
    return drawing.burst("marks", lives)


def wrong_keys(drawing: Drawing) -> Burst:
    """Cameras with a wrong key and pictures larger than any socket's buffers: each is told so."""
    lives = []
    for index in range(6):
        # Each another one: a key that is known to be wrong is answered at once.
        key = f"{drawing.wrong_key}-{drawing.random.randrange(10**6)}-{index}"
        ask = drawing.routes.upload("up-3", key, drawing.random.choice((0, 400_000, 3_000_000, 7_000_000)))
        # Most cameras send all of it before they look for an answer.
        late = Reading("stop", 1, 0.05)
        reading = drawing.random.choice((Reading(), Reading("slow"), late, late))
        lives.append(drawing.life(drawing.transport(), (ask,), reading=reading, start=drawing.random.uniform(0, 1)))
    return drawing.burst("wrong_keys", lives, seconds=60)


def halves(drawing: Drawing) -> Burst:
    """Clients that have ended their side, right behind the request or amid the answer, and read on."""
    random, routes, lives = drawing.random, drawing.routes, []
    for _ in range(random.choice((5, 30))):
        transport = drawing.transport()
        ask = routes.versioned(random.choice((
            routes.healthz, routes.page, lambda: routes.snapshot("large", drawing.good_key),
            lambda: routes.snapshot("large", drawing.good_key),
            lambda: routes.finite_stream("large", drawing.good_key, 1), routes.upload))())
        end = random.choice(("fin", "close_notify", "close_notify+fin")) if transport in TLS else "fin"
        if random.random() < 0.5:
            lives.append(drawing.life(transport, (ask,), behind=end))
        else:
            reading = Reading("stop", random.choice((1, 1000, 100_000)), random.uniform(0.05, 0.4), end)
            lives.append(drawing.life(transport, (ask,), reading=reading))
    return drawing.burst("halves", lives)


def oddities(drawing: Drawing) -> Burst:
    """Odd targets and heads, and `Connection: TE, close`."""
    lives = []
    for _ in range(25):
        ask = drawing.random.choice((drawing.routes.odd_target, drawing.routes.error, drawing.routes.healthz))()
        version = "1.1 TE" if ask.target == "/healthz" else drawing.random.choice(("1.1", "1.1 close"))
        lives.append(drawing.life(drawing.transport(), (drawing.routes.versioned(ask, version),)))
    return drawing.burst("oddities", lives)


def secrets(drawing: Drawing) -> Burst:
    """What /doctor/info tells to whom."""
    lives = [drawing.life(drawing.transport(), (drawing.routes.doctor_info(),)) for _ in range(10)]
    return drawing.burst("secrets", lives)


def reload(drawing: Drawing) -> Burst:
    """Other limits, other keys, and less that is open, while lives go on."""
    lives = [drawing.any_life() for _ in range(30)]
    return drawing.burst("reload", lives, [*drawing.frames(), Happening(drawing.random.uniform(0.05, 0.5), "reload")])


def chatter(drawing: Drawing) -> Burst:
    """Viewers that send something, which nobody asked them for."""
    lives = [drawing.life(drawing.transport(), (drawing.routes.stream("canary", drawing.good_key, "?fps=1000"),),
                          chatter=drawing.random.choice((1, 100, 4000, 4096))) for _ in range(5)]
    return drawing.burst("chatter", lives)


def drain(drawing: Drawing) -> Burst:
    """The relay is told to end while lives go on."""
    lives = [drawing.any_life() for _ in range(40)]
    return drawing.burst("drain", lives, [*drawing.frames(), Happening(drawing.random.uniform(0.05, 1), "drain")],
                         ends_relay=True)


def handover(drawing: Drawing) -> Burst:
    """The relay is restarted while lives go on."""
    lives = [drawing.any_life() for _ in range(40)]
    return drawing.burst("handover", lives,
                         [*drawing.frames(), Happening(drawing.random.uniform(0.05, 1), "hand over")], seconds=45)


def parked(drawing: Drawing) -> tuple[Life, ...]:
    """Long polls for a frame that never comes, which stay for their 25 seconds."""
    asks = [drawing.routes.versioned(drawing.routes.wait("still", str(NEVER), drawing.good_key), version)
            for version in ("1.0", "1.1 close", "1.1", "1.0 kept")]
    return tuple(drawing.life(drawing.transport(), (ask,), is_parked=True) for ask in asks)


# How often each is drawn; those that need other settings are left out where they have none.
WEIGHTS = {mixed: 6, together: 5, answers: 3, waits: 3, ends: 3, doctors: 1, key_updates: 1, memory: 1, log: 1,
           marks: 1,           wrong_keys: 1, halves: 3, oddities: 2, secrets: 1, reload: 2, chatter: 1}
NAMES = {family.__name__: family for family in (*WEIGHTS, drain, handover)} | {"parked": mixed}


def fits(name: str, settings: Settings) -> bool:
    """Whether this family says something about a relay with these settings."""
    return {"marks": settings.access == "local", "wrong_keys": settings.has_keys,
            "secrets": settings.access == "private", "handover": settings.is_managed,
            "memory": settings.frame_memory <= 32 << 20 and not settings.low_limit,
            "doctors": not settings.low_limit, "answers": settings.low_limit != "connections",
            "log": settings.low_limit != "connections"}.get(name, True)
