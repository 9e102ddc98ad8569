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
from collections.abc import Callable, Collection, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import asdict, dataclass, field
from typing import Any, Literal, Protocol, cast

import psycopg
from marshmallow import Schema

from shared.contracts.base import HaltsReply, HealthReply, NoRequest
from shared.contracts.conditions import OF_THE_CALL, Condition
from shared.contracts.decision import Facts, Scopes
from shared.contracts.permissions import Permission
from shared.eventstore.halts import halted
from shared.eventstore.model import CommandId
from shared.eventstore.pool import Pool
from shared.messaging.access import PUBLIC, Access, Actor, Own, Public, require_person
from shared.messaging.border import guarded
from shared.messaging.command_hash import Asked, Retry
from shared.messaging.decisions import Attempt, decisions_kept
from shared.messaging.dumping import Dump, dumper
from shared.messaging.judgement import Judgement
from shared.messaging.requests import command_id_of, load_request, malformed, tenant_of
from shared.messaging.rpc import sealed_rpc
from shared.messaging.step_up import ShownProof, StepUp

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
    judgement: Judgement | None = None
    """None where there is nothing to judge: a PUBLIC endpoint, or one about what is the caller's own."""

    def allow(self, facts: Facts) -> None:
        """Judge the conditions that the endpoint declared, before anything is recorded or shown.

        A person's retry that is given its first answer need not ask: what was allowed then was recorded then.
        Raises PublicError permission_denied.
        """
        self._required().allow(facts)

    def scopes(self) -> Scopes:
        """Return what a search may show: whose customers, which states."""
        return self._required().scopes()

    def _required(self) -> Judgement:
        if self.judgement is None:
            raise RuntimeError("an endpoint without a permission has nothing to judge")
        return self.judgement

    def require_tenant(self) -> str:
        """Return the tenant; PublicError malformed_request when a service did not name one."""
        if self.tenant is None:
            raise malformed({"tenant": ["Missing data for required field."]})
        return self.tenant

    def require_actor(self) -> Actor:
        """Return who calls; only a PUBLIC endpoint has nobody, and has no business asking."""
        if self.actor is None:
            raise RuntimeError("a public endpoint has no actor")
        return self.actor

    def require_person(self) -> Actor:
        """Return the person who calls; permission_denied for a service: what is a person's own it does not have."""
        require_person(actor := self.require_actor())
        return actor

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
    judges: frozenset[Condition] = frozenset()
    """Conditions of a grant that the method judges itself, by `call.allow` or `call.scopes`.

    Hours and training are judged of every call; a grant with any other condition does not count here.
    """
    retry: Retry = Retry.BY_CALLER
    """Only a command is retried."""
    dump: Dump = field(init=False, repr=False, compare=False)
    """What of a reply goes out."""

    def __post_init__(self) -> None:
        """Work out how replies are written; TypeError for a schema that dumping.py does not know."""
        object.__setattr__(self, "dump", dumper(self.reply))


Method = Callable[[Any, Call, Request], Reply]


def command(
    *,
    permission: Permission | Own,
    request: type[Schema],
    reply: type[Schema],
    step_up: StepUp = StepUp.NEVER,
    judges: Collection[Condition] = (),
    retry: Retry = Retry.BY_CALLER,
) -> Callable[[Method], Callable[..., dict[str, Any]]]:
    """Declare an endpoint that changes something: it needs a token and an idempotency key."""
    endpoint = Endpoint("command", permission, request(), reply(), step_up, _judgeable(judges), retry)

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
                actor = _authenticated(self, endpoint, token)
                with _kept(self, endpoint, method.__name__, actor, tenant):
                    judgement = _judged_at_the_door(self, endpoint, actor)
                    whose = tenant_of(actor, tenant)
                    loaded = load_request(endpoint.request, request)
                    asked = Asked(self.name, method.__name__, whose, request, actor.id if actor else None)
                    identity = command_id_of(idempotency_key, asked, actor, retry)
                    shown = ShownProof(proof, actor, asked.deed, asked.command_hash(identity.key), single_use=False)
                    return _answer(self, endpoint, method, _call(self, shown, whose, identity, judgement), loaded)

            return guarded(self.name, method.__name__, serve)

        return _publish(entrypoint, endpoint)

    return decorate


def query(
    *,
    permission: Permission | Public | Own,
    request: type[Schema],
    reply: type[Schema],
    step_up: StepUp = StepUp.NEVER,
    judges: Collection[Condition] = (),
) -> Callable[[Method], Callable[..., dict[str, Any]]]:
    """Declare an endpoint that answers a question, or (PUBLIC) one that serves callers who have no token yet."""
    endpoint = Endpoint("query", permission, request(), reply(), step_up, _judgeable(judges))

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
                actor = _authenticated(self, endpoint, token)
                with _kept(self, endpoint, method.__name__, actor, tenant):
                    judgement = _judged_at_the_door(self, endpoint, actor)
                    whose = tenant_of(actor, tenant)
                    loaded = load_request(endpoint.request, request)
                    asked = Asked(self.name, method.__name__, whose, request, actor.id if actor else None)
                    shown = ShownProof(proof, actor, asked.deed, asked.command_hash(None), single_use=True)
                    return _answer(self, endpoint, method, _call(self, shown, whose, None, judgement), loaded)

            return guarded(self.name, method.__name__, serve)

        return _publish(entrypoint, endpoint)

    return decorate


def _call(
    service: "BaseService",
    shown: ShownProof,
    tenant: str | None,
    command_id: CommandId | None,
    judgement: Judgement | None,
) -> Call:
    return Call(shown.actor, tenant, command_id, lambda: shown.require(service.app), judgement)


def _answer(service: "BaseService", endpoint: Endpoint, method: Method, call: Call, loaded: Request) -> dict[str, Any]:
    if endpoint.step_up is StepUp.ALWAYS:
        call.require_step_up()
    reply = method(service, call, loaded)
    if endpoint.kind == "query" and call.judgement is not None:
        call.judgement.require_judged()
    return endpoint.dump(reply)


def _judgeable(judges: Collection[Condition]) -> frozenset[Condition]:
    if OF_THE_CALL & set(judges):
        raise TypeError("hours and training are judged of every call")
    return frozenset(judges)


def _publish(entrypoint: Callable[..., dict[str, Any]], endpoint: Endpoint) -> Callable[..., dict[str, Any]]:
    # nameko checks a call against the signature: it must see the wire's arguments, not the wrapped method's.
    del entrypoint.__wrapped__  # type: ignore[attr-defined]  # functools.wraps sets it
    entrypoint.endpoint = endpoint  # type: ignore[attr-defined]  # read by the test that walks all endpoints
    return cast("Callable[..., dict[str, Any]]", sealed_rpc(entrypoint))


def _authenticated(service: "BaseService", endpoint: Endpoint, token: object) -> Actor | None:
    return None if isinstance(endpoint.permission, Public) else service.app.access.authenticate(token)


def _judged_at_the_door(service: "BaseService", endpoint: Endpoint, actor: Actor | None) -> Judgement | None:
    if actor is None or isinstance(endpoint.permission, Public):
        return None
    if isinstance(endpoint.permission, Own):
        require_person(actor)
        return None
    return Judgement.at_the_door(actor, endpoint.permission, endpoint.judges, service.app.access.clock.now())


def _kept(
    service: "BaseService", endpoint: Endpoint, method: str, actor: Actor | None, named: object
) -> AbstractContextManager[None]:
    if actor is None:
        return nullcontext()
    permission = endpoint.permission.value if isinstance(endpoint.permission, Permission) else ""
    # A denial is written down with the person's own tenant, whichever was asked for.
    whose = actor.tenant if actor.kind == "person" else named if isinstance(named, str) else None
    attempt = Attempt(actor, whose, method, permission, service.app.access.clock.now())
    return decisions_kept(service.app.pool, attempt, sensitive=endpoint.step_up is not StepUp.NEVER)


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
