"""Cells of CSV files that somebody opens in a spreadsheet."""

_BEGINS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")  # noqa: RUF001 -- wide forms count too


def as_text(cell: str) -> str:
    """Return somebody else's text so that no spreadsheet takes it for a formula (OWASP, CSV injection; CWE-1236)."""
    return f"'{cell}" if cell.startswith(_BEGINS_A_FORMULA) else cell
