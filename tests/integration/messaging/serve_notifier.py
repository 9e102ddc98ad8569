"""A small subscriber, and a caller of the other small service."""

# ruff: noqa: E402, ARG002 - a green process is made green before anything else is imported; an endpoint's signature
from shared.messaging import green

green.patch()

import sys
from functools import partial
from typing import Any

from shared.contracts.events import PublishedEvent
from shared.contracts.permissions import Permission
from shared.crypto.signing import SigningKey
from shared.messaging import worker
from shared.messaging.access import PUBLIC
from shared.messaging.caller import ServiceCaller
from shared.messaging.consumer import inbox_handler
from shared.messaging.endpoints import BaseService, Call, Reply, Request, query
from shared.messaging.settings import WorkerSettings, read_or_exit
from tests.integration.messaging.application import CallingApp
from tests.integration.messaging.contracts import Number, Text


class Notifier(BaseService):
    name = "notifier"
    app: Any = CallingApp()

    @inbox_handler("invoices", "DocumentArchived")
    def document_archived(self, event: PublishedEvent) -> None:
        self.app.inbox.record(event)

    @query(permission=PUBLIC, request=Number, reply=Number)
    def double_elsewhere(self, call: Call, request: Request) -> Reply:
        answer: Reply = self.app.bus.call("invoices", "double", {"request": request}, timeout=60)
        return answer

    @query(permission=PUBLIC, request=Number, reply=Number)
    def wait_elsewhere(self, call: Call, request: Request) -> Reply:
        arguments = {"request": request}
        answer: Reply = self.app.bus.call("invoices", "wait_for_lock", arguments, timeout=0.5)
        return answer

    @query(permission=Permission.INVOICE_READ, request=Number, reply=Text)
    def whose_elsewhere(self, call: Call, request: Request) -> Reply:
        """Act for whoever calls."""
        bus = ServiceCaller(self.app.bus, "notifier", SigningKey.generate())
        answer: Reply = bus.call("invoices", "whose", request, on_behalf_of=call.actor.token if call.actor else None)
        return answer

    @query(permission=PUBLIC, request=Text, reply=Text)
    def call_nobody(self, call: Call, request: Request) -> Reply:
        answer: Reply = self.app.bus.call(request["text"], "double", {"request": {}}, timeout=60)
        return answer


if __name__ == "__main__":
    sys.exit(worker.run(Notifier, read_or_exit(partial(WorkerSettings.read, service=Notifier.name))))
