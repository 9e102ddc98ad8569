"""A person's own password, factors and recovery codes: changed after password and a proof of what remains.

There is no other way. Both factors are shown again, as at a login (ASVS 5.0, 7.5.1): a session that was stolen or left
open changes nothing, and neither does a phone that was found. `by` is whom the token speaks for. No mail changes any of
this; who has lost everything asks two owners (services/auth/handlers/resets.py).
"""

import secrets

from services.auth.commands import (
    AskPasskey,
    BeginFactor,
    ChangePassword,
    CompleteFactor,
    RemoveFactor,
    RenewRecoveryCodes,
)
from services.auth.domain import account as accounts
from services.auth.domain.enrolment import require_offered
from services.auth.domain.events import FactorAdded, PasswordChanged, ProofRefused, UserEvent
from services.auth.domain.factor import Offer
from services.auth.domain.login import credentials_refused
from services.auth.domain.proof import Proof, Proved, Purpose, PurposeKind, RecoveryCode
from services.auth.domain.ticket import SECRET_BYTES, Ticket, TicketKind
from services.auth.domain.user import User
from services.auth.handlers.deciding import deciding_again
from services.auth.handlers.offering import new_offer
from services.auth.handlers.passkeys import passkey_options
from services.auth.handlers.passwords import require_suitable_password
from services.auth.handlers.proving import prove, prove_offered
from services.auth.handlers.recovery import issue_codes
from services.auth.handlers.throttling import admit, record_lock
from services.auth.history import append_to_user, load_user
from services.auth.ports import Ports
from services.auth.replies import Offered
from shared.contracts.errors import ErrorCode, PublicError
from shared.eventstore.model import Author

_WRONG_PASSWORD = "wrong_password"  # noqa: S105 - a reason, not a secret


def own_account(ports: Ports, *, tenant: str, by: Author) -> User:
    """Return the caller's account."""
    return accounts.require_active(load_user(ports.log, tenant, by.id))


def change_password(ports: Ports, command: ChangePassword, *, tenant: str, by: Author) -> None:
    """Take another password; every other session of the user ends.

    `password_unsuitable`, `credentials_refused` for a wrong present password, and the refusals of `prove`.
    """
    user = own_account(ports, tenant=tenant, by=by)
    require_suitable_password(ports, tenant, user, command.password)
    shown = (PurposeKind.PASSWORD, command.current_password, command.proof)
    proved = _require_both(ports, tenant, user, shown, by)
    changed = PasswordChanged(ports.passwords.hash(command.password))
    _append(ports, tenant, changed, by=_having_shown(by, proved))


def renew_recovery_codes(ports: Ports, command: RenewRecoveryCodes, *, tenant: str, by: Author) -> list[str]:
    """Give out ten new codes, once; earlier ones count no more. `credentials_refused`, those of `prove`.

    A recovery code does not prove it: one that was found would make ten.
    """
    if isinstance(command.proof, RecoveryCode):
        raise PublicError(ErrorCode.CODE_REFUSED, "recovery codes are renewed by another factor, not by one of them")
    user = own_account(ports, tenant=tenant, by=by)
    shown = (PurposeKind.FACTORS, command.current_password, command.proof)
    proved = _require_both(ports, tenant, user, shown, by)
    codes, issued = issue_codes(ports, tenant, by.id)
    _append(ports, tenant, issued, by=_having_shown(by, proved))
    return codes


def begin_factor(ports: Ports, command: BeginFactor, *, tenant: str, by: Author) -> Offered:
    """Offer another authenticator app, or a passkey, for 15 minutes. `credentials_refused`, the refusals of `prove`."""
    user = own_account(ports, tenant=tenant, by=by)
    shown = (PurposeKind.FACTORS, command.current_password, command.proof)
    proved = _require_both(ports, tenant, user, shown, by)
    ticket = Ticket(TicketKind.FACTOR, tenant, by.id, secrets.token_bytes(SECRET_BYTES))
    offer, setup = new_offer(ports, ticket, user, command.kind, command.name)
    _append(ports, tenant, accounts.offer_factor(offer), by=_having_shown(by, proved))
    return Offered(ticket.text(), setup, offer.ends)


def complete_factor(ports: Ports, command: CompleteFactor, *, tenant: str, by: Author) -> str:
    """Make the offered factor count by a first proof; return its id. Every other session of the user ends.

    `offer_invalid`, `code_refused`, `code_reused`.
    """
    ticket = Ticket.read(TicketKind.FACTOR, command.offer)

    def offered() -> tuple[User, Offer]:
        user = own_account(ports, tenant=tenant, by=by)
        return user, require_offered(user, ticket, ports.clock.now())

    proved, material = prove_offered(ports, tenant, by.id, offered(), command.proof)

    @deciding_again
    def conclude() -> str:
        user, offer = offered()
        event = accounts.conclude_offer(offer, material, proved, ports.clock.now())
        shown = _having_shown(by, proved) if isinstance(event, FactorAdded) else by
        append_to_user(ports.log, tenant, (by.id, user.version), [event], by=shown)
        return offer.factor_id

    factor_id = conclude()
    proved.require_accepted()
    return factor_id


def remove_factor(ports: Ports, command: RemoveFactor, *, tenant: str, by: Author) -> None:
    """Give up a factor after a proof by another one, or by a recovery code. Every other session of the user ends.

    `factor_unknown`, `factor_last`, `credentials_refused`, and the refusals of `prove`.
    """
    user = own_account(ports, tenant=tenant, by=by)
    remaining = accounts.without(user, accounts.require_removable(user, command.factor_id))
    shown = (PurposeKind.FACTORS, command.current_password, command.proof)
    proved = _require_both(ports, tenant, remaining, shown, by)

    @deciding_again
    def conclude() -> None:
        # Decided on the user as they are now: of two factors that are removed at once, one stays.
        user = own_account(ports, tenant=tenant, by=by)
        event = accounts.remove_factor(accounts.require_removable(user, command.factor_id))
        append_to_user(ports.log, tenant, (by.id, user.version), [event], by=_having_shown(by, proved))

    conclude()


def ask_passkey(ports: Ports, command: AskPasskey, *, tenant: str, by: Author) -> str:
    """Return what one of the caller's passkeys has to sign for the next change; `factor_unknown` without a passkey."""
    user = own_account(ports, tenant=tenant, by=by)
    options = passkey_options(ports, tenant, by.id, user, _change(command.purpose, by))
    if options is None:
        raise PublicError(ErrorCode.FACTOR_UNKNOWN, "you have no passkey")
    return options


def _change(kind: PurposeKind, by: Author) -> Purpose:
    return Purpose(kind, by.session or "", by.session, by.source)


def _require_both(ports: Ports, tenant: str, user: User, shown: tuple[PurposeKind, str, Proof], by: Author) -> Proved:
    """Judge the password, then the proof: a wrong password uses no code up."""
    kind, password, proof = shown
    _require_password(ports, tenant, user, (kind, password), by)
    return _require_proof(ports, tenant, user, (kind, proof), by)


def _require_password(ports: Ports, tenant: str, user: User, shown: tuple[PurposeKind, str], by: Author) -> None:
    kind, password = shown
    attempt = admit(ports, tenant, user.email, by.source)
    if ports.passwords.matches(password, user.password_hash):
        ports.throttle.take_back(attempt, ports.clock.now())
        return
    _append(ports, tenant, ProofRefused(kind.value, _WRONG_PASSWORD), by=by)
    record_lock(ports, tenant, by.id, attempt, by=by)
    raise credentials_refused()


def _require_proof(ports: Ports, tenant: str, user: User, proof: tuple[PurposeKind, Proof], by: Author) -> Proved:
    kind, shown = proof
    proved = prove(ports, tenant, by.id, user, shown, purpose=_change(kind, by))
    if not proved.accepted:
        _append(ports, tenant, ProofRefused(kind.value, proved.outcome.value), by=by)
    proved.require_accepted()
    return proved


@deciding_again
def _append(ports: Ports, tenant: str, event: UserEvent, *, by: Author) -> None:
    """Append what does not depend on the rest of the user's history but that the account is active."""
    user = own_account(ports, tenant=tenant, by=by)
    append_to_user(ports.log, tenant, (by.id, user.version), [event], by=by)


def _having_shown(by: Author, proved: Proved) -> Author:
    return Author(by.kind, by.id, tuple(dict.fromkeys((*by.factors, *proved.amr))), by.session, by.source)
