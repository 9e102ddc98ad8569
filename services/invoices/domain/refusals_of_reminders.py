"""Refusals about reminders and late interest: a public code and a sentence without personal content."""

from datetime import date

from shared.contracts.errors import ErrorCode, PublicError


def not_configured() -> PublicError:
    """Refuse to remind before the business said how."""
    return PublicError(ErrorCode.REMINDERS_NOT_CONFIGURED, "Say how the business reminds with configure_reminders.")


def policy_invalid(field: str, reason: str) -> PublicError:
    """Refuse a policy that could not be carried out; `field` is a path, e.g. `levels.1.days`."""
    return PublicError(ErrorCode.REMINDER_POLICY_INVALID, reason, {"field": field})


def base_rate_invalid(reason: str) -> PublicError:
    """Refuse a base rate that nobody can have made known."""
    return PublicError(ErrorCode.BASE_RATE_INVALID, reason)


def base_rate_missing(first_day: date) -> PublicError:
    """Refuse to compute interest by a rate that nobody wrote down."""
    words = f"No base rate is recorded for the half-year from {first_day.isoformat()}."
    return PublicError(ErrorCode.BASE_RATE_MISSING, words, {"valid_from": first_day.isoformat()})


def not_due(first_day: date) -> PublicError:
    """Refuse to remind too early."""
    words = f"The next reminder is due on {first_day.isoformat()} at the earliest."
    return PublicError(ErrorCode.REMINDER_NOT_DUE, words, {"from": first_day.isoformat()})


def none_due() -> PublicError:
    """Refuse to remind a customer of nothing."""
    return PublicError(ErrorCode.REMINDER_NOT_DUE, "Nothing of this customer is to be reminded of today.")


def too_little() -> PublicError:
    """Refuse to remind of what the business does not remind of."""
    return PublicError(ErrorCode.REMINDER_NOT_DUE, "Less is owed than the business reminds of.")


def exhausted() -> PublicError:
    """Refuse to remind beyond the last level."""
    return PublicError(ErrorCode.REMINDERS_EXHAUSTED, "The last reminder was written: no level is left.")


def held(until: date | None) -> PublicError:
    """Refuse to remind of what somebody holds back."""
    details: dict[str, object] = {} if until is None else {"until": until.isoformat()}
    return PublicError(ErrorCode.REMINDERS_HELD, "Reminders of this invoice are held back.", details)


def not_held() -> PublicError:
    """Refuse to resume what is not held back."""
    return PublicError(ErrorCode.REMINDERS_NOT_HELD, "Reminders of this invoice are not held back.")


def hold_is_past() -> PublicError:
    """Refuse to hold reminders back until a day that is past: that would hold nothing."""
    return PublicError(
        ErrorCode.MALFORMED_REQUEST, "The request is malformed.", {"fields": {"until": ["This day is past."]}}
    )


def reminder_unknown() -> PublicError:
    """Refuse an id that is no reminder of this tenant."""
    return PublicError(ErrorCode.REMINDER_UNKNOWN, "This business has no such reminder.")


def claim_unknown() -> PublicError:
    """Refuse an id that is no claim of this tenant."""
    return PublicError(ErrorCode.CLAIM_UNKNOWN, "This business has no such claim.")
