"""Refusals about items: a public code and a sentence without personal content."""

from shared.contracts.errors import ErrorCode, PublicError


def item_unknown() -> PublicError:
    """Refuse an id that is no item of this tenant."""
    return PublicError(ErrorCode.ITEM_UNKNOWN, "This business has no such item.")


def item_retired() -> PublicError:
    """Refuse to go on with an item that was retired."""
    return PublicError(ErrorCode.ITEM_RETIRED, "This item is retired: register another with register_item.")


def item_invalid(field: str, reason: str) -> PublicError:
    """Refuse an item that no line could name."""
    return PublicError(ErrorCode.ITEM_INVALID, reason, {"field": field})
