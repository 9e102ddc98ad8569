"""Passkeys beside other factors: added and removed, for a step-up, for a change of the account."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest

from services.auth import handlers
from services.auth.commands import (
    BeginFactor,
    BeginStepUp,
    CompleteFactor,
    CompleteStepUp,
    RemoveFactor,
)
from services.auth.domain.factor import FactorKind
from services.auth.domain.passkey import CHANGE_WINDOW
from services.auth.domain.proof import (
    PasskeyAssertion,
    PasskeyRegistration,
    PurposeKind,
    RecoveryCode,
    TotpCode,
)
from services.auth.domain.step_up import Deed
from services.auth.domain.ticket import Ticket, TicketKind
from services.auth.replies import Challenged
from shared.contracts.errors import ErrorCode, PublicError
from shared.eventstore.model import Author
from shared.kernel.ids import new_id
from tests.authenticator import Authenticator
from tests.integration.auth.business import LAPTOP, PASSWORD, STEP, Auth, Person, refused_with
from tests.integration.auth.passkey_holder import (
    Holder,
    add_passkey,
    answer,
    begin_login,
    enrolled,
)

pytestmark = pytest.mark.integration


# --- beside an authenticator app


def test_an_added_passkey_logs_in_as_the_app_does(ada: Person) -> None:
    authenticator = Authenticator()
    add_passkey(ada, authenticator)
    challenged = begin_login(ada)
    assert ada.answer(challenged.challenge, answer(authenticator, challenged))
    ada.auth.clock.moment += STEP
    assert ada.log_in().token


def test_a_removed_passkey_proves_nothing(ada: Person) -> None:
    authenticator = Authenticator()
    factor_id = add_passkey(ada, authenticator)
    challenged = begin_login(ada)
    by = Author("person", ada.user_id, ("pwd", "otp"), new_id(), LAPTOP)
    ada.auth.clock.moment += STEP
    command = RemoveFactor(PASSWORD, factor_id, TotpCode(ada.code()))
    handlers.remove_factor(ada.auth.ports, command, tenant=ada.tenant, by=by)
    with refused_with(ErrorCode.CHALLENGE_INVALID):  # begun with factors that the user no longer has
        ada.answer(challenged.challenge, answer(authenticator, challenged))
    challenged = begin_login(ada)
    assert challenged.passkey_options is None
    login = Ticket.read(TicketKind.CHALLENGE, challenged.challenge).subject
    options = ada.auth.ports.passkeys.options(ada.tenant, ada.user_id, f"login/{login}", [])
    with refused_with(ErrorCode.CODE_REFUSED):
        ada.answer(challenged.challenge, PasskeyAssertion(authenticator.assertion(options)))


def test_one_passkey_is_not_added_twice(ada: Person) -> None:
    authenticator = Authenticator()
    add_passkey(ada, authenticator)
    with refused_with(ErrorCode.CODE_REFUSED):
        add_passkey(ada, authenticator)


def test_a_passkey_does_not_prove_its_own_removal(holder: Holder) -> None:
    command = BeginFactor(PASSWORD, "second key", holder.shown_for_a_change(), FactorKind.PASSKEY)
    offered = handlers.begin_factor(holder.auth.ports, command, tenant=holder.tenant, by=holder.by)
    first = PasskeyRegistration(Authenticator().register(offered.setup.passkey_options))
    complete = CompleteFactor(offered.offer, first)
    second = handlers.complete_factor(holder.auth.ports, complete, tenant=holder.tenant, by=holder.by)
    account = handlers.own_account(holder.auth.ports, tenant=holder.tenant, by=holder.by)
    own = next(factor.id for factor in account.factors if factor.id != second)

    def remove(factor_id: str) -> None:
        removal = RemoveFactor(PASSWORD, factor_id, holder.shown_for_a_change())
        handlers.remove_factor(holder.auth.ports, removal, tenant=holder.tenant, by=holder.by)

    with refused_with(ErrorCode.CODE_REFUSED):
        remove(own)
    remove(second)


# --- a step-up, and a change


def test_a_step_up_is_proved_by_a_passkey_and_its_assertion_by_nothing_else(holder: Holder) -> None:
    def begin(command_hash: str) -> Challenged:
        deed = BeginStepUp(Deed("invoices.export_keys", command_hash))
        return handlers.begin_step_up(holder.auth.ports, deed, tenant=holder.tenant, by=holder.by)

    def complete(challenged: Challenged, shown: PasskeyAssertion) -> str:
        command = CompleteStepUp(challenged.challenge, shown)
        return handlers.complete_step_up(holder.auth.ports, command, tenant=holder.tenant, by=holder.by).token

    first, second = begin("a" * 64), begin("b" * 64)
    shown = holder.answer(first)
    with refused_with(ErrorCode.CODE_REFUSED):
        complete(second, shown)
    with refused_with(ErrorCode.CODE_REFUSED):
        holder.complete_login(holder.begin_login(), shown)
    assert complete(first, shown)
    with refused_with(ErrorCode.CHALLENGE_INVALID):
        complete(first, shown)


def test_an_assertion_is_good_for_one_change_in_its_session(holder: Holder) -> None:
    shown = holder.shown_for_a_change()
    elsewhere = Author("person", holder.user_id, ("pwd", "hwk"), new_id(), LAPTOP)
    for by, proof in ((elsewhere, shown), (holder.by, holder.shown_for_a_change(PurposeKind.PASSWORD))):
        with refused_with(ErrorCode.CODE_REFUSED):
            holder.renew(proof, by=by)
        shown = holder.shown_for_a_change()  # what was refused is history, too
    assert len(holder.renew(shown)) == 10
    with refused_with(ErrorCode.CODE_REFUSED):
        holder.renew(shown)
    assert "PasskeyUsed" in holder.history()


@pytest.mark.parametrize("counts", [True, False], ids=["that counts", "that does not count"])
def test_one_assertion_for_two_changes_at_once_makes_one(auth: Auth, counts: bool) -> None:  # noqa: FBT001 - a column
    holder = enrolled(auth, auth.found(), Authenticator(counts=counts))
    shown, start, processes = holder.shown_for_a_change(), Barrier(2), [auth.process() for _ in range(2)]

    def renew(number: int) -> str:
        start.wait()
        try:
            holder.renew(shown, processes[number])
        except PublicError as refusal:
            return refusal.code.value
        return "renewed"

    with ThreadPoolExecutor(2) as threads:
        outcomes = sorted(threads.map(renew, range(2)))
    assert outcomes in (["code_refused", "renewed"], ["code_reused", "renewed"])


def test_an_assertion_for_a_change_does_not_keep(holder: Holder) -> None:
    shown = holder.shown_for_a_change()
    holder.auth.clock.moment += 2 * CHANGE_WINDOW
    with refused_with(ErrorCode.CODE_REFUSED):
        holder.renew(shown)
    shown = holder.shown_for_a_change()
    holder.auth.clock.moment += CHANGE_WINDOW - timedelta(seconds=1)
    assert holder.renew(shown)


def test_who_lost_the_passkey_adds_another_by_a_recovery_code(holder: Holder) -> None:
    command = BeginFactor(PASSWORD, "new key", RecoveryCode(holder.recovery_codes[0]), FactorKind.PASSKEY)
    offered = handlers.begin_factor(holder.auth.ports, command, tenant=holder.tenant, by=holder.by)
    found = Authenticator()
    first = PasskeyRegistration(found.register(offered.setup.passkey_options))
    handlers.complete_factor(
        holder.auth.ports, CompleteFactor(offered.offer, first), tenant=holder.tenant, by=holder.by
    )
    challenged = holder.begin_login()
    assert holder.complete_login(challenged, answer(found, challenged))
