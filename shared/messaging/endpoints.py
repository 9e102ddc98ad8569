"""Endpoints: what a service offers over the bus, each with its permission, its request and its reply.

    class InvoicesService(BaseService):
        name = "invoices"
        app = App()

        @command(permission=Permission.INVOICE_ISSUE, request=IssueInvoice, reply=InvoiceIssued)
        def issue_invoice(self, call: Call, request: dict[str, Any]) -> dict[str, Any]: ...

Callers send keyword arguments: `token`, `request`, for a command `idempotency_key`, for a sensitive call `proof`
(step_up.py), and services also `tenant`. What goes back is the reply or a `PublicError`; anything else that goes wrong
becomes `internal_error` with an incident id, under which the log of the service names the kind of error and where it
arose, never a value.
"""

import functools
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal, Protocol, cast

import psycopg
from marshmallow import Schema, ValidationError

from shared.contracts.base import HaltsReply, HealthReply, NoRequest
from shared.contracts.decision import Facts
from shared.contracts.errors import ErrorCode, PublicError
from shared.contracts.permissions import Permission
from shared.eventstore.halts import halted
from shared.eventstore.model import CommandId
from shared.eventstore.pool import Pool
from shared.kernel.ids import is_uuid
from shared.messaging.access import PUBLIC, Access, Actor, Own, Public, authorize, require_person
from shared.messaging.border import guarded
from shared.messaging.command_hash import Asked
from shared.messaging.rpc import sealed_rpc
from shared.messaging.step_up import ShownProof, StepUp

_LONGEST_IDEMPOTENCY_KEY = 200
_LONGEST_FIELD_NAME = 100
_HEALTH_TIMEOUT = 3.0

Request = dict[str, Any]
Reply = Mapping[str, Any]


class Application(Protocol):
    """What every service's composition root offers to its endpoints."""

    access: Access
    pool: Pool


@dataclass(frozen=True, slots=True)
class Call:
    """Who calls, for which tenant, and what makes the command this command."""

    actor: Actor | None
    """None on a PUBLIC endpoint."""
    tenant: str | None
    """A person's own tenant, or the one that a service named."""
    command: CommandId | None
    """None on a query."""
    require_step_up: Callable[[], None] = field(compare=False)
    """Ask for a proof where the endpoint is declared StepUp.WHERE_ASKED; see `ShownProof.require`."""

    def require_tenant(self) -> str:
        """Return the tenant; PublicError malformed_request when a service did not name one."""
        if self.tenant is None:
            raise _malformed({"tenant": ["Missing data for required field."]})
        return self.tenant

    def require_command(self) -> CommandId:
        """Return the command's identity; only a query has none, and a query has no business asking."""
        if self.command is None:
            raise RuntimeError("a query has no command id")
        return self.command


@dataclass(frozen=True, slots=True)
class Endpoint:
    """What an endpoint declares; every decorated method carries it as `.endpoint`."""

    kind: Literal["command", "query"]
    permission: Permission | Public | Own
    request: Schema
    reply: Schema
    step_up: StepUp = StepUp.NEVER


Method = Callable[[Any, Call, Request], Reply]


def command(
    *, permission: Permission | Own, request: type[Schema], reply: type[Schema], step_up: StepUp = StepUp.NEVER
) -> Callable[[Method], Callable[..., dict[str, Any]]]:
    """Declare an endpoint that changes something: it needs a token and an idempotency key."""
    endpoint = Endpoint("command", permission, request(), reply(), step_up)

    def decorate(method: Method) -> Callable[..., dict[str, Any]]:
        @functools.wraps(method)
        def entrypoint(
            self: "BaseService",
            *,
            token: object = None,
            request: object = None,
            idempotency_key: object = None,
            tenant: object = None,
            proof: object = None,
        ) -> dict[str, Any]:
            def serve() -> dict[str, Any]:
                actor = _admit(self, endpoint, token)
                whose = _tenant(actor, tenant)
                loaded = _load(endpoint, request)
                asked = Asked(self.name, method.__name__, whose, request, actor.id if actor else None)
                identity = _command_id(idempotency_key, asked, actor)
                shown = ShownProof(proof, actor, asked.deed, asked.command_hash(identity.key), single_use=False)
                return _answer(self, endpoint, method, _call(self, shown, whose, identity), loaded)

            return guarded(self.name, method.__name__, serve)

        return _publish(entrypoint, endpoint)

    return decorate


def query(
    *, permission: Permission | Public | Own, request: type[Schema], reply: type[Schema], step_up: StepUp = StepUp.NEVER
) -> Callable[[Method], Callable[..., dict[str, Any]]]:
    """Declare an endpoint that answers a question, or (PUBLIC) one that serves callers who have no token yet."""
    endpoint = Endpoint("query", permission, request(), reply(), step_up)

    def decorate(method: Method) -> Callable[..., dict[str, Any]]:
        @functools.wraps(method)
        def entrypoint(
            self: "BaseService",
            *,
            token: object = None,
            request: object = None,
            tenant: object = None,
            proof: object = None,
        ) -> dict[str, Any]:
            def serve() -> dict[str, Any]:
                actor = _admit(self, endpoint, token)
                whose = _tenant(actor, tenant)
                loaded = _load(endpoint, request)
                asked = Asked(self.name, method.__name__, whose, request, actor.id if actor else None)
                shown = ShownProof(proof, actor, asked.deed, asked.command_hash(None), single_use=True)
                return _answer(self, endpoint, method, _call(self, shown, whose, None), loaded)

            return guarded(self.name, method.__name__, serve)

        return _publish(entrypoint, endpoint)

    return decorate


def _call(service: "BaseService", shown: ShownProof, tenant: str | None, command_id: CommandId | None) -> Call:
    return Call(shown.actor, tenant, command_id, lambda: shown.require(service.app))


def _answer(service: "BaseService", endpoint: Endpoint, method: Method, call: Call, loaded: Request) -> dict[str, Any]:
    if endpoint.step_up is StepUp.ALWAYS:
        call.require_step_up()
    return _dump(endpoint, method(service, call, loaded))


def _publish(entrypoint: Callable[..., dict[str, Any]], endpoint: Endpoint) -> Callable[..., dict[str, Any]]:
    # nameko checks a call against the signature: it must see the wire's arguments, not the wrapped method's.
    del entrypoint.__wrapped__  # type: ignore[attr-defined]  # functools.wraps sets it
    entrypoint.endpoint = endpoint  # type: ignore[attr-defined]  # read by the test that walks all endpoints
    return cast("Callable[..., dict[str, Any]]", sealed_rpc(entrypoint))


def _admit(service: "BaseService", endpoint: Endpoint, token: object) -> Actor | None:
    if isinstance(endpoint.permission, Public):
        return None
    actor = service.app.access.authenticate(token)
    if isinstance(endpoint.permission, Own):
        require_person(actor)
    else:
        authorize(actor, endpoint.permission, Facts(now=service.app.access.clock.now()))
    return actor


def _tenant(actor: Actor | None, named: object) -> str | None:
    if named is not None and not (isinstance(named, str) and is_uuid(named)):
        raise _malformed({"tenant": ["Not a valid UUID."]})
    if actor is not None and actor.kind == "service":
        return named
    own = actor.tenant if actor else None
    if named not in (None, own):
        raise PublicError(ErrorCode.PERMISSION_DENIED, "You may not act for another tenant.")
    return own


def _load(endpoint: Endpoint, request: object) -> Request:
    try:
        return cast("Request", endpoint.request.load({} if request is None else request))  # type: ignore[arg-type]  # load itself refuses what is not a mapping
    except ValidationError as error:
        wrong = error.normalized_messages()  # type: ignore[no-untyped-call]  # marshmallow does not type this one
        raise _malformed(_shown(wrong)) from None


def _shown(wrong: Mapping[str, object]) -> dict[str, object]:
    """Return what is wrong with names that can be sent back: an unknown field's name is the caller's, whatever it is.

    Half of a surrogate pair has no UTF-8, and a name may be as long as the message.
    """
    return {
        str(name).encode("utf-8", "backslashreplace").decode()[:_LONGEST_FIELD_NAME]: (
            _shown(reasons) if isinstance(reasons, Mapping) else reasons
        )
        for name, reasons in wrong.items()
    }


def _dump(endpoint: Endpoint, reply: Reply) -> dict[str, Any]:
    return cast("dict[str, Any]", endpoint.reply.dump(reply))


def _command_id(key: object, asked: Asked, actor: Actor | None) -> CommandId:
    if key is None or key == "":
        raise PublicError(ErrorCode.IDEMPOTENCY_KEY_MISSING, "A command needs an idempotency key.")
    if not isinstance(key, str) or len(key) > _LONGEST_IDEMPOTENCY_KEY or not (key.isascii() and key.isprintable()):
        raise _malformed({"idempotency_key": ["Not 1 to 200 printable ASCII characters."]})
    return CommandId(key, asked.request_hash(), actor.author if actor else None)


def _malformed(wrong: Mapping[str, object]) -> PublicError:
    return PublicError(ErrorCode.MALFORMED_REQUEST, "The request is malformed.", {"fields": dict(wrong)})


class BaseService:
    """What every service has: a name, a composition root, and an answer to whether it is well."""

    name: str
    app: Application

    @query(permission=PUBLIC, request=NoRequest, reply=HealthReply)
    def health(self, call: Call, request: Request) -> Reply:  # noqa: ARG002 - it says nothing about the caller
        """Tell whether the service reaches its database, and what is halted; that it answers shows that it is there."""
        try:
            stopped = halted(self.app.pool, _HEALTH_TIMEOUT)
        except psycopg.Error:
            return {"service": self.name, "database": False, "halted": []}
        return {"service": self.name, "database": True, "halted": [asdict(halt) for halt in stopped]}

    @query(permission=Permission.OPERATIONS_READ, request=NoRequest, reply=HaltsReply)
    def halts(self, call: Call, request: Request) -> Reply:  # noqa: ARG002 - halts of all tenants are shown
        """Tell the operator what is halted, and whose it is."""
        return {"halted": [asdict(halt) for halt in halted(self.app.pool)]}
