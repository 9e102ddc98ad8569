"""auth without a server: the service's own handlers and adapters over memory, and a throttle that never closes.

Whoever attacks this may try as often as they like, so what holds here does not hold by being slow.
"""

# ruff: noqa: ARG002 - stand-ins have the arguments of what they stand in for

import json
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from services.auth.adapters.drill_templates import FileDrillTemplates
from services.auth.adapters.invitations import DerivedInvitations
from services.auth.adapters.modules import FileModules
from services.auth.adapters.passkeys import WebauthnPasskeys
from services.auth.adapters.password_list import ShippedPasswordList
from services.auth.adapters.passwords import Argon2Passwords
from services.auth.adapters.pepper import Pepper
from services.auth.adapters.recovery_codes import HashedRecoveryCodes
from services.auth.adapters.signer import Signer
from services.auth.adapters.tokens import SignedTokens
from services.auth.adapters.totp import TotpFactor
from services.auth.adapters.web_origin import WebOrigin
from services.auth.codec import EVENT_SCHEMAS
from services.auth.domain.passkey import CounterVerdict
from services.auth.domain.revocation import revocation_of
from services.auth.domain.throttle import Attempt
from services.auth.ports import Ports
from services.auth.read_models.revocations import RECENT
from shared.contracts.errors import ErrorCode, PublicError
from shared.contracts.revocations import RecentRevocations, Revoked, Subject
from shared.crypto.kek import MemoryKek
from shared.crypto.keyring import Keyring
from shared.crypto.memory_key_store import InMemoryKeyStore
from shared.crypto.signing import SigningKey
from shared.crypto.tokens import jwk
from shared.eventstore.log import TenantLog
from shared.eventstore.memory import InMemoryEventStore
from shared.eventstore.model import RecordedEvent
from shared.eventstore.registry import EventRegistry
from shared.eventstore.snapshots import InMemorySnapshots, Snapshots
from shared.kernel.clock import FixedClock, from_rfc3339
from shared.messaging.access import Access
from shared.messaging.revocations import Revocations
from tests.authenticator import ORIGIN

_KEK, _PEPPER = MemoryKek.of(os.urandom(32)), Pepper.of(os.urandom(32))
_TOKEN_KEY = SigningKey.generate()
_KID = "token-1"
# The least that Argon2 does: its cost is not what is attacked here.
_PASSWORDS = Argon2Passwords(_PEPPER.password_key, memory_kib=8)
_MODULES, _DRILLS = FileModules.load(), FileDrillTemplates.load()


class Steps:
    """Which TOTP steps were used."""

    def __init__(self) -> None:
        self._last: dict[tuple[str, str], int] = {}

    def accept(self, tenant: str, factor_id: str, step: int) -> bool:
        """Use a step up."""
        fresh = self._last.get((tenant, factor_id), -1) < step
        if fresh:
            self._last[tenant, factor_id] = step
        return fresh


class Counters:
    """How often each passkey has signed."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, str], tuple[int, bytes]] = {}

    def advance(self, tenant: str, factor_id: str, sign_count: int, challenge: bytes) -> CounterVerdict:
        """Keep the count of an answer."""
        last, answered = self._known.get((tenant, factor_id), (-1, b""))
        if challenge == answered:
            return CounterVerdict.REPEATED
        if sign_count <= last and (sign_count, last) != (0, 0):
            return CounterVerdict.BACKWARDS
        self._known[tenant, factor_id] = (sign_count, challenge)
        return CounterVerdict.ADVANCED


class NeverClosed:
    """A throttle that counts nothing."""

    def attempt(self, tenant: str, email: str, source: str | None, now: datetime) -> Attempt:
        """Admit whoever comes."""
        return Attempt(b"account", b"source", 1, 1)

    def take_back(self, attempt: Attempt, now: datetime) -> None:
        """Do nothing."""

    def succeed(self, attempt: Attempt, now: datetime) -> None:
        """Do nothing."""

    def unlock(self, tenant: str, email: str) -> None:
        """Do nothing."""

    def failures(self, tenant: str, email: str, now: datetime) -> tuple[int, datetime | None]:
        """Say that there are none."""
        return 0, None


class Lists:
    """The read models, read from the log when they are asked."""

    def __init__(self, log: TenantLog) -> None:
        self._log = log
        self._seen: dict[str, list[RecordedEvent]] = {}

    def users(self, tenant: str) -> list[str]:
        """Return who was ever invited."""
        return sorted(str(event.payload["user_id"]) for event in self._events(tenant, "AddressClaimed"))

    def of(self, tenant: str, user_id: str) -> Sequence[str]:
        """Return the ids of a user's sessions."""
        began = self._events(tenant, "SessionBegan")
        return [event.stream.partition("-")[2] for event in began if event.payload["user_id"] == user_id]

    def recent(self, now: datetime, after: Subject | None = None) -> RecentRevocations:
        """Return what was revoked lately, on one page."""
        assert after is None
        revoked = [
            Revoked(tenant, found.kind.value, found.subject, event.position)
            for tenant in self._log.tenants()
            for event in self._events(tenant)
            if from_rfc3339(event.at) >= now - RECENT
            and (found := revocation_of(event.type, event.stream, event.payload)) is not None
        ]
        return RecentRevocations(revoked)

    def _events(self, tenant: str, type_name: str | None = None) -> list[RecordedEvent]:
        seen = self._seen.setdefault(tenant, [])
        seen.extend(self._log.read(tenant, after=len(seen) - 1))
        return [event for event in seen if type_name in (None, event.type)]


class NoServices:
    """Nobody signs assertions here."""

    def redeem(self, assertion: str, now: datetime) -> str:
        """Refuse."""
        raise PublicError(ErrorCode.ASSERTION_INVALID, "there are no services")


def ports_in_memory() -> tuple[Ports, FixedClock]:
    """Put auth together anew, with the clock that it looks at."""
    clock = FixedClock(datetime(2026, 11, 23, 9, 0, tzinfo=UTC))
    keyring = Keyring(_KEK, InMemoryKeyStore(), clock)
    log = TenantLog(InMemoryEventStore(), keyring, EventRegistry(EVENT_SCHEMAS), clock)
    lists = Lists(log)
    ports = Ports(
        log=log,
        snapshots=Snapshots(InMemorySnapshots(), log, keyring, every=3),
        keyring=keyring,
        clock=clock,
        passwords=_PASSWORDS,
        password_list=ShippedPasswordList(),
        second_factor=TotpFactor(_PEPPER.factor_key),
        passkeys=WebauthnPasskeys(_PEPPER.passkey_key, WebOrigin.read(ORIGIN)),
        passkey_counters=Counters(),
        code_uses=Steps(),
        throttle=NeverClosed(),
        recovery_codes=HashedRecoveryCodes(_PEPPER.recovery_key),
        invitations=DerivedInvitations(_PEPPER.invitation_key),
        addresses=lists,
        sessions=lists,
        revocations=lists,
        tokens=SignedTokens(Signer(_TOKEN_KEY, _KID)),
        assertions=NoServices(),
        modules=_MODULES,
        drill_templates=_DRILLS,
        drill_links=DerivedInvitations(_PEPPER.drill_key),
        drill_url=None,
    )
    return ports, clock


class HearingAccess:
    """A service's check of tokens, that hears at once of what was revoked."""

    def __init__(self, ports: Ports, keys_file: Path) -> None:
        self._heard = Revocations(lambda _: ports.revocations.recent(ports.clock.now()), monotonic=lambda: 0.0)
        keys_file.write_text(json.dumps({"keys": [jwk(_TOKEN_KEY.public, _KID)]}), "utf-8")
        self.access = Access(keys_file, self._heard, ports.clock)

    @contextmanager
    def hearing(self) -> Iterator[Access]:
        """Ask what was revoked, then check."""
        self._heard.look()
        yield self.access
