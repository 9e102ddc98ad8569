"""Whatever is tried in whatever order: a session exists only where a password and a fresh code were both shown."""

from datetime import UTC, datetime, timedelta

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from services.auth.domain.enrolment import invite, require_enrolling, require_invited
from services.auth.domain.events import AuthEvent
from services.auth.domain.login import begin, conclude, fold_login, require_open
from services.auth.domain.proof import Proved
from services.auth.domain.roles import Role
from services.auth.domain.session import begin as begin_session
from services.auth.domain.ticket import Ticket, TicketKind
from services.auth.domain.user import UserState
from services.auth.domain.user_history import fold_user
from shared.contracts.errors import PublicError
from shared.kernel.ids import new_id
from tests.unit.auth.samples import ACCEPTED, REUSED, WRONG, enrolment_begun, enrolment_concluded

TENANT, USER = new_id(), new_id()
INVITATION = Ticket(TicketKind.INVITATION, TENANT, USER, b"i" * 32)
CHECKS = st.sampled_from([ACCEPTED, WRONG, REUSED])


class TwoFactorsAlways(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.now = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
        self.user: list[AuthEvent] = []
        self.enrolments: list[Ticket] = []
        self.logins: dict[str, list[AuthEvent]] = {}
        self.challenges: dict[str, Ticket] = {}
        self.factor_proved = False
        self.passwords_shown: set[str] = set()
        self.codes_shown: set[str] = set()

    @initialize()
    def invite(self) -> None:
        self.user.append(
            invite(
                email="a@example.org",
                name="A",
                role=Role.OWNER,
                invitation=INVITATION,
                invited_by="operator",
                now=self.now,
            )
        )

    @rule(minutes=st.sampled_from([1, 6, 16, 60 * 24 * 8]))
    def wait(self, minutes: int) -> None:
        self.now += timedelta(minutes=minutes)

    @rule()
    def begin_enrolment(self) -> None:
        ticket = Ticket(TicketKind.ENROLMENT, TENANT, USER, len(self.enrolments).to_bytes(32, "big"))
        try:
            require_invited(fold_user(self.user), INVITATION, self.now)
        except PublicError:
            return
        self.enrolments.append(ticket)
        self.user.append(enrolment_begun(ticket, self.now))

    @rule(check=CHECKS, which=st.integers(min_value=0, max_value=9))
    def complete_enrolment(self, check: Proved, which: int) -> None:
        if not self.enrolments:
            return
        ticket = self.enrolments[which % len(self.enrolments)]
        try:
            require_enrolling(fold_user(self.user), ticket, self.now)
        except PublicError:
            return
        self.user.append(enrolment_concluded(ticket, check, self.now))
        self.factor_proved = self.factor_proved or check.accepted

    @rule(password_matches=st.booleans())
    def begin_login(self, password_matches: bool) -> None:  # noqa: FBT001 - hypothesis passes by name
        login = new_id()
        ticket = Ticket(TicketKind.CHALLENGE, TENANT, login, len(self.logins).to_bytes(32, "big"))
        self.logins[login] = [
            begin(
                USER,
                fold_user(self.user),
                password_matches=password_matches,
                challenge=ticket,
                now=self.now,
            )
        ]
        self.challenges[login] = ticket
        if password_matches:
            self.passwords_shown.add(login)

    @rule(check=CHECKS, which=st.integers(min_value=0, max_value=9), other=st.integers(0, 9))
    def complete_login(self, check: Proved, which: int, other: int) -> None:
        if not self.logins:
            return
        names = sorted(self.logins)
        login = names[which % len(names)]
        ticket = self.challenges[names[other % len(names)]]
        try:
            opened = require_open(fold_login(self.logins[login]), ticket, self.now)
        except PublicError:
            return
        self.logins[login].append(conclude(opened, check))
        if check.accepted:
            self.codes_shown.add(login)

    @invariant()
    def a_session_needs_both_factors(self) -> None:
        for name, events in self.logins.items():
            login = fold_login(events)
            assert login is not None
            try:
                begin_session(login, Ticket(TicketKind.REFRESH, TENANT, name, bytes(32)), self.now)
            except PublicError:
                continue
            assert self.factor_proved
            assert name in self.passwords_shown
            assert name in self.codes_shown

    @invariant()
    def an_active_user_has_proved_the_factor(self) -> None:
        user = fold_user(self.user)
        if user is not None and user.state is UserState.ACTIVE:
            assert self.factor_proved


TestTwoFactorsAlways = TwoFactorsAlways.TestCase
