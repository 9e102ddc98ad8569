"""A service that keeps a copy of every issued document in a folder: it hears an event, and asks for the content."""
# ruff: noqa: INP001, E402 - a program, not a package; it is made green before anything else is imported

from shared.messaging import green

green.patch()

import base64
import os
import sys
from functools import partial
from pathlib import Path

from nameko.extensions import DependencyProvider

from shared.contracts.events import PublishedEvent
from shared.crypto.signing import SigningKey
from shared.messaging import worker
from shared.messaging.caller import BusCaller, ServiceCaller
from shared.messaging.consumer import inbox_handler
from shared.messaging.settings import Environment, WorkerSettings, read_or_exit

NAME = "notifier"  # a service of your own has a name of its own
FOLDER = Path(os.environ["MIRROR_FOLDER"])


class Tallystick(DependencyProvider):  # type: ignore[misc]  # nameko publishes no types
    """Calls in this service's name: it signs an assertion, auth gives it a token of five minutes."""

    caller = BusCaller()

    def get_dependency(self, worker_ctx: object) -> ServiceCaller:  # noqa: ARG002 - nameko's signature
        """Hand a caller to whoever is called."""
        return ServiceCaller(self.caller, NAME, Environment().key("SERVICE_KEY_FILE", SigningKey.load))


class Mirror:
    """Subscribes to one event; what it does twice it has done once."""

    name = NAME
    tallystick = Tallystick()

    @inbox_handler("invoices", "DocumentArchived")
    def keep(self, event: PublishedEvent) -> None:
        """Keep the document; when this raises, the event comes again after a pause."""
        asked = {"invoice_id": event.stream.removeprefix("invoice-")}
        document = self.tallystick.call("invoices", "get_document", asked, tenant=event.tenant, timeout=10)
        written = FOLDER / f"{event.id}.part"
        written.write_bytes(base64.b64decode(document["content_base64"]))
        written.rename(FOLDER / f"{document['digest']}.pdf")


if __name__ == "__main__":
    sys.exit(worker.run(Mirror, read_or_exit(partial(WorkerSettings.read, service=NAME))))
