"""Whatever is changed in whatever order: an active account has a password and a factor that was proved."""

from datetime import UTC, datetime, timedelta

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from services.auth.domain import account, reset
from services.auth.domain.enrolment import invite, require_enrolling, require_invited, require_offered
from services.auth.domain.events import AuthEvent, UserDisabled, UserEnabled
from services.auth.domain.proof import Proved
from services.auth.domain.roles import Role
from services.auth.domain.ticket import Ticket, TicketKind
from services.auth.domain.user import User, UserState
from services.auth.domain.user_history import fold_user
from shared.contracts.errors import PublicError
from shared.contracts.four_eyes import digest_of
from shared.kernel.ids import new_id
from tests.unit.auth.samples import ACCEPTED, REUSED, WRONG, enrolment_begun, enrolment_concluded, offer

TENANT, USER, OWNER, OTHER_OWNER = new_id(), new_id(), new_id(), new_id()
ASKING = User(1, UserState.ACTIVE, "O", "o@example.org", Role.OWNER, "", datetime(2026, 11, 22, tzinfo=UTC))
VERDICTS = st.sampled_from([ACCEPTED, WRONG, REUSED])
WHICH = st.integers(min_value=0, max_value=9)


class AFactorAlways(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.now = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
        self.history: list[AuthEvent] = []
        self.invitation = self.ticket(TicketKind.INVITATION)
        self.offered: list[Ticket] = []
        self.proved: set[str] = set()

    def ticket(self, kind: TicketKind) -> Ticket:
        return Ticket(kind, TENANT, USER, len(self.history).to_bytes(32, "big"))

    @property
    def user(self) -> User:
        user = fold_user(self.history)
        assert user is not None
        return user

    @initialize()
    def invite(self) -> None:
        self.history.append(
            invite(
                email="a@example.org",
                name="A",
                role=Role.OWNER,
                invitation=self.invitation,
                invited_by="operator",
                now=self.now,
            )
        )

    @rule(minutes=st.sampled_from([1, 16, 60 * 24 * 8]))
    def wait(self, minutes: int) -> None:
        self.now += timedelta(minutes=minutes)

    @rule(verdict=VERDICTS)
    def enrol(self, verdict: Proved) -> None:
        ticket = self.ticket(TicketKind.ENROLMENT)
        try:
            require_invited(self.user, self.invitation, self.now)
        except PublicError:
            return
        self.history.append(enrolment_begun(ticket, self.now))
        require_enrolling(self.user, ticket, self.now)
        self.history.append(enrolment_concluded(ticket, verdict, self.now))
        if verdict.accepted:
            self.proved.add(verdict.factor_id)

    @rule()
    def begin_factor(self) -> None:
        try:
            account.require_active(self.user)
        except PublicError:
            return
        ticket = self.ticket(TicketKind.FACTOR)
        self.offered.append(ticket)
        self.history.append(account.offer_factor(offer(ticket, factor_id=new_id(), now=self.now)))

    @rule(verdict=VERDICTS, which=WHICH)
    def complete_factor(self, verdict: Proved, which: int) -> None:
        if not self.offered:
            return
        try:
            found = require_offered(
                account.require_active(self.user), self.offered[which % len(self.offered)], self.now
            )
        except PublicError:
            return
        self.history.append(account.conclude_offer(found, found.material, verdict, self.now))
        if verdict.accepted:
            self.proved.add(found.factor_id)

    @rule(which=WHICH)
    def remove_factor(self, which: int) -> None:
        if not self.user.factors:
            return
        factor = self.user.factors[which % len(self.user.factors)]
        try:
            removed = account.remove_factor(account.require_removable(account.require_active(self.user), factor.id))
        except PublicError:
            return
        self.history.append(removed)

    @rule()
    def disable_or_enable(self) -> None:
        disabled = self.user.state is UserState.DISABLED
        self.history.append(UserEnabled() if disabled else UserDisabled("why"))

    @rule(approver=st.sampled_from([OWNER, OTHER_OWNER]))
    def reset(self, approver: str) -> None:
        try:
            self.history.append(reset.request_reset(self.user, new_id(), "why", by=OWNER, now=self.now))
            assert self.user.reset is not None
            waiting = reset.waiting(USER, self.user, ASKING)
            agreed = (self.user.reset.request_id, digest_of(waiting.shown if waiting else {}))
            request = reset.require_approvable(self.user, waiting, agreed, by=approver, now=self.now)
        except PublicError:
            return
        assert approver == OTHER_OWNER
        self.invitation = self.ticket(TicketKind.INVITATION)
        self.history.append(
            reset.reset(
                self.invitation,
                request.request_id,
                requested_by=OWNER,
                approved_by=approver,
                digest=agreed[1],
                now=self.now,
            )
        )
        assert not self.user.factors

    @invariant()
    def an_active_account_has_a_password_and_a_proved_factor(self) -> None:
        if self.history and self.user.state is UserState.ACTIVE:
            assert self.user.password_hash
            assert self.user.factors
            assert {factor.id for factor in self.user.factors} <= self.proved


TestAFactorAlways = AFactorAlways.TestCase
TestAFactorAlways.settings = settings(max_examples=40, stateful_step_count=30)
