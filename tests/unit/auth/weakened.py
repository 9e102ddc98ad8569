"""Ports that are broken in one way each, so that it can be seen whether that is noticed."""

# ruff: noqa: ARG002 - stand-ins have the arguments of what they stand in for

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from services.auth.domain.passkey import CounterVerdict, Shown
from services.auth.ports import Ports
from shared.contracts.revocations import RecentRevocations, Subject
from tests.unit.auth.believed import STEP


class AnyStep:
    """Uses no step up."""

    def accept(self, tenant: str, factor_id: str, step: int) -> bool:
        """Accept whatever comes."""
        return True


class AnyPassword:
    """Believes every password."""

    def __init__(self, ports: Ports) -> None:
        self.hash, self.outdated = ports.passwords.hash, ports.passwords.outdated

    def matches(self, password: str, stored: str | None) -> bool:
        """Compare with nothing."""
        return stored is not None


class AnyRecoveryCode:
    """Takes every recovery code for the last one."""

    def __init__(self, ports: Ports) -> None:
        self.hash = ports.recovery_codes.hash

    def index_of(self, tenant: str, user_id: str, code: str, hashes: tuple[str, ...]) -> int | None:
        """Compare with nothing."""
        return len(hashes) - 1 if hashes else None


class OlderCodes:
    """Accepts a code a minute longer than it should."""

    def __init__(self, ports: Ports) -> None:
        self._factor = ports.second_factor
        self.offer = ports.second_factor.offer

    def step_of(self, tenant: str, user_id: str, sealed: str, code: str, moment: datetime) -> int | None:
        """Look at earlier moments too."""
        moments = (moment, moment - 2 * STEP)
        found = [self._factor.step_of(tenant, user_id, sealed, code, each) for each in moments]
        return next((step for step in found if step is not None), None)


class AnyChallenge:
    """Has passkeys sign one challenge, whatever it is for."""

    def __init__(self, ports: Ports) -> None:
        self._passkeys = ports.passkeys
        self.registration_options, self.register = ports.passkeys.registration_options, ports.passkeys.register

    def options(self, tenant: str, user_id: str, ceremony: str, passkeys: Iterable[str]) -> str:
        """Ask for the same as ever."""
        return self._passkeys.options(tenant, user_id, "anything", passkeys)

    def judge(
        self, tenant: str, user_id: str, ceremonies: Sequence[str], passkeys: Mapping[str, str], response: str
    ) -> Shown | None:
        """Take what was signed for anything."""
        return self._passkeys.judge(tenant, user_id, ["anything"], passkeys, response)


class AnyCounter:
    """Does not mind what passkeys count."""

    def advance(self, tenant: str, factor_id: str, sign_count: int, challenge: bytes) -> CounterVerdict:
        """Accept whatever comes."""
        return CounterVerdict.ADVANCED


class Deaf:
    """Hears of nothing that was revoked."""

    def recent(self, now: datetime, after: Subject | None = None) -> RecentRevocations:
        """Say that nothing was."""
        return RecentRevocations()
