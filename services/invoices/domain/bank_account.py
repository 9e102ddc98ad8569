"""The account that customers pay into: named once by one person, changed only by two.

    (nothing) -- configured --> account -- request --> waiting -- approved by another person --> new account
                                   ^                      |
                                   +--- rejected, withdrawn, or nobody agreed within seven days

A request may be repeated; the last one counts. A changed account is how invoice fraud takes money, and one person can
be deceived, or logged in as: so nothing changes on one person's word, and every document says since when the account
is the business's.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime

from services.invoices.domain import refusals_of_sellers
from services.invoices.domain.approval import Approval
from services.invoices.domain.document.parties import Seller
from services.invoices.domain.events import Event, LogoRemoved, LogoSet, SellerConfigured
from services.invoices.domain.events.sellers import (
    BankAccountChanged,
    BankAccountChangeRejected,
    BankAccountChangeRequested,
    BankAccountChangeWithdrawn,
)
from shared.contracts.four_eyes import APPROVAL_LIFETIME, Approvable, require_requested
from shared.kernel.clock import from_rfc3339, to_rfc3339


@dataclass(frozen=True, slots=True)
class SellerState:
    """The fold of the seller's stream."""

    seller: Seller | None = None
    change: BankAccountChangeRequested | None = None
    """The last request, while it waits; it may have waited too long."""

    @property
    def waiting(self) -> Approvable | None:
        """Return the change that a second person may agree to, as it is shown to them."""
        if self.seller is None or self.change is None:
            return None
        change = self.change
        shown = {
            "kind": "bank_account_change",
            "request_id": change.request_id,
            "seller": self.seller.name,
            "old_iban": change.old_iban,
            "new_iban": change.new_iban,
            "requested_by": change.requested_by.user_id,
            "expires_at": change.expires_at,
        }
        return Approvable(change.request_id, change.requested_by.user_id, from_rfc3339(change.expires_at), shown)


def fold_seller(events: Iterable[Event]) -> SellerState:
    """Return what these events of the seller's stream say; ValueError for any other event."""
    state = SellerState()
    for event in events:
        match event:
            case SellerConfigured(seller):
                state = replace(state, seller=seller)
            case BankAccountChangeRequested():
                state = replace(state, change=event)
            case BankAccountChanged() if state.seller is not None:
                # The BIC was that of the old account's bank.
                seller = replace(state.seller, iban=event.iban, account_since=event.account_since, bic=None)
                state = SellerState(seller)
            case LogoSet() | LogoRemoved() if state.seller is not None:
                logo = event.digest if isinstance(event, LogoSet) else None
                state = replace(state, seller=replace(state.seller, logo=logo))
            case BankAccountChangeRejected() | BankAccountChangeWithdrawn():
                state = replace(state, change=None)
            case _:
                raise ValueError(f"{type(event).__name__} does not belong to a seller")
    return state


def decide_configuration(state: SellerState, seller: Seller, today: date) -> SellerConfigured:
    """Decide on what the business says it is; PublicError second_person_needed for another account than it has."""
    if state.seller is None:
        return SellerConfigured(replace(seller, account_since=today))
    if state.seller.iban != seller.iban:
        raise refusals_of_sellers.account_change_needs_two()
    # The logo is set by a command of its own.
    return SellerConfigured(replace(seller, account_since=state.seller.account_since, logo=state.seller.logo))


def decide_change(
    state: SellerState, request_id: str, new_iban: str, requested_by: Approval, now: datetime
) -> BankAccountChangeRequested:
    """Decide on a request for another account; PublicError seller_missing, malformed_request."""
    if state.seller is None:
        raise refusals_of_sellers.seller_missing()
    if state.seller.iban == new_iban:
        raise refusals_of_sellers.account_is_the_same()
    return BankAccountChangeRequested(
        request_id=request_id,
        old_iban=state.seller.iban,
        new_iban=new_iban,
        requested_by=requested_by,
        expires_at=to_rfc3339(now + APPROVAL_LIFETIME),
    )


def decide_approval(
    state: SellerState, request_id: str, digest: str, approved_by: Approval, now: datetime
) -> BankAccountChanged:
    """Decide on the word of a second person.

    Raises PublicError approval_unknown, second_person_needed, approval_expired, approval_differs.
    """
    require_requested(state.waiting, request_id).require_second_person(digest, approved_by.user_id, now)
    change = _waiting(state)
    return BankAccountChanged(
        request_id=request_id,
        iban=change.new_iban,
        account_since=now.date(),
        approvals=(change.requested_by, approved_by),
        digest=digest,
    )


def decide_end(
    state: SellerState, request_id: str, by: Approval
) -> BankAccountChangeRejected | BankAccountChangeWithdrawn:
    """Decide that a request is over: withdrawn by who made it, rejected by others; PublicError approval_unknown."""
    waiting = require_requested(state.waiting, request_id)
    if by.user_id == waiting.requested_by:
        return BankAccountChangeWithdrawn(request_id, by)
    return BankAccountChangeRejected(request_id, by)


def _waiting(state: SellerState) -> BankAccountChangeRequested:
    if state.change is None:
        raise RuntimeError("what is approved was requested")
    return state.change
