# SPDX-License-Identifier: MIT
"""The life of a client that changes its keys thousands of times, all in one go."""

import time

from engine import Gathering, Wait
from key_updates import KeyUpdateClient
from reader import Reader, Steps


class Flood(Reader):
    """Over a connection on which no other TLS than its own is spoken."""

    def flood(self, gathering: Gathering | None) -> Steps:
        """Changes of keys, all of them made before the first is sent, by a viewer: a connection without a request would
        be ended before they are made."""
        client, link, until = KeyUpdateClient(), self.run.link, self._within(30)
        try:
            while not client.shake_hands() and not link.ended and time.monotonic() < until:
                link.queue_raw(client.outgoing())
                is_sent = link.flush()
                yield Wait(until, link, read=True, write=not is_sent)
                client.incoming(link.read() or b"")
            client.write(self.life.asks[0].encoded(1, 1))
            link.queue_raw(client.outgoing())
            link.flush()
            records = bytearray()
            for start in range(0, self.life.key_updates, 500):
                records += client.key_updates(min(500, self.life.key_updates - start), bool(self.life.number % 2))
                self._drop()
                yield Wait(time.monotonic())
            if gathering:
                self.run.state = "waiting for its group"
                yield gathering
            link.queue_raw(bytes(records))
            self.run.state = f"sends {len(records)} bytes of changed keys"
            while not link.flush() and not link.ended and time.monotonic() < until:
                self._drop()
                yield Wait(until, link, read=True, write=True)
            yield Wait(time.monotonic() + self.life.reading.hold)
            self.run.state = "gone"
        finally:
            client.close()

    def _drop(self):
        while self.run.link.read():
            pass
