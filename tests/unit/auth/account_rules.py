"""What happens to accounts while somebody tries to get in: by their holders, and by owners."""

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule

from services.auth import handlers
from services.auth.commands import (
    ApproveFactorReset,
    BeginFactor,
    ChangePassword,
    CompleteFactor,
    DisableUser,
    EnableUser,
    EndSessionsOf,
    RemoveFactor,
    RenewRecoveryCodes,
    RequestFactorReset,
)
from services.auth.domain.factor import FactorKind
from services.auth.domain.proof import PasskeyRegistration, PurposeKind, RecoveryCode, TotpCode
from services.auth.ports import Ports
from services.auth.replies import Invited
from shared.contracts.four_eyes import digest_of
from shared.kernel.ids import new_id
from tests.authenticator import Authenticator
from tests.unit.auth.attacker import CODES, PASSKEYS, PASSWORDS, RECOVERY, Attacker, Weaken, attempted, command_id
from tests.unit.auth.believed import STEP, Passkey

WHO = st.integers(0, 1)
WHICH = st.integers(0, 30)
PASSWORD = st.sampled_from(PASSWORDS)
HOW = st.sampled_from((*CODES, *RECOVERY, *PASSKEYS, "wrong"))
NEXT = {each: PASSWORDS[(number + 1) % len(PASSWORDS)] for number, each in enumerate(PASSWORDS)}


def as_it_is(ports: Ports) -> Ports:
    """Weaken nothing."""
    return ports


class Accounts(RuleBasedStateMachine):
    """Rules that change accounts; `weaken` puts something broken in the place of a port, which has to be noticed."""

    def __init__(self, weaken: Weaken = as_it_is) -> None:
        super().__init__()
        self.it = Attacker(weaken)

    # --- the account

    @rule(which=WHICH, how=HOW, current=PASSWORD)
    def change_password(self, which: int, how: str, current: str) -> None:
        it, come, now = self.it, self.it.author(which), self.it.clock.now()
        if come is None:
            return
        by, session = come
        (proof, purpose), new = it.for_a_change(come, PurposeKind.PASSWORD, how, which), NEXT[current]
        command = ChangePassword(current, new, proof)
        if not it.granted(lambda: handlers.change_password(it.ports, command, tenant=it.tenant, by=by)):
            return
        assert session.person.password == current
        assert session.person.proves(proof, now, purpose)
        session.person.spend(proof, now)
        session.person.password = new
        it.end_sessions(session.person, but=session)

    @rule(which=WHICH, how=HOW, current=PASSWORD)
    def renew_recovery_codes(self, which: int, how: str, current: str) -> None:
        it, come, now = self.it, self.it.author(which), self.it.clock.now()
        if come is None:
            return
        by, session = come
        person, (proof, purpose) = session.person, it.for_a_change(come, PurposeKind.FACTORS, how, which)
        command = RenewRecoveryCodes(current, proof)
        codes = attempted(lambda: handlers.renew_recovery_codes(it.ports, command, tenant=it.tenant, by=by))
        if codes is None:
            return
        assert not isinstance(proof, RecoveryCode)
        assert person.password == current
        assert person.proves(proof, now, purpose)
        person.spend(proof, now)
        person.spent += person.codes
        person.codes = set(codes)
        it.end_sessions(person, but=session)

    @rule(which=WHICH, how=HOW, current=PASSWORD)
    def begin_factor(self, which: int, how: str, current: str) -> None:
        it, come, now = self.it, self.it.author(which), self.it.clock.now()
        if come is None:
            return
        by, session = come
        person, (proof, purpose) = session.person, it.for_a_change(come, PurposeKind.FACTORS, how, which)
        command = BeginFactor(current, "another", proof)
        offered = attempted(lambda: handlers.begin_factor(it.ports, command, tenant=it.tenant, by=by))
        if offered is None:
            return
        assert person.password == current
        assert person.proves(proof, now, purpose)
        person.spend(proof, now)
        it.offered(person, offered.offer, offered.setup.provisioning_uri, offered.expires_at)

    @rule(which=WHICH)
    def add_passkey_properly(self, which: int) -> None:
        it, come = self.it, self.it.author(which)
        if come is None or not come[1].person.apps:
            return
        by, session = come
        person = session.person
        assert person.password is not None
        it.clock.moment += 2 * STEP
        shown, authenticator = TotpCode(person.apps[0].code(it.clock.now())), Authenticator()
        command = BeginFactor(person.password, "key", shown, FactorKind.PASSKEY)
        offered = handlers.begin_factor(it.ports, command, tenant=it.tenant, by=by)
        person.spend(shown, it.clock.now())
        made = PasskeyRegistration(authenticator.register(offered.setup.passkey_options))
        complete = CompleteFactor(offered.offer, made)
        factor_id = handlers.complete_factor(it.ports, complete, tenant=it.tenant, by=by)
        person.offer = None  # it replaced what was offered before
        person.passkeys.append(passkey := Passkey(authenticator))
        person.factor_ids[factor_id] = passkey
        it.tickets.append(offered.offer)
        it.end_sessions(person, but=session)

    @rule(which=WHICH, how=HOW)
    def complete_factor(self, which: int, how: str) -> None:
        it, come, now = self.it, self.it.author(which), self.it.clock.now()
        if come is None:
            return
        by, session = come
        person, proof = session.person, it.proof(session.person, how, which)
        if not isinstance(proof, TotpCode):  # the contract of the endpoint takes no recovery code
            return
        shown = it.ticket([person.offer.ticket] if person.offer else [], which)
        command = CompleteFactor(shown, proof)
        if attempted(lambda: handlers.complete_factor(it.ports, command, tenant=it.tenant, by=by)) is None:
            return
        offer = person.offer
        assert offer is not None
        assert it.person_offered(shown) is person
        it.counts(offer, proof, now)
        it.end_sessions(person, but=session)

    @rule(which=WHICH, how=HOW, other=WHICH, current=PASSWORD)
    def remove_factor(self, which: int, how: str, other: int, current: str) -> None:
        it, come, now = self.it, self.it.author(which), self.it.clock.now()
        if come is None:
            return
        by, session = come
        person, (proof, purpose) = session.person, it.for_a_change(come, PurposeKind.FACTORS, how, which)
        factor_id = sorted(person.factor_ids)[other % len(person.factor_ids)]
        command = RemoveFactor(current, factor_id, proof)
        if not it.granted(lambda: handlers.remove_factor(it.ports, command, tenant=it.tenant, by=by)):
            return
        gone = person.factor_ids.pop(factor_id)
        assert person.password == current
        assert person.proves(proof, now, purpose, without=gone)
        person.spend(proof, now)
        person.lose(gone)
        assert person.apps or person.passkeys
        it.end_sessions(person, but=session)

    # --- what owners do

    @rule(who=WHO)
    def end_sessions_of(self, who: int) -> None:
        it, person = self.it, self.it.people[who]
        command = EndSessionsOf(person.user_id)
        handlers.end_sessions_of(it.ports, command, tenant=it.tenant, by=new_id(), command_id=command_id())
        it.end_sessions(person)

    @rule(who=WHO)
    def disable(self, who: int) -> None:
        it, person = self.it, self.it.people[who]
        command = DisableUser(person.user_id, "left")
        done = attempted(lambda: handlers.disable_user(it.ports, command, tenant=it.tenant, command_id=command_id()))
        if done is not None:
            person.disabled = True
            it.end_sessions(person)

    @rule(who=WHO)
    def enable(self, who: int) -> None:
        it, person = self.it, self.it.people[who]
        command = EnableUser(person.user_id)
        done = attempted(lambda: handlers.enable_user(it.ports, command, tenant=it.tenant, command_id=command_id()))
        person.disabled = person.disabled and done is None

    @rule(who=WHO)
    def reset(self, who: int) -> None:
        it, person, owner = self.it, self.it.people[who], self.it.people[0]
        ask = RequestFactorReset(person.user_id, "lost the phone")
        asked = attempted(
            lambda: handlers.request_factor_reset(
                it.ports, ask, tenant=it.tenant, by=owner.user_id, command_id=command_id()
            )
        )
        if asked is None:
            assert person.disabled
            return
        shown = [each.shown for each in handlers.waiting_factor_resets(it.ports, tenant=it.tenant)]
        found = [each for each in shown if each["request_id"] == asked.request_id]
        assert bool(found) == owner.admitted  # what somebody asked who is not there any more does not take effect
        agree = ApproveFactorReset(person.user_id, asked.request_id, digest_of(found[0] if found else {}))

        def approve(by: str) -> Invited:
            return handlers.approve_factor_reset(it.ports, agree, tenant=it.tenant, by=by, command_id=command_id())

        assert attempted(lambda: approve(owner.user_id)) is None
        invited = attempted(lambda: approve(new_id()))
        assert (invited is not None) == bool(found)
        if invited is None:
            return
        person.forget_factors()
        person.invitation = invited.invitation
        it.end_sessions(person)
