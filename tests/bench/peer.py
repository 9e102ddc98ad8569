"""The same work done by `eventsourcing`, in an environment of its own: reads orders as JSON lines, answers seconds.

Used as its documentation says: an application over its PostgreSQL module, an aggregate whose commands trigger events,
`save` for each; AES-GCM through its cipher, no compressor. Replay reads the notification log in pages as large as ours.
"""

import json
import sys
import time
from collections.abc import Mapping
from importlib.metadata import version
from typing import Any

from eventsourcing.application import Application
from eventsourcing.cipher import AESCipher
from eventsourcing.domain import Aggregate, event

from tests.bench.material import STREAM_LENGTH, Folded, Payload, fold, payload

PAGE = 500


class Invoice(Aggregate):  # type: ignore[misc]  # its types are in the other environment
    """An aggregate that takes any payload."""

    def __init__(self, content: Payload) -> None:
        self.content = content

    @event("Drafted")  # type: ignore[untyped-decorator]  # as above
    def draft(self, content: Payload) -> None:
        self.content = content


class Peer:
    """One application and the aggregate that is being written to."""

    def __init__(self, database: Mapping[str, str]) -> None:
        environment = {
            "PERSISTENCE_MODULE": "eventsourcing.postgres",
            "CIPHER_TOPIC": "eventsourcing.cipher:AESCipher",
            "CIPHER_KEY": AESCipher.create_key(32),
            **database,
        }
        self._application = Application(environment)
        self._written = 0
        self._invoice: Invoice | None = None

    def append(self, count: int) -> float:
        """Append `count` events, one transaction each; only the work on prepared payloads is timed."""
        payloads = [payload(index) for index in range(self._written, self._written + count)]
        start = time.perf_counter()
        for content in payloads:
            self._append(content)
        return time.perf_counter() - start

    def replay(self) -> float:
        """Read, open and fold all events."""
        start = time.perf_counter()
        folded: Folded = {}
        first, mapper, recorder = 1, self._application.mapper, self._application.recorder
        while page := recorder.select_notifications(first, PAGE):
            for notification in page:
                opened = mapper.to_domain_event(notification)
                fold(folded, str(opened.originator_id), opened.originator_version, opened.content)
            first = page[-1].id + 1
        return time.perf_counter() - start

    def _append(self, content: Payload) -> None:
        if self._invoice is None or self._written % STREAM_LENGTH == 0:
            self._invoice = Invoice(content)
        else:
            self._invoice.draft(content)
        self._application.save(self._invoice)
        self._written += 1


def main() -> None:
    """Obey orders until standard input ends."""
    peers: dict[str, Peer] = {}
    say({"version": version("eventsourcing")})
    for line in sys.stdin:
        order: dict[str, Any] = json.loads(line)
        match order["do"]:
            case "connect":
                peers[order["name"]] = Peer(order["database"])
                say({})
            case "append":
                say({"seconds": peers[order["name"]].append(order["count"])})
            case "replay":
                say({"seconds": peers[order["name"]].replay()})
            case unknown:
                raise ValueError(unknown)


def say(answer: Mapping[str, object]) -> None:
    """Answer in one line."""
    print(json.dumps(answer), flush=True)  # noqa: T201 - standard output is the channel


if __name__ == "__main__":
    main()
