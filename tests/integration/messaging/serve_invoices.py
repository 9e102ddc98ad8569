"""A small service under the name of a real one, so that it runs with that one's rights on the broker."""

# ruff: noqa: E402, ARG002 - a green process is made green before anything else is imported; an endpoint's signature
from shared.messaging import green

green.patch()

import sys
from functools import partial
from typing import Any, cast

from eventlet.event import Event

from shared.contracts.permissions import Permission
from shared.messaging import worker
from shared.messaging.access import PUBLIC
from shared.messaging.endpoints import BaseService, Call, Reply, Request, command, query
from shared.messaging.settings import WorkerSettings, read_or_exit
from tests.integration.messaging.application import App
from tests.integration.messaging.contracts import Number, Numbers, Text


class Invoices(BaseService):
    name = "invoices"
    app: Any = App()
    died = False

    @query(permission=PUBLIC, request=Number, reply=Number)
    def double(self, call: Call, request: Request) -> Reply:
        return {"number": 2 * request["number"]}

    @query(permission=PUBLIC, request=Text, reply=Text)
    def echo(self, call: Call, request: Request) -> Reply:
        return request

    @query(permission=PUBLIC, request=Number, reply=Text)
    def say(self, call: Call, request: Request) -> Reply:
        """Answer with so many characters."""
        return {"text": "x" * request["number"]}

    @query(permission=PUBLIC, request=Number, reply=Number)
    def wait_for_lock(self, call: Call, request: Request) -> Reply:
        """Stay inside the database until the test lets go of an advisory lock."""
        with self.app.pool.connection() as connection, connection.transaction():
            connection.execute("SELECT pg_advisory_xact_lock_shared(%s)", (request["number"],))
        return {"number": request["number"]}

    @query(permission=PUBLIC, request=Text, reply=Text)
    def fail(self, call: Call, request: Request) -> Reply:
        raise ValueError(f"the text was {request['text']}")

    @query(permission=PUBLIC, request=Text, reply=Text)
    def fail_in_database(self, call: Call, request: Request) -> Reply:
        with self.app.pool.connection() as connection:
            connection.execute("SELECT %s::integer", (request["text"],))
        return request

    @query(permission=PUBLIC, request=Text, reply=Text)
    def answer_nonsense(self, call: Call, request: Request) -> Reply:
        return cast("Reply", NotJson(request["text"]))

    @query(permission=PUBLIC, request=Number, reply=Number)
    def die(self, call: Call, request: Request) -> Reply:
        """Let the container die, once in a process, as nameko lets it: by an error in one of its own threads."""

        def boom() -> None:
            raise RuntimeError("the container dies")

        if not Invoices.died:
            Invoices.died = True
            self.app.container.spawn_managed_thread(boom)
            Event().wait()
        return request

    @query(permission=Permission.INVOICE_READ, request=Number, reply=Text)
    def whose(self, call: Call, request: Request) -> Reply:
        return {"text": f"{call.actor.id if call.actor else ''} for {call.require_tenant()}"}

    @command(permission=Permission.INVOICE_ISSUE, request=Number, reply=Text)
    def issue(self, call: Call, request: Request) -> Reply:
        return {"text": call.require_command().request_hash.hex()}

    @query(permission=PUBLIC, request=Numbers, reply=Number)
    def add(self, call: Call, request: Request) -> Reply:
        return {"number": request["first"] + request["second"]}


class NotJson(dict[str, object]):
    def __init__(self, text: str) -> None:
        super().__init__(text=text)

    def __getitem__(self, name: str) -> object:
        raise RuntimeError(f"no {name} in {super().__getitem__('text')}")


if __name__ == "__main__":
    sys.exit(worker.run(Invoices, read_or_exit(partial(WorkerSettings.read, service=Invoices.name))))
