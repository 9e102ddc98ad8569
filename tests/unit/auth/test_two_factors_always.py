"""Whatever is tried in whatever order: without two proved factors there is no token, and what was revoked is dead.

The handlers of the service run over memory, with a throttle that never closes. Whoever tries has every secret that was
ever made: codes of now and earlier, of apps that are offered, removed or of somebody else, passkeys with all that they
ever signed, and copies of them, passwords and recovery codes that were replaced, tickets of every kind. What is granted
is compared with `believed.py`, which knows promises only.
"""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, rule, run_state_machine_as_test

from services.auth import handlers
from services.auth.commands import (
    BeginEnrolment,
    BeginLogin,
    BeginStepUp,
    CompleteEnrolment,
    CompleteStepUp,
    EndSession,
    RefreshSession,
)
from services.auth.domain.proof import PasskeyAssertion, TotpCode
from services.auth.domain.step_up import Deed
from shared.contracts.errors import PublicError
from shared.messaging.access import Access
from shared.messaging.step_up import STEP_UP_AUDIENCE
from tests.unit.auth.account_rules import HOW, PASSWORD, WHICH, WHO, Accounts
from tests.unit.auth.attacker import PASSKEYS, PASSWORDS, Weaken, attempted
from tests.unit.auth.believed import STEP, Challenge, Token
from tests.unit.auth.weakened import AnyChallenge, AnyCounter, AnyPassword, AnyRecoveryCode, AnyStep, Deaf, OlderCodes

SPANS = (STEP, 2 * STEP, timedelta(minutes=6), timedelta(minutes=40), timedelta(hours=13))


class TwoFactorsAlways(Accounts):
    def teardown(self) -> None:
        self.it.directory.cleanup()

    begins: str | None = None
    """How far everybody has come when it begins; None: anyhow."""

    @initialize(so_far=st.sampled_from(["invited", "enrolled", "with passkeys"]))
    def found(self, so_far: str) -> None:
        so_far = self.begins or so_far
        self.it.found()
        for who in range(len(self.it.people) if so_far != "invited" else 0):
            self.enrol_properly(who, PASSWORDS[who])
            if so_far == "with passkeys":
                self.log_in_properly(who)
                self.add_passkey_properly(len(self.it.tokens) - 1)
                assert self.it.people[who].passkeys

    @rule(span=st.sampled_from(SPANS))
    def wait(self, span: timedelta) -> None:
        self.it.clock.moment += span

    # --- enrolment

    @rule(who=WHO, which=WHICH, password=PASSWORD)
    def begin_enrolment(self, who: int, which: int, password: str) -> None:
        it, person = self.it, self.it.people[who]
        shown = it.ticket([person.invitation], which)
        begun = attempted(lambda: handlers.begin_enrolment(it.ports, BeginEnrolment(shown, password)))
        if begun is not None:
            (invited,) = [each for each in it.people if each.invitation == shown]
            assert not invited.active
            assert not invited.disabled
            it.offered(invited, begun.enrolment, begun.setup.provisioning_uri, begun.expires_at, password)

    @rule(who=WHO, which=WHICH, how=HOW)
    def complete_enrolment(self, who: int, which: int, how: str) -> None:
        it, person = self.it, self.it.people[who]
        proof = it.proof(person, how, which)
        if not isinstance(proof, TotpCode):  # the contract of the endpoint takes no recovery code
            return
        self.enrolled(it.ticket([person.offer.ticket] if person.offer else [], which), proof)

    def enrolled(self, shown: str, proof: TotpCode) -> None:
        it, now = self.it, self.it.clock.now()
        enrolled = attempted(lambda: handlers.complete_enrolment(it.ports, CompleteEnrolment(shown, proof)))
        if enrolled is None:
            return
        person = it.person_offered(shown)
        offer = person.offer
        assert offer is not None
        assert offer.password is not None
        assert not person.active
        assert not person.disabled
        person.password, person.active, person.codes = offer.password, True, set(enrolled.recovery_codes)
        it.counts(offer, proof, now)

    # --- login and session

    @rule(who=WHO, password=PASSWORD)
    def begin_login(self, who: int, password: str) -> None:
        it, person = self.it, self.it.people[who]
        command = BeginLogin(it.tenant, person.email, password)
        begun = attempted(lambda: handlers.begin_login(it.ports, command))
        assert (begun is not None) == (person.admitted and password == person.password)
        if begun is not None:
            options = begun.passkey_options
            it.challenges.append(Challenge(begun.challenge, person, begun.expires_at, options=options))
            it.asked += [] if options is None else [(begun.challenge, options)]
            it.tickets.append(begun.challenge)

    @rule(who=WHO, which=WHICH, how=HOW)
    def complete_login(self, who: int, which: int, how: str) -> None:
        it = self.it
        shown = it.ticket([each.ticket for each in it.challenges], which)
        asked = next((each.options for each in it.challenges if each.ticket == shown), None)
        proof = it.proof(it.people[who], how, which, (shown, asked))
        it.log_in(shown, proof)

    @rule(which=WHICH)
    def refresh(self, which: int) -> None:
        it, now = self.it, self.it.clock.now()
        known = [token for each in it.sessions for token in (each.refresh, *each.spent)]
        shown = it.ticket(known, which)
        granted = attempted(lambda: handlers.refresh_session(it.ports, RefreshSession(shown)))
        session = next((each for each in it.sessions if shown in (each.refresh, *each.spent)), None)
        if session is None:
            assert granted is None
            return
        assert (granted is not None) == (session.refresh == shown and session.lasts(now))
        if granted is None:
            session.over = True
        else:
            session.prolong(granted.refresh_token, now)
            it.take(session, granted)

    @rule(which=WHICH, other=WHICH)
    def end_session(self, which: int, other: int) -> None:
        it, come = self.it, self.it.author(which)
        if come is None or not it.sessions:
            return
        by, session = come[0], it.sessions[other % len(it.sessions)]
        command = EndSession(session.id)
        try:
            handlers.end_session(it.ports, command, tenant=it.tenant, by=by.id)
        except PublicError:
            assert session.person.user_id != by.id
        else:
            assert session.person.user_id == by.id
            session.over = True

    # --- step-up

    @rule(which=WHICH, command=st.sampled_from(["a" * 64, "b" * 64]))
    def begin_step_up(self, which: int, command: str) -> None:
        it, come = self.it, self.it.author(which)
        if come is None:
            return
        by, session = come
        begun = handlers.begin_step_up(it.ports, BeginStepUp(Deed("auth.x", command)), tenant=it.tenant, by=by)
        options = begun.passkey_options
        it.step_ups.append(Challenge(begun.challenge, session.person, begun.expires_at, session, command, options))
        it.asked += [] if options is None else [(begun.challenge, options)]
        it.tickets.append(begun.challenge)

    @rule(which=WHICH, other=WHICH, how=HOW)
    def complete_step_up(self, which: int, other: int, how: str) -> None:
        it, come, now = self.it, self.it.author(which), self.it.clock.now()
        if come is None:
            return
        by, session = come
        shown = it.ticket([each.ticket for each in it.step_ups], other)
        asked = next((each.options for each in it.step_ups if each.ticket == shown), None)
        proof = it.proof(session.person, how, which, (shown, asked))
        command = CompleteStepUp(shown, proof)
        issued = attempted(lambda: handlers.complete_step_up(it.ports, command, tenant=it.tenant, by=by))
        if issued is None:
            return
        (challenge,) = [each for each in it.step_ups if each.ticket == shown]
        assert challenge.open
        assert challenge.session is session
        assert now < challenge.ends
        assert session.person.proves(proof, now, shown)
        session.person.spend(proof, now)
        challenge.open = False
        with it.access.hearing() as access:
            claims = access.verified(issued.token, STEP_UP_AUDIENCE)
            assert attempted(lambda: access.authenticate(issued.token)) is None
        bound = {"sub": session.person.user_id, "sid": session.id, "deed": "auth.x", "cmd": challenge.command}
        assert bound.items() <= claims.items()

    # --- the honest way, so that there is something to attack

    @rule(who=WHO, password=PASSWORD)
    def enrol_properly(self, who: int, password: str) -> None:
        it, person = self.it, self.it.people[who]
        if person.active or person.disabled:
            return
        begun = attempted(lambda: handlers.begin_enrolment(it.ports, BeginEnrolment(person.invitation, password)))
        if begun is None:  # it has waited for more than a week
            return
        it.offered(person, begun.enrolment, begun.setup.provisioning_uri, begun.expires_at, password)
        assert person.offer is not None
        self.enrolled(begun.enrolment, TotpCode(person.offer.app.code(it.clock.now())))
        assert person.active

    @rule(who=WHO)
    def log_in_properly(self, who: int) -> None:
        it, person = self.it, self.it.people[who]
        if not person.admitted:
            return
        assert person.password is not None
        it.clock.moment += 2 * STEP
        before = len(it.sessions)
        self.begin_login(who, person.password)
        challenge = it.challenges[-1]
        if person.apps:
            it.log_in(challenge.ticket, TotpCode(person.apps[0].code(it.clock.now())))
        else:
            assert challenge.options is not None
            signed = it.answer(person.passkeys[0], challenge.ticket, challenge.options)
            it.log_in(challenge.ticket, PasskeyAssertion(signed))
        assert len(it.sessions) == before + 1

    @rule(who=WHO, which=WHICH, how=HOW, pause=st.sampled_from((timedelta(), 4 * STEP)))
    def log_in_somehow(self, who: int, which: int, how: str, pause: timedelta) -> None:
        it, person = self.it, self.it.people[who]
        it.clock.moment += pause
        if person.admitted and person.password is not None:
            self.begin_login(who, person.password)
            challenge = it.challenges[-1]
            it.log_in(challenge.ticket, it.proof(person, how, which, (challenge.ticket, challenge.options)))

    @rule(who=WHO, which=WHICH, hows=st.lists(st.sampled_from(PASSKEYS), min_size=1, max_size=3))
    def log_in_by_passkeys_somehow(self, who: int, which: int, hows: list[str]) -> None:
        for how in hows:
            self.log_in_somehow(who, which, how, timedelta())

    # --- what holds at any time

    @invariant()
    def no_token_of_a_session_that_is_over_is_accepted(self) -> None:
        now = self.it.clock.now()
        with self.it.access.hearing() as access:
            for token in self.it.tokens[-6:]:
                assert not (_accepted(access, token) and (token.session.over or now >= token.ends))


def _accepted(access: Access, token: Token) -> bool:
    return attempted(lambda: access.authenticate(token.text)) is not None


TestTwoFactorsAlways = TwoFactorsAlways.TestCase
TestTwoFactorsAlways.settings = settings(max_examples=60, stateful_step_count=40)


@pytest.mark.parametrize(
    ("weaken", "so_far"),
    [
        (lambda ports: replace(ports, code_uses=AnyStep()), None),
        (lambda ports: replace(ports, passwords=AnyPassword(ports)), None),
        (lambda ports: replace(ports, recovery_codes=AnyRecoveryCode(ports)), None),
        (lambda ports: replace(ports, second_factor=OlderCodes(ports)), None),
        (lambda ports: replace(ports, revocations=Deaf()), None),
        (lambda ports: replace(ports, passkeys=AnyChallenge(ports)), "with passkeys"),
        (lambda ports: replace(ports, passkey_counters=AnyCounter()), "with passkeys"),
    ],
    ids=[
        "replayed codes",
        "any password",
        "any recovery code",
        "older codes",
        "nothing revoked",
        "any challenge",
        "copied passkeys",
    ],
)
def test_whoever_tries_finds_what_is_broken(weaken: Weaken, so_far: str | None) -> None:
    class Weakened(TwoFactorsAlways):
        begins = so_far

        def __init__(self) -> None:
            super().__init__(weaken)

    searching = settings(
        max_examples=400, stateful_step_count=40, derandomize=True, database=None, phases=[Phase.generate]
    )
    with pytest.raises((AssertionError, ExceptionGroup)):
        run_state_machine_as_test(Weakened, settings=searching)
