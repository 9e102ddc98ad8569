"""Amounts of money: decimals rounded half up to cents, never floats."""

from decimal import ROUND_HALF_UP, Decimal, InvalidOperation

CENT = Decimal("0.01")


def to_cents(amount: Decimal) -> Decimal:
    """Round half up (away from zero) to two decimals, as EN 16931 examples and tax offices do."""
    return amount.quantize(CENT, rounding=ROUND_HALF_UP)


def line_net_amount(quantity: Decimal, net_price: Decimal) -> Decimal:
    """Invoice line net amount (BT-131): quantity (BT-129) x item net price (BT-146), in cents."""
    return to_cents(quantity * net_price)


def parse_decimal(text: str) -> Decimal:
    """Read a finite decimal; ValueError for anything else (NaN and infinities too)."""
    try:
        value = Decimal(text.strip())
    except InvalidOperation:
        raise ValueError(f"not a decimal number: {text!r}") from None
    if not value.is_finite():
        raise ValueError(f"not a finite number: {text!r}")
    return value
