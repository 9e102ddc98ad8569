"""What the handlers need from the world; adapters and read models provide it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from services.auth.domain.drill import DrillTemplate
from services.auth.domain.granted import Granted
from services.auth.domain.module import Module
from services.auth.domain.passkey import CounterVerdict, Registered, Shown
from services.auth.domain.session import Session
from services.auth.domain.step_up import SteppedUp
from services.auth.domain.throttle import Attempt, Closed
from services.auth.domain.user import User
from services.auth.replies import IssuedToken
from shared.contracts.revocations import RecentRevocations, Subject
from shared.crypto.keyring import Keyring
from shared.eventstore.log import TenantLog
from shared.eventstore.snapshots import Snapshots
from shared.kernel.clock import Clock


class Passwords(Protocol):
    """Hashes passwords: slowly, on purpose."""

    def hash(self, password: str) -> str:
        """Return a PHC string."""
        ...

    def matches(self, password: str, stored: str | None) -> bool:
        """Compare with a PHC string; None costs the same work and never matches."""
        ...

    def outdated(self, stored: str) -> bool:
        """Tell whether a PHC string has other parameters than those of today."""
        ...


class PasswordList(Protocol):
    """Knows the passwords that guessers try first."""

    def common(self, password: str) -> bool:
        """Tell whether it is a common or breached one."""
        ...


@dataclass(frozen=True, slots=True)
class FactorOffer:
    """A new second factor: sealed for the log, and once in the clear for its owner."""

    sealed: str
    provisioning_uri: str = field(repr=False)


class SecondFactor(Protocol):
    """Makes TOTP secrets and recognises their codes; the secrets do not leave it otherwise."""

    def offer(self, tenant: str, user_id: str, account: str) -> FactorOffer:
        """Make a new secret for the user whose authenticator will show `account`."""
        ...

    def step_of(self, tenant: str, user_id: str, sealed: str, code: str, moment: datetime) -> int | None:
        """Return the time step that the code belongs to, the current or the previous one, else None."""
        ...


class CodeUses(Protocol):
    """Remembers, across all processes, which steps were used."""

    def accept(self, tenant: str, factor_id: str, step: int) -> bool:
        """Use a step up; False when it, or a later one of the factor, was used before. Of racing callers one wins."""
        ...


class Passkeys(Protocol):
    """Makes the challenges of ceremonies (domain/passkey.py) and judges the answers of authenticators.

    What is kept of a passkey is sealed for its user; SealBroken for anybody else's.
    """

    def registration_options(self, tenant: str, user_id: str, ceremony: str, account: str, known: Iterable[str]) -> str:
        """Return the JSON with which a browser makes a passkey, on none of the authenticators of `known`."""
        ...

    def register(
        self, tenant: str, user_id: str, ceremony: str, response: str, known: Iterable[str]
    ) -> Registered | None:
        """Judge the answer; None when it does not hold, or shows one of `known` again."""
        ...

    def options(self, tenant: str, user_id: str, ceremony: str, passkeys: Iterable[str]) -> str:
        """Return the JSON with which a browser asks for one of the passkeys."""
        ...

    def judge(
        self, tenant: str, user_id: str, ceremonies: Sequence[str], passkeys: Mapping[str, str], response: str
    ) -> Shown | None:
        """Judge an answer against passkeys by factor id; None when it answers none of the ceremonies by any of them."""
        ...


class PasskeyCounters(Protocol):
    """Remembers, across all processes, how often each passkey has signed."""

    def advance(self, tenant: str, factor_id: str, sign_count: int, challenge: bytes) -> CounterVerdict:
        """Keep the count of an answer, or say why it is not kept; of racing answers to one challenge one is."""
        ...


class Throttle(Protocol):
    """Counts failures in a row, across all processes, by address whether anybody has it or not, and by source."""

    def attempt(self, tenant: str, email: str, source: str | None, now: datetime) -> Attempt | Closed:
        """Count an attempt as failed before it is judged, or say until when none is judged."""
        ...

    def take_back(self, attempt: Attempt, now: datetime) -> None:
        """Count it no more: it did not fail. Earlier failures stand."""
        ...

    def succeed(self, attempt: Attempt, now: datetime) -> None:
        """Forget the account's failures: both factors were shown."""
        ...

    def unlock(self, tenant: str, email: str) -> None:
        """Forget an account's failures."""
        ...

    def failures(self, tenant: str, email: str, now: datetime) -> tuple[int, datetime | None]:
        """Return an account's failures in a row, and until when it is closed, if it is."""
        ...


class RecoveryCodes(Protocol):
    """Hashes recovery codes and recognises them."""

    def hash(self, tenant: str, user_id: str, code: str) -> str:
        """Return the keyed hash that is recorded."""
        ...

    def index_of(self, tenant: str, user_id: str, code: str, hashes: tuple[str, ...]) -> int | None:
        """Return which of the recorded hashes is the code's, else None."""
        ...


class Invitations(Protocol):
    """Makes the secrets of invitations."""

    def secret(self, tenant: str, subject: str) -> bytes:
        """Return 32 bytes, the same for the same subject: so a retried command repeats its answer, none is stored."""
        ...


class Addresses(Protocol):
    """The read model of who was invited."""

    def users(self, tenant: str) -> list[str]:
        """Return the ids of all who were ever invited, in the order of their ids."""
        ...


class SessionsOfUsers(Protocol):
    """The read model that finds sessions by user."""

    def of(self, tenant: str, user_id: str) -> Sequence[str]:
        """Return the ids of a user's sessions; some may be over."""
        ...


class Modules(Protocol):
    """The training modules that there are."""

    def names(self) -> list[str]:
        """Return the names of all modules, sorted."""
        ...

    def get(self, name: str, language: str) -> Module | None:
        """Return a module in a language, or else in English; None when there is none of that name."""
        ...


class DrillTemplates(Protocol):
    """The mails that a drill can send."""

    def all(self, language: str) -> list[DrillTemplate]:
        """Return every template in a language, or else in English, by name."""
        ...

    def get(self, name: str, language: str) -> DrillTemplate | None:
        """Return a template in a language, or else in English; None when there is none of that name."""
        ...


class Revocations(Protocol):
    """The read model that says whose tokens are refused."""

    def recent(self, now: datetime, after: Subject | None = None) -> RecentRevocations:
        """Return a page of the revocations that may meet a token alive `now`, of all tenants, after a subject."""
        ...


class Tokens(Protocol):
    """Signs tokens."""

    def for_person(self, tenant: str, user: User, session: Session, granted: Granted, now: datetime) -> IssuedToken:
        """Return a token for a session, that says what was granted; there is no other way to a person's token."""
        ...

    def for_service(self, name: str, permissions: Sequence[str], now: datetime) -> IssuedToken:
        """Return a token for a service principal."""
        ...

    def for_step_up(self, tenant: str, stepped_up: SteppedUp, now: datetime) -> IssuedToken:
        """Return a proof for one command; it is no token and opens nothing."""
        ...


class Assertions(Protocol):
    """Checks what service principals sign."""

    def redeem(self, assertion: str, now: datetime) -> str:
        """Return the name of the service that signed it and use it up; raises `assertion_invalid`."""
        ...


@dataclass(frozen=True, slots=True)
class Ports:
    """All of it."""

    log: TenantLog
    snapshots: Snapshots
    keyring: Keyring
    clock: Clock
    passwords: Passwords
    password_list: PasswordList
    second_factor: SecondFactor
    code_uses: CodeUses
    passkeys: Passkeys
    passkey_counters: PasskeyCounters
    throttle: Throttle
    recovery_codes: RecoveryCodes
    invitations: Invitations
    addresses: Addresses
    sessions: SessionsOfUsers
    revocations: Revocations
    tokens: Tokens
    assertions: Assertions
    modules: Modules
    drill_templates: DrillTemplates
    drill_links: Invitations
    """Makes the secrets of the links in drill mails, by tenant and mail."""
    drill_url: str | None
    """Under which URL the drill page is reached, without a slash at its end; None: no drills."""
