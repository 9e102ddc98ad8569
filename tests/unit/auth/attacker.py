"""Whoever has every secret that there ever was, and tries; what they hold, and what they believe that it is worth."""

import tempfile
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import TypeVar

import pyotp

from services.auth import handlers
from services.auth.commands import AskPasskey, CompleteLogin, CreateTenant, InviteUser
from services.auth.domain.proof import PasskeyAssertion, Proof, PurposeKind, RecoveryCode, TotpCode
from services.auth.domain.roles import Role
from services.auth.ports import Ports
from services.auth.replies import LoggedIn
from shared.contracts.errors import PublicError
from shared.crypto.tokens import bearer_claims
from shared.eventstore.model import Author, CommandId
from shared.kernel.ids import new_id
from tests.unit.auth.believed import Answer, App, Challenge, Offer, Passkey, Person, Session, Token
from tests.unit.auth.in_memory import HearingAccess, ports_in_memory

T = TypeVar("T")
Weaken = Callable[[Ports], Ports]
PASSWORDS = ("a horse, a battery, no staple", "the marmot counts blue stairs", "nine kettles sing at noon")
OPERATOR = Author("service", "operator")

CODES = ("present", "last", "earlier", "offered", "removed", "of somebody else")
RECOVERY = ("recovery", "spent recovery", "recovery of somebody else")
PASSKEYS = (
    *("passkey", "passkey for something else", "earlier answer"),
    *("removed passkey", "passkey of somebody else", "copy of a passkey"),
)
OTHER_TICKET = 5
"""Of so many tickets that are shown one does not fit."""


def command_id() -> CommandId:
    return CommandId(new_id(), bytes(32), OPERATOR)


def attempted(call: Callable[[], T]) -> T | None:
    """Return what was granted, None when it was refused by a public code."""
    try:
        return call()
    except PublicError:
        return None


class Attacker:
    def __init__(self, weaken: Weaken) -> None:
        ports, self.clock = ports_in_memory()
        self.ports = weaken(ports)
        self.directory = tempfile.TemporaryDirectory()
        self.access = HearingAccess(self.ports, Path(self.directory.name) / "keys.json")
        self.tenant = ""
        self.people: list[Person] = []
        self.challenges: list[Challenge] = []
        self.step_ups: list[Challenge] = []
        self.sessions: list[Session] = []
        self.tokens: list[Token] = []
        self.tickets: list[str] = []
        self.asked: list[tuple[str, str]] = []
        """What passkeys were asked to sign: purpose and options."""
        self.answers: dict[str, Answer] = {}

    def found(self) -> None:
        create = CreateTenant(name="Acme", owner_name="Ada", owner_email="ada@example.org")
        ada = handlers.create_tenant(self.ports, create, by="operator", command_id=command_id())
        self.tenant = ada.tenant
        invite = InviteUser(email="bob@example.org", name="Bob", role=Role.BOOKKEEPER)
        bob = handlers.invite_user(self.ports, invite, tenant=self.tenant, by=ada.user_id, command_id=command_id())
        self.people = [
            Person(email.partition("@")[0], email, invited.user_id, invited.invitation, answers=self.answers)
            for email, invited in (("ada@example.org", ada), ("bob@example.org", bob))
        ]
        self.tickets += [ada.invitation, bob.invitation]

    # --- what is shown

    def proof(self, person: Person, how: str, which: int, asked: tuple[str, str | None] = ("", None)) -> Proof:
        """Return something that the bearer of every secret could show in place of a factor of this person.

        `asked` is the purpose, and what a passkey is asked to sign for it, if one is.
        """
        somebody_else = next(each for each in self.people if each is not person)
        if how in PASSKEYS:
            return PasskeyAssertion(self.signed(person, somebody_else, how, which, asked))
        if how.endswith("recovery") or how.startswith("recovery"):
            holder = somebody_else if how == RECOVERY[2] else person
            codes = person.spent if how == RECOVERY[1] else sorted(holder.codes)
            return RecoveryCode(codes[which % len(codes)] if codes else "none")
        apps = {
            "offered": [person.offer.app] if person.offer else [],
            "removed": person.removed,
            "of somebody else": somebody_else.apps,
            "wrong": [],
        }.get(how, person.apps)
        steps = {"last": -1, "earlier": -2}.get(how, 0)
        return TotpCode(apps[which % len(apps)].code(self.clock.now(), steps) if apps else "no code")

    def signed(self, person: Person, somebody_else: Person, how: str, which: int, asked: tuple[str, str | None]) -> str:
        """Return what some passkey answers, or has answered."""
        purpose, options = asked
        passkeys = {
            "removed passkey": person.removed_passkeys,
            "passkey of somebody else": somebody_else.passkeys,
        }.get(how, person.passkeys)
        if how == "passkey for something else" and self.asked:
            purpose, options = self.asked[which % len(self.asked)]
        if how == "earlier answer" and self.answers:
            return list(self.answers)[which % len(self.answers)]
        if options is None or not passkeys:
            return "no answer"
        return self.answer(passkeys[which % len(passkeys)], purpose, options, copied=how == "copy of a passkey")

    def answer(self, passkey: Passkey, purpose: str, options: str, *, copied: bool = False) -> str:
        """Have a passkey sign, or a copy of it that was made before it signed at all."""
        authenticator = passkey.authenticator
        signed_so_far = authenticator.sign_count
        if copied:
            authenticator.sign_count = 0
        response = authenticator.assertion(options)
        self.answers[response] = Answer(passkey, purpose, self.clock.now(), authenticator.sign_count)
        authenticator.sign_count = max(authenticator.sign_count, signed_so_far)
        return response

    def for_a_change(self, come: tuple[Author, Session], kind: PurposeKind, how: str, which: int) -> tuple[Proof, str]:
        """Return what is shown for a change of the account, and the purpose that it has to be for."""
        by, session = come
        purpose, options = f"{kind.value}/{session.id}", None
        if how in PASSKEYS:
            command = AskPasskey(kind)
            options = attempted(lambda: handlers.ask_passkey(self.ports, command, tenant=self.tenant, by=by))
        if options is not None:
            self.asked.append((purpose, options))
        return self.proof(session.person, how, which, (purpose, options)), purpose

    def ticket(self, fitting: list[str], which: int) -> str:
        """Return a ticket that fits, mostly, or else any other."""
        shown = self.tickets if which % OTHER_TICKET == 0 or not fitting else fitting
        return shown[which % len(shown)]

    def granted(self, call: Callable[[], None]) -> bool:
        """Tell whether something that answers nothing was done."""
        try:
            call()
        except PublicError:
            return False
        return True

    def author(self, which: int) -> tuple[Author, Session] | None:
        """Come with a token, as the entrypoints let somebody come."""
        if not self.tokens:
            return None
        token = self.tokens[which % len(self.tokens)]
        with self.access.hearing() as access:
            actor = attempted(lambda: access.authenticate(token.text))
        return None if actor is None else (actor.author, token.session)

    # --- what follows

    def end_sessions(self, person: Person, but: Session | None = None) -> None:
        for session in self.sessions:
            session.over = session.over or (session.person is person and session is not but)
        for challenge in self.challenges:
            challenge.open = challenge.open and challenge.person is not person

    def take(self, session: Session, granted: LoggedIn) -> None:
        claims = bearer_claims(granted.token)
        assert (claims["sub"], claims["sid"], claims["amr"]) == (
            session.person.user_id,
            session.id,
            ["pwd", session.method],
        )
        self.tokens.append(Token(granted.token, session, self.clock.now() + timedelta(minutes=5)))
        self.tickets.append(granted.refresh_token)

    def offered(self, person: Person, ticket: str, uri: str, ends: datetime, password: str | None = None) -> None:
        """Take down an app that was offered: it replaces one that was offered before."""
        app = pyotp.parse_uri(uri)
        assert isinstance(app, pyotp.TOTP)
        person.offer = Offer(ticket, App(app), ends, password)
        self.tickets.append(ticket)

    def counts(self, offer: Offer, proof: TotpCode, now: datetime) -> None:
        """Let an app that was offered count from now on: its first code was a good one, and is used up."""
        person = self.person_offered(offer.ticket)
        step = offer.app.step_of(proof.code, now)
        assert step is not None
        assert now < offer.ends
        offer.app.used = step
        person.offer = None
        person.apps.append(offer.app)
        account = handlers.own_account(self.ports, tenant=self.tenant, by=Author("person", person.user_id))
        person.factor_ids[account.factors[-1].id] = offer.app

    def person_offered(self, ticket: str) -> Person:
        """Return whose offer a ticket is of; a failure when it is nobody's."""
        (person,) = [each for each in self.people if each.offer is not None and each.offer.ticket == ticket]
        return person

    def log_in(self, shown: str, proof: Proof) -> None:
        """Answer a challenge; a session takes an open one, for which the right password was shown, and a factor."""
        now = self.clock.now()
        granted = attempted(lambda: handlers.complete_login(self.ports, CompleteLogin(shown, proof)))
        if granted is None:
            return
        (challenge,) = [each for each in self.challenges if each.ticket == shown]
        assert challenge.open
        assert now < challenge.ends
        assert challenge.person.proves(proof, now, challenge.ticket)
        challenge.person.spend(proof, now)
        challenge.open = False
        method = {RecoveryCode: "rec", PasskeyAssertion: "hwk"}.get(type(proof), "otp")
        session = Session(challenge.person, granted.session_id, method, granted.refresh_token, now)
        self.sessions.append(session)
        self.take(session, granted)
