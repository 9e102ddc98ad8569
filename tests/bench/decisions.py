"""What every call pays in a service: its token, verified and read, and the decision whether it is allowed."""

import json
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

from services.auth.domain.roles import ROLE_PERMISSIONS, Role
from shared.contracts.conditions import AmountLimit, Condition, Conditions, Hours
from shared.contracts.decision import Facts, decide
from shared.contracts.grants import Grant, plain
from shared.contracts.permissions import Permission
from shared.crypto.tokens import jwk
from shared.kernel.ids import new_id
from shared.messaging.access import Access, Actor
from shared.messaging.judgement import Judgement
from shared.messaging.revocations import Revocations
from tests.bench.part import Bench, Ratios, Raw
from tests.bench.rounds import Contender, interleaved, seconds_of
from tests.integration.auth.business import Auth, Person

_ASKED = Permission.INVOICE_ISSUE
_PERSON = new_id()
_NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
_EVERY_CONDITION = Conditions(
    own_customers=True,
    amount_up_to=AmountLimit(Decimal("1000.00"), "EUR"),
    states=("draft", "issued"),
    hours=Hours((1, 2, 3, 4, 5), "08:00", "18:00", "Europe/Amsterdam"),
    training_current=True,
)
_FACTS = Facts(now=_NOW, registered_by=_PERSON, amount=Decimal("999.99"), currency="EUR", state="draft")
_JUDGED = frozenset({Condition.OWN_CUSTOMERS, Condition.AMOUNT, Condition.STATES})


def verify(bench: Bench) -> tuple[Ratios, Raw]:
    """Read tokens of two roles as a service does: signature, claims, grants, and what was revoked."""
    database = bench.server.service_database("auth")
    auth = Auth.over(database)
    count = bench.scale.tokens
    with _published(auth) as keys_file:
        revocations = Revocations(lambda after: auth.ports.revocations.recent(auth.clock.now(), after))
        access = Access(keys_file, revocations, auth.clock)
        owner = auth.enrol(auth.found())
        bookkeeper = auth.enrol(auth.invite(owner.tenant, "bob@example.org", Role.BOOKKEEPER), "bob@example.org")

        def verified(person: Person) -> Contender:
            token = person.log_in().token
            auth.runner.run_once()  # mails that the login calls for are events too

            def run() -> float:
                auth.runner.run_once()
                revocations.look()
                return seconds_of(lambda: [access.authenticate(token) for _ in range(count)])

            return run

        took = interleaved(
            bench.scale.rounds, {"owner": verified(owner), "bookkeeper": verified(bookkeeper)}, bench.said
        )
    auth.close()
    bench.server.databases.drop(database)
    rates = took.rates(count)
    return {"verify_token_per_s": rates["owner"]["median"]}, {"tokens_per_s": rates}


def authorize(bench: Bench) -> tuple[Ratios, Raw]:
    """Decide whether somebody with a bookkeeper's grants may issue: limited by every condition, and by none."""
    count = bench.scale.decisions
    others = ROLE_PERMISSIONS[Role.BOOKKEEPER] - {_ASKED}
    limited = _bookkeeper((*plain(others), Grant(_ASKED, _EVERY_CONDITION)))
    unlimited = _bookkeeper(plain(ROLE_PERMISSIONS[Role.BOOKKEEPER]))

    def decided(actor: Actor) -> Contender:
        holder = actor.holder
        return lambda: seconds_of(lambda: [decide(holder, _ASKED, _FACTS).allowed for _ in range(count)])

    def called(actor: Actor) -> Contender:
        def run() -> None:
            for _ in range(count):
                Judgement.at_the_door(actor, _ASKED, _JUDGED, _NOW).allow(_FACTS)

        return lambda: seconds_of(run)

    contenders = {
        "every condition": decided(limited),
        "no condition": decided(unlimited),
        "every condition, at the door and again by the endpoint": called(limited),
    }
    took = interleaved(bench.scale.rounds, contenders, bench.said)
    each = {name: round(took.median(name) / count * 1e6, 3) for name in contenders}
    return {"authorize_us": each["every condition"]}, {"µs": each}


def _bookkeeper(grants: tuple[Grant, ...]) -> Actor:
    return Actor(
        kind="person",
        id=_PERSON,
        tenant=new_id(),
        grants=grants,
        factors=("pwd", "otp"),
        session=new_id(),
        training_until=_NOW + timedelta(days=90),
    )


@contextmanager
def _published(auth: Auth) -> Iterator[Path]:
    """Write auth's public keys where a service reads them."""
    with tempfile.TemporaryDirectory() as directory:
        keys_file = Path(directory) / "token-keys.json"
        keys_file.write_text(json.dumps({"keys": [jwk(auth.token_key.public, "token-1")]}), "utf-8")
        yield keys_file
