"""Amounts of money: decimals rounded half up to cents, never floats."""

import re
from decimal import ROUND_HALF_UP, Decimal

CENT = Decimal("0.01")
_DECIMAL = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)")


def to_cents(amount: Decimal) -> Decimal:
    """Round half up (away from zero) to two decimals, as EN 16931 examples and tax offices do."""
    return amount.quantize(CENT, rounding=ROUND_HALF_UP)


def line_net_amount(quantity: Decimal, net_price: Decimal) -> Decimal:
    """Invoice line net amount (BT-131): quantity (BT-129) x item net price (BT-146), in cents."""
    return to_cents(quantity * net_price)


def parse_decimal(text: str) -> Decimal:
    """Read a decimal as people write it, digits and a point; ValueError for all else (exponents, NaN, infinities)."""
    if _DECIMAL.fullmatch(text.strip()) is None:
        raise ValueError(f"not a decimal number: {text!r}")
    return Decimal(text.strip())
