"""Mails to owners about what takes a second pair of eyes, now or afterwards; they name no account and no address."""

from collections.abc import Mapping
from types import MappingProxyType

from services.auth.domain.notice import Audience, Cause, Letter, Occasion, letter

_LOOK = "Look at it yourself, with what did not come with the request, before you approve: tallystick approvals list"
_STRANGE = "If nobody told you about this, ask the owner who did it, by telephone, and reject it."
_ASKED = {
    "BankAccountChangeRequested": "change the bank account on your invoices",
    "ShreddingRequested": "forget a customer for good",
}


def _awaited(occasion: Occasion) -> Letter:
    asked = _ASKED.get(str(occasion.payload["request"]), "do something that takes two of you")
    return letter(
        f"An owner asked to {asked}",
        f"An owner of your business asked to {asked}.\nWhen: {occasion.moment}",
        _LOOK,
        _STRANGE,
    )


def _owner_grant(occasion: Occasion) -> Letter:
    return letter(
        "Somebody is to become an owner of your business",
        f"An owner asked that user {occasion.payload['user_id']} become an owner too.\nWhen: {occasion.when}",
        _LOOK,
        _STRANGE,
    )


def _redirect(occasion: Occasion) -> Letter:
    return letter(
        "A customer's documents go elsewhere from now on",
        "Somebody of your business changed where a customer's documents go, how, or which key they are encrypted to.\n"
        f"Customer: {occasion.payload['customer_id']}\nWhen: {occasion.moment}",
        "Invoice fraud begins like this. If nobody told you about it, call the customer, by a number that you had"
        " before, and whoever did it: the log names them, in the stream of the customer.",
    )


APPROVAL_CAUSES: Mapping[str, Cause] = MappingProxyType(
    {
        "ApprovalAwaited": Cause(Audience.OWNERS, _awaited),
        "RedirectHeard": Cause(Audience.OWNERS, _redirect),
        "OwnerGrantRequested": Cause(Audience.OWNERS, _owner_grant),
    }
)
"""By event type."""
