"""Numbers as people read them."""

from decimal import Decimal


def money(amount: Decimal, currency: str) -> str:
    """Write an amount: `GBP 1,234.50`."""
    return f"{currency} {grouped(amount, least=2)}"


def grouped(value: Decimal, *, least: int = 0) -> str:
    """Write a number: thousands grouped, at least `least` decimals, a true minus sign."""
    whole, _, fraction = f"{abs(value):,f}".partition(".")
    fraction = fraction.rstrip("0").ljust(least, "0")
    sign = "−" if value < 0 else ""  # noqa: RUF001 -- the minus sign is meant
    return f"{sign}{whole}.{fraction}" if fraction else f"{sign}{whole}"
