"""auth over a real database, with a clock that the test sets, and people who enrol and log in."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pyotp
import pytest

from services.auth import handlers
from services.auth.adapters.announcer import Announcer
from services.auth.adapters.assertions import SignedAssertions
from services.auth.adapters.code_uses import PostgresCodeUses
from services.auth.adapters.drill_templates import FileDrillTemplates
from services.auth.adapters.invitations import DerivedInvitations
from services.auth.adapters.modules import FileModules
from services.auth.adapters.passkey_counters import PostgresPasskeyCounters
from services.auth.adapters.passkeys import WebauthnPasskeys
from services.auth.adapters.password_list import ShippedPasswordList
from services.auth.adapters.passwords import Argon2Passwords
from services.auth.adapters.pepper import Pepper
from services.auth.adapters.recovery_codes import HashedRecoveryCodes
from services.auth.adapters.signer import Signer
from services.auth.adapters.throttle import PostgresThrottle
from services.auth.adapters.tokens import AUDIENCE, ISSUER, SignedTokens
from services.auth.adapters.totp import TotpFactor
from services.auth.adapters.web_origin import WebOrigin
from services.auth.codec import EVENT_SCHEMAS
from services.auth.commands import (
    ApproveOwnerGrant,
    BeginEnrolment,
    BeginLogin,
    CompleteEnrolment,
    CompleteLogin,
    CreateTenant,
    InviteUser,
    RequestOwnerGrant,
)
from services.auth.domain.proof import Proof, RecoveryCode, TotpCode
from services.auth.domain.roles import Role
from services.auth.ports import Ports
from services.auth.read_models import projections
from services.auth.read_models.addresses import PostgresAddresses
from services.auth.read_models.revocations import PostgresRevocations, RevocationProjection
from services.auth.read_models.sessions import PostgresSessions
from services.auth.replies import Invited, LoggedIn
from shared.contracts.errors import ErrorCode, PublicError
from shared.contracts.four_eyes import digest_of
from shared.crypto.kek import MemoryKek
from shared.crypto.keyring import Keyring
from shared.crypto.signing import SigningKey
from shared.crypto.tokens import verify_token
from shared.eventstore.log import TenantLog
from shared.eventstore.model import Author, CommandId
from shared.eventstore.pool import Pool, open_pool
from shared.eventstore.postgres import PostgresEventStore
from shared.eventstore.postgres_keys import PostgresKeyStore
from shared.eventstore.postgres_snapshots import PostgresSnapshots
from shared.eventstore.projection import Projection, ProjectionRunner
from shared.eventstore.registry import EventRegistry
from shared.eventstore.snapshots import Snapshots
from shared.eventstore.wakeups import Wakeups
from shared.kernel.clock import FixedClock
from shared.kernel.ids import new_id
from tests.authenticator import ORIGIN
from tests.stack import Database

OPERATOR = Author("service", "operator")
LAPTOP = "adas-laptop"
STEP = timedelta(seconds=30)
PASSWORD = "a horse, a battery, no staple"
# One set of keys for all tests, because they share a database; each has tenants of its own.
_KEK = MemoryKek.of(os.urandom(32))
_PEPPER = Pepper.of(os.urandom(32))
_PASSWORDS = Argon2Passwords(_PEPPER.password_key)
DRILL_URL = "https://drills.example"
MODULES = FileModules.load()
_TOKEN_KEY = SigningKey.generate()
_SERVICE_KEYS = {name: SigningKey.generate() for name in ("invoices", "notifier", "backup", "operator", "stranger")}


def refused_with(code: ErrorCode) -> "pytest.RaisesExc[PublicError]":
    return pytest.RaisesExc(PublicError, check=lambda error: error.code is code)


def command_id() -> CommandId:
    return CommandId(new_id(), os.urandom(32), OPERATOR)


@dataclass
class Auth:
    """The service without the bus; `process()` gives another process over the same database."""

    ports: Ports
    runner: ProjectionRunner
    clock: FixedClock
    database: Database
    pools: list[Pool]
    projections: Sequence[Projection] = field(default_factory=lambda: (RevocationProjection(), *projections()))
    token_key: SigningKey = _TOKEN_KEY
    service_keys: Mapping[str, SigningKey] = field(default_factory=lambda: _SERVICE_KEYS)

    @classmethod
    def over(cls, database: Database) -> "Auth":
        clock = FixedClock(datetime(2026, 11, 22, 9, 0, tzinfo=UTC))
        pool = open_pool(database.url, database.password, max_size=4)
        keyring = Keyring(_KEK, PostgresKeyStore(pool), clock)
        log = TenantLog(PostgresEventStore(pool), keyring, EventRegistry(EVENT_SCHEMAS), clock)
        revoker = ProjectionRunner(pool, log, [RevocationProjection()], Wakeups())
        ports = Ports(
            log=log,
            snapshots=Snapshots(PostgresSnapshots(pool), log, keyring, every=3),
            keyring=keyring,
            clock=clock,
            passwords=_PASSWORDS,
            password_list=ShippedPasswordList(),
            second_factor=TotpFactor(_PEPPER.factor_key),
            code_uses=PostgresCodeUses(pool),
            passkeys=WebauthnPasskeys(_PEPPER.passkey_key, WebOrigin.read(ORIGIN)),
            passkey_counters=PostgresPasskeyCounters(pool),
            throttle=PostgresThrottle(_PEPPER.throttle_key, pool),
            recovery_codes=HashedRecoveryCodes(_PEPPER.recovery_key),
            invitations=DerivedInvitations(_PEPPER.invitation_key),
            addresses=PostgresAddresses(pool),
            sessions=PostgresSessions(pool),
            revocations=PostgresRevocations(pool, revoker, patience=0.1),
            tokens=SignedTokens(Signer(_TOKEN_KEY, "token-1")),
            assertions=SignedAssertions({name: key.public for name, key in _SERVICE_KEYS.items()}, pool),
            modules=MODULES,
            drill_templates=FileDrillTemplates.load(),
            drill_links=DerivedInvitations(_PEPPER.drill_key),
            drill_url=DRILL_URL,
        )
        followers = [RevocationProjection(), *projections(), Announcer(log, PostgresAddresses(pool))]
        runner = ProjectionRunner(pool, log, followers, Wakeups())
        return cls(ports, runner, clock, database, [pool])

    def close(self) -> None:
        for pool in self.pools:
            pool.close()

    def process(self) -> Ports:
        """The same service in another process: connections of its own, nothing shared but the database."""
        pool = open_pool(self.database.url, self.database.password, max_size=2)
        self.pools.append(pool)
        log = TenantLog(PostgresEventStore(pool), self.ports.keyring, EventRegistry(EVENT_SCHEMAS), self.clock)
        snapshots = Snapshots(PostgresSnapshots(pool), log, self.ports.keyring, every=3)
        return replace(
            self.ports,
            log=log,
            snapshots=snapshots,
            code_uses=PostgresCodeUses(pool),
            passkey_counters=PostgresPasskeyCounters(pool),
            throttle=PostgresThrottle(_PEPPER.throttle_key, pool),
        )

    def found(self, name: str = "Acme", email: str = "ada@example.org") -> Invited:
        """Take in a business."""
        command = CreateTenant(name=name, owner_name="Ada", owner_email=email)
        invited = handlers.create_tenant(self.ports, command, by="operator", command_id=command_id())
        self.runner.run_once()
        return invited

    def invite(self, tenant: str, email: str, role: str = Role.SALES, name: str = "Bob") -> Invited:
        invited = self.invite_unseen(tenant, email, role, name)
        self.runner.run_once()
        return invited

    def invite_unseen(self, tenant: str, email: str, role: str = Role.SALES, name: str = "Bob") -> Invited:
        """Invite, and leave the read models behind."""
        command = InviteUser(email=email, name=name, role=role)
        return handlers.invite_user(self.ports, command, tenant=tenant, by=new_id(), command_id=command_id())

    def make_owner(self, owner: "Person", other: "Person") -> None:
        """Have the operator agree that another owner is made, who is the second."""
        asked = RequestOwnerGrant(other.user_id)
        handlers.request_owner_grant(self.ports, asked, tenant=owner.tenant, by=owner.user_id, command_id=command_id())
        (waiting,) = handlers.waiting_owner_grants(self.ports, tenant=owner.tenant)
        agreed = ApproveOwnerGrant(waiting.request_id, digest_of(waiting.shown))
        handlers.approve_owner_grant(self.ports, agreed, tenant=owner.tenant, by="operator", command_id=command_id())

    def begin_enrolment(self, invited: Invited, password: str = PASSWORD) -> tuple[str, pyotp.TOTP]:
        enrolling = handlers.begin_enrolment(self.ports, BeginEnrolment(invited.invitation, password))
        totp = pyotp.parse_uri(enrolling.setup.provisioning_uri)
        assert isinstance(totp, pyotp.TOTP)
        return enrolling.enrolment, totp

    def enrol(self, invited: Invited, email: str = "ada@example.org", password: str = PASSWORD) -> "Person":
        """Enrol for good; the clock moves on to the next code."""
        enrolment, totp = self.begin_enrolment(invited, password)
        while self.code(totp) == self.code(totp, 1):  # by chance, and what was used would be good once more
            self.clock.moment += STEP
        enrolled = handlers.complete_enrolment(self.ports, CompleteEnrolment(enrolment, TotpCode(self.code(totp))))
        self.clock.moment += STEP
        return Person(self, invited.tenant, invited.user_id, email, password, totp, enrolled.recovery_codes)

    def code(self, totp: pyotp.TOTP, steps: int = 0) -> str:
        return str(totp.at(self.clock.now(), counter_offset=steps))

    def refused_code(self, totp: pyotp.TOTP, steps: int) -> str:
        """The code of a step that is not accepted, when it is not by chance that of one that is."""
        while self.code(totp, steps) in {self.code(totp, -1), self.code(totp)}:
            self.clock.moment += STEP
        return self.code(totp, steps)


@dataclass
class Person:
    """Somebody who has enrolled."""

    auth: Auth
    tenant: str
    user_id: str
    email: str
    password: str
    totp: pyotp.TOTP
    recovery_codes: list[str]

    def code(self, steps: int = 0) -> str:
        return self.auth.code(self.totp, steps)

    def wrong_code(self) -> str:
        good = {self.code(-1), self.code()}
        return next(code for code in ("000000", "111111", "222222") if code not in good)

    def wait_for_throttle(self) -> None:
        """Let the time pass for which failures have closed the account."""
        _, opens_at = self.auth.ports.throttle.failures(self.tenant, self.email, self.auth.clock.now())
        self.auth.clock.moment = opens_at or self.auth.clock.moment

    def begin_login(self) -> str:
        command = BeginLogin(self.tenant, self.email, self.password, LAPTOP)
        return handlers.begin_login(self.auth.ports, command).challenge

    def log_in(self) -> LoggedIn:
        command = CompleteLogin(self.begin_login(), TotpCode(self.code()))
        return handlers.complete_login(self.auth.ports, command)

    def claims(self, token: str) -> dict[str, Any]:
        keys = {"token-1": self.auth.token_key.public}
        return verify_token(token, keys, audience=AUDIENCE, issuer=ISSUER, now=self.auth.clock.now())

    def complete_login(self, challenge: str, code: str, ports: Ports | None = None) -> str:
        return self.answer(challenge, TotpCode(code), ports)

    def recover(self, code: str, ports: Ports | None = None) -> str:
        """Log in with the password and a recovery code."""
        return self.answer(self.begin_login(), RecoveryCode(code), ports)

    def answer(self, challenge: str, proof: Proof, ports: Ports | None = None) -> str:
        return handlers.complete_login(ports or self.auth.ports, CompleteLogin(challenge, proof)).token
