"""What somebody believes who knows the promises and not the code: who may get in, with what, until when."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pyotp

from services.auth.domain.proof import PasskeyAssertion, Proof, RecoveryCode, TotpCode
from tests.authenticator import Authenticator

STEP = timedelta(seconds=30)
ANSWER_LIFETIME = timedelta(minutes=10)
"""The longest that anything signed by a passkey is good for."""


@dataclass(eq=False)
class App:
    """An authenticator app."""

    totp: pyotp.TOTP
    used: int = -1
    """The last step of which a code was accepted."""

    def code(self, now: datetime, steps: int = 0) -> str:
        """Return what it shows, or showed."""
        return str(self.totp.at(now, counter_offset=steps))

    def step_of(self, code: str, now: datetime) -> int | None:
        """Return the step of which this is a code that counts: the present or the last one, and none used before."""
        present = self.totp.timecode(now)
        good = [
            step for step in (present, present - 1) if step > self.used and code == str(self.totp.generate_otp(step))
        ]
        return max(good, default=None)


@dataclass(eq=False)
class Passkey:
    """A passkey that was made and proved."""

    authenticator: Authenticator
    used: int = 0
    """How often it had signed when an answer of it was last accepted."""


@dataclass(eq=False)
class Answer:
    """What a passkey signed, and what for."""

    passkey: Passkey
    purpose: str
    """A ticket of a login or step-up; a session, and what is changed in it."""
    at: datetime
    count: int
    spent: bool = False


@dataclass(eq=False)
class Offer:
    """An app that was offered, at the enrolment or later, and is not proved."""

    ticket: str
    app: App
    ends: datetime
    password: str | None = None
    """What will open the account; None when the account has one."""


@dataclass(eq=False)
class Person:
    """Somebody with an account, or on the way to one."""

    name: str
    email: str
    user_id: str
    invitation: str
    active: bool = False
    disabled: bool = False
    password: str | None = None
    apps: list[App] = field(default_factory=list)
    passkeys: list[Passkey] = field(default_factory=list)
    factor_ids: dict[str, App | Passkey] = field(default_factory=dict)
    removed: list[App] = field(default_factory=list)
    removed_passkeys: list[Passkey] = field(default_factory=list)
    answers: dict[str, Answer] = field(default_factory=dict)
    """Everything that any passkey of anybody has signed."""
    codes: set[str] = field(default_factory=set)
    spent: list[str] = field(default_factory=list)
    """Recovery codes that were used or replaced."""
    offer: Offer | None = None

    @property
    def admitted(self) -> bool:
        """Whether anything at all opens the account."""
        return self.active and not self.disabled

    def proves(self, proof: Proof, now: datetime, purpose: str, without: App | Passkey | None = None) -> bool:
        """Tell whether this shows, for this purpose, a second factor of theirs that counts."""
        match proof:
            case TotpCode(code):
                apps = [app for app in self.apps if app is not without]
                return self.admitted and any(app.step_of(code, now) is not None for app in apps)
            case RecoveryCode(code):
                return self.admitted and code in self.codes
            case PasskeyAssertion(response):
                answer = self.answers.get(response)
                return self.admitted and answer is not None and self._answers(answer, now, purpose, without)

    def _answers(self, answer: Answer, now: datetime, purpose: str, without: App | Passkey | None) -> bool:
        passkey = answer.passkey
        mine = passkey in self.passkeys and passkey is not without
        fresh = not answer.spent and answer.count > passkey.used and now <= answer.at + ANSWER_LIFETIME
        return mine and fresh and answer.purpose == purpose

    def spend(self, proof: Proof, now: datetime) -> None:
        """Remember that it was accepted."""
        match proof:
            case TotpCode(code):
                for app in self.apps:
                    app.used = max(app.used, app.step_of(code, now) or -1)
            case RecoveryCode(code):
                self.codes.discard(code)
                self.spent.append(code)
            case PasskeyAssertion(response):
                answer = self.answers[response]
                answer.spent, answer.passkey.used = True, answer.count
            case _:
                raise AssertionError("what proves nothing was accepted")

    def lose(self, factor: App | Passkey) -> None:
        """Have a factor removed."""
        if isinstance(factor, App):
            self.apps.remove(factor)
            self.removed.append(factor)
        else:
            self.passkeys.remove(factor)
            self.removed_passkeys.append(factor)

    def forget_factors(self) -> None:
        """Lose password, factors and codes, as in a reset."""
        self.removed += self.apps
        self.removed_passkeys += self.passkeys
        self.spent += self.codes
        self.apps, self.passkeys, self.factor_ids, self.codes = [], [], {}, set()
        self.password, self.active, self.offer = None, False, None


@dataclass(eq=False)
class Challenge:
    """A login for which the right password was shown, or a step-up that a session asked for."""

    ticket: str
    person: Person
    ends: datetime
    session: "Session | None" = None
    command: str = ""
    options: str | None = None
    """What a passkey is asked to sign."""
    open: bool = True


@dataclass(eq=False)
class Session:
    """What a login earned."""

    person: Person
    id: str
    method: str
    refresh: str
    began: datetime
    used: datetime | None = None
    """When it was prolonged last."""
    over: bool = False
    spent: list[str] = field(default_factory=list)
    """Refresh tokens that were exchanged."""

    def prolong(self, refresh: str, now: datetime) -> None:
        """Go on with the next refresh token."""
        self.spent.append(self.refresh)
        self.refresh, self.used = refresh, now

    def lasts(self, now: datetime) -> bool:
        """Tell whether it can be prolonged."""
        idle = (self.used or self.began) + timedelta(hours=1)
        return not self.over and now < min(idle, self.began + timedelta(hours=12))


@dataclass(eq=False)
class Token:
    """An access token."""

    text: str
    session: Session
    ends: datetime
