"""Retention: what tax law makes a business keep outranks a customer's wish to be forgotten."""

from datetime import MAXYEAR, date


def retention_ends(latest_issue: date, years: int) -> date:
    """Return the last day of the retention period of a document that was issued on this day.

    The period runs from the end of the calendar year in which the document was issued, as in most of the EU; how many
    `years` it lasts differs by country (e.g. 10 in Austria's and Germany's older law) and is a setting.
    """
    return date(min(latest_issue.year + years, MAXYEAR), 12, 31)


def retained_until(latest_issue: date | None, years: int, today: date) -> date | None:
    """Return until when, this day included, a customer's documents have to be kept; None when no period runs.

    `latest_issue` is the day of the customer's latest issued document, None for a customer without one.
    """
    if latest_issue is None:
        return None
    ends = retention_ends(latest_issue, years)
    return ends if today <= ends else None
