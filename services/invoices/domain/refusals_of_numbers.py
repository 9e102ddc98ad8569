"""Refusals about series of numbers: a public code and a sentence without personal content."""

from shared.contracts.errors import ErrorCode, PublicError


def year_not_numbered() -> PublicError:
    """Refuse an issue date whose fiscal year two digits cannot say."""
    return PublicError(
        ErrorCode.ISSUE_DATE_INVALID, "This series writes years with two digits: it numbers those from 2000 to 2099."
    )


def series_unknown() -> PublicError:
    """Refuse a series that the business has not configured."""
    return PublicError(ErrorCode.SERIES_UNKNOWN, "This business has no such series of numbers.")


def series_invalid(field: str, reason: str) -> PublicError:
    """Refuse a series that cannot number anything."""
    return PublicError(ErrorCode.SERIES_INVALID, reason, {"field": field})


def series_collides(series: str, pattern: str) -> PublicError:
    """Refuse a pattern that could give a number that another one gave or may give."""
    return PublicError(
        ErrorCode.SERIES_COLLIDES,
        f"It could give a number that {pattern} of series {series} gives as well.",
        {"series": series, "pattern": pattern},
    )


def series_in_use() -> PublicError:
    """Refuse another first number where numbers were given: there would be a gap, or one of them twice."""
    return PublicError(ErrorCode.SERIES_IN_USE, "Numbers were given already: the first one stands.")
