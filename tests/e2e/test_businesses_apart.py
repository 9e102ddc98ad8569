"""The token of one business names nothing of another: its things are answered as things that never were."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import islice

import psycopg
import pytest
from psycopg import sql

from deploy.demo.people import Operator
from shared.contracts.errors import ErrorCode, PublicError
from shared.kernel.ids import new_id
from shared.messaging.access import PUBLIC
from tests.architecture.test_entrypoints import SERVICES, entrypoints
from tests.e2e.conftest import System
from tests.e2e.naming import NAMING, Case
from tests.e2e.things import Things, nobodys, things_of
from tests.integration.messaging.processes import wait_until
from tests.keyholder import Keyholder

pytestmark = [pytest.mark.integration, pytest.mark.timeout(600)]

Answer = tuple[object, ...]
"""All that a caller can see of it: the refusal, or the shape of a reply."""


@dataclass(frozen=True)
class Business:
    """An owner, and what there is."""

    owner: Keyholder
    things: Things


@pytest.fixture(scope="module")
def businesses(system: System) -> tuple[Business, Business]:
    """Two, with everything in both."""

    def founded(name: str) -> Business:
        email = f"{name.lower()}@{new_id()}.example"
        told = Operator(system.client, system.stack.operator_key).create_tenant(name, name, email)
        owner = Keyholder(system.client, str(told["tenant"]), email)
        owner.enrol(str(told["invitation"]))
        owner.log_in()
        return Business(owner, things_of(owner))

    return founded("Ours"), founded("Theirs")


@pytest.fixture
def ours(businesses: tuple[Business, Business]) -> Business:
    return businesses[0]


@pytest.fixture
def theirs(businesses: tuple[Business, Business]) -> Business:
    return businesses[1]


def shape(reply: object) -> object:
    """What can be told about a reply without its values: names, kinds, and whether there is anything in a list."""
    if isinstance(reply, dict):
        return {name: shape(value) for name, value in reply.items()}
    if isinstance(reply, list):
        return [shape(each) for each in islice(reply, 1)]
    return type(reply).__name__


def answer(call: Callable[[], object]) -> Answer:
    try:
        return ("answered", shape(call()))
    except PublicError as refused:
        return refused.code, refused.message, refused.details


def ask(ours: Business, endpoint: tuple[str, str], case: Case, things: Things) -> Answer:
    """Call an endpoint as the owner of one business with the names of these things."""
    request = {field: things[thing] for field, thing in case.named.items()}
    request |= {field: ours.things[thing] for field, thing in case.own.items()} | dict(case.besides)
    return answer(lambda: ours.owner.call(*endpoint, request, key_for(endpoint)))


CASES = [(endpoint, case) for endpoint, cases in NAMING.items() for case in cases]


def test_what_belongs_to_another_business_is_answered_as_what_never_was(
    system: System, ours: Business, theirs: Business
) -> None:
    wait_until(lambda: quiet(system, ours, theirs), "everything that was begun is done")
    before = kept(system, theirs)
    never = nobodys(ours.owner)
    as_theirs = [(endpoint, case, ask(ours, endpoint, case, theirs.things)) for endpoint, case in CASES]
    as_nobodys = [(endpoint, case, ask(ours, endpoint, case, never)) for endpoint, case in CASES]
    assert as_theirs == as_nobodys
    assert [each for each in as_theirs if each[2][0] in NOT_ABOUT_IT] == []
    # What is there is answered otherwise: the calls above did say something.
    as_ours = [(endpoint, case, ask(ours, endpoint, case, ours.things)) for endpoint, case in CASES]
    assert [each for each in as_ours if each in as_nobodys] == []
    wait_until(lambda: quiet(system, theirs), "what the other business still had to do is done")
    assert kept(system, theirs) == before


NOT_ABOUT_IT = {ErrorCode.MALFORMED_REQUEST, ErrorCode.PERMISSION_DENIED, ErrorCode.INTERNAL_ERROR}
"""Refusals that say nothing of the thing that was named."""


def with_a_token() -> Iterator[tuple[str, str]]:
    for service in SERVICES:
        for method, entrypoint in entrypoints(service).items():
            if hasattr(entrypoint, "endpoint") and entrypoint.endpoint.permission is not PUBLIC:
                yield service, method


def test_who_names_another_business_is_refused_whether_it_is_there_or_not(
    system: System, ours: Business, theirs: Business
) -> None:
    wait_until(lambda: quiet(system, theirs), "everything that was begun is done")
    before, endpoints = kept(system, theirs), list(with_a_token())

    def asked(tenant: str) -> Sequence[Answer]:
        ours.owner.log_in()
        return [answer(partial(call_for, ours.owner, endpoint, tenant)) for endpoint in endpoints]

    named, unnamed = asked(theirs.owner.tenant), asked(new_id())
    assert named == unnamed
    assert {each[0] for each in named} == {ErrorCode.PERMISSION_DENIED}
    assert len(named) > len(NAMING)
    wait_until(lambda: quiet(system, theirs), "what the other business still had to do is done")
    assert kept(system, theirs) == before


def call_for(owner: Keyholder, endpoint: tuple[str, str], tenant: str) -> object:
    """Call as the owner of one business for a tenant."""
    token, key = str(owner.session["token"]), key_for(endpoint)
    return owner.client.call(*endpoint, {}, token=token, tenant=tenant, idempotency_key=key)


def key_for(endpoint: tuple[str, str]) -> str | None:
    service, method = endpoint
    return new_id() if entrypoints(service)[method].endpoint.kind == "command" else None


_WITH_TENANT = """
    SELECT n.nspname, c.relname FROM pg_class c
    JOIN pg_namespace n ON n.oid = c.relnamespace
    JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'tenant' AND NOT a.attisdropped
    WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition AND n.nspname IN ('log', 'keyring', 'app', 'relay', 'read')
"""
# What a process keeps to be faster, and what is on its way and was counted: neither is a record of anything.
_PASSING = {("read", "snapshots"), ("app", "decisions")}
_DIGEST = "SELECT count(*), md5(coalesce(string_agg(t::text, ' ' ORDER BY t::text), '')) FROM {} t WHERE tenant = %s"


def kept(system: System, business: Business) -> dict[tuple[str, ...], tuple[object, ...]]:
    """All rows of a business in all databases, by table: how many, and a digest of what they say."""
    found: dict[tuple[str, ...], tuple[object, ...]] = {}
    for service in SERVICES:
        with psycopg.connect(system.stack.dsn(service)) as admin:
            for table in set(admin.execute(_WITH_TENANT).fetchall()) - _PASSING:
                query = sql.SQL(_DIGEST).format(sql.Identifier(*table))
                found[service, *table] = admin.execute(query, (business.owner.tenant,)).fetchall()[0]
    assert found["auth", "log", "events"] != found["invoices", "log", "events"]
    return found


_BUSY = {
    "app.inbox": "SELECT FROM app.inbox WHERE tenant = %s AND state = 'pending'",
    "app.deliveries": "SELECT FROM app.deliveries WHERE tenant = %s AND ended_at IS NULL",
    "app.decisions": "SELECT FROM app.decisions WHERE tenant = %s AND told < count",
    "relay.checkpoints": """
        SELECT FROM log.heads h WHERE h.tenant = %s
        AND h.size - 1 IS DISTINCT FROM (SELECT position FROM relay.checkpoints r WHERE r.tenant = h.tenant)
    """,
}
# Every follower of a log stands at its end, in the copy of its rows that is live: one that was rebuilt moved there.
_FOLLOWERS = """
    SELECT projection, coalesce(p.live, 'read_a')
    FROM (SELECT DISTINCT projection FROM read_a.projection_checkpoints) c
    FULL JOIN read.projections p USING (projection)
"""
_BEHIND = """
    SELECT FROM log.heads h LEFT JOIN {} c ON c.projection = %s AND c.tenant = h.tenant
    WHERE h.tenant = %s AND coalesce(c.position, -1) < h.size - 1
"""


def busy(system: System, business: Business) -> Iterator[tuple[str, str]]:
    """What of a business is still on its way, by service: mails, events, decisions, followers of its log."""
    tenant = business.owner.tenant
    for service in SERVICES:
        with psycopg.connect(system.stack.dsn(service)) as admin:
            for table, query in _BUSY.items():
                known = admin.execute("SELECT to_regclass(%s)", (table,)).fetchall() != [(None,)]
                if known and admin.execute(query.encode(), (tenant,)).fetchone() is not None:
                    yield service, table
            for projection, live in admin.execute(_FOLLOWERS).fetchall():
                behind = sql.SQL(_BEHIND).format(sql.Identifier(live, "projection_checkpoints"))
                if admin.execute(behind, (projection, tenant)).fetchone() is not None:
                    yield service, projection


def quiet(system: System, *businesses: Business) -> bool:
    """Whether nothing of these businesses is on its way."""
    return not any(list(busy(system, business)) for business in businesses)
