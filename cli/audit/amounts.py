"""The amounts of a document, computed once more from what the log says of it: by EN 16931 and ADR 0035, in fractions.

A second opinion: it shares no code with the service that issued the document. Contents and totals are JSON values, as
the log and `get_invoice` have them.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from shared.contracts.codes import minor_unit

Payload = Mapping[str, Any]
_CENT = Fraction(1, 100)
_PRICE_DECIMALS = 5
_USUAL_REASONS: Mapping[str, Payload] = {
    "E": {"exemption_reason": "Exempt from VAT"},
    "AE": {"exemption_reason": "Reverse charge", "exemption_code": "VATEX-EU-AE"},
    "K": {"exemption_reason": "Intra-Community supply", "exemption_code": "VATEX-EU-IC"},
    "G": {"exemption_reason": "Export outside the EU", "exemption_code": "VATEX-EU-G"},
    "O": {"exemption_reason": "Not subject to VAT", "exemption_code": "VATEX-EU-O"},
}


@dataclass(frozen=True, slots=True)
class _Amount:
    """What is taxed, and what the customer agreed to; with net prices the same."""

    net: Fraction
    agreed: Fraction


@dataclass(frozen=True, slots=True)
class _Line:
    """A line's amounts."""

    price: Fraction
    price_decimals: int
    adjusted: tuple[_Amount, ...]
    total: _Amount


def totals(content: Payload) -> dict[str, Any]:
    """Return the totals of a drafted content; KeyError, TypeError, ValueError, ArithmeticError if it is none."""
    gross_prices = content.get("prices") == "gross"
    lines = [_line(line, gross_prices=gross_prices) for line in content["lines"]]
    base = _Amount(_sum(line.total.net for line in lines), _sum(line.total.agreed for line in lines))
    adjustments = content.get("adjustments", [])
    adjusted = [_adjusted(each, base, _factor(each, gross_prices=gross_prices)) for each in adjustments]
    signed = [_sign(each) * amount.net for each, amount in zip(adjustments, adjusted, strict=True)]
    breakdown = _breakdown(content, [*(line.total.net for line in lines), *signed])
    net = base.net + sum(signed, Fraction(0))
    vat = _sum(_half_up(taxable * rate / 100) for _, rate, taxable in breakdown)
    prepaid = _half_up(Fraction(content.get("prepaid", "0")))
    agreed = base.agreed + _sum(_sign(each) * amount.agreed for each, amount in zip(adjustments, adjusted, strict=True))
    unit = max(_CENT, Fraction(minor_unit(content["currency"])))
    due = (agreed if gross_prices else net + vat) - prepaid
    payable = _half_up(due, Fraction(content.get("payable_rounded_to", unit)))
    amounts = {
        "lines_net": base.net,
        "allowances": -_sum(amount for amount, each in zip(signed, adjustments, strict=True) if _sign(each) < 0),
        "charges": _sum(amount for amount, each in zip(signed, adjustments, strict=True) if _sign(each) > 0),
        "net": net,
        "vat": vat,
        "gross": net + vat,
        "prepaid": prepaid,
        "rounding": payable - (net + vat - prepaid),
        "payable": payable,
    }
    return {
        **{name: _text(amount) for name, amount in amounts.items()},
        "breakdown": [_part(content, *part) for part in breakdown],
        "lines": [_shown(line) for line in lines],
        "adjustments": [_text(amount.net) for amount in adjusted],
        **_accounting(content, vat),
    }


def _line(line: Payload, *, gross_prices: bool) -> _Line:
    quantity, per = Fraction(line["quantity"]), Fraction(line.get("base_quantity", "1"))
    factor, asked = _factor(line, gross_prices=gross_prices), Fraction(line["unit_price"])
    decimals = _PRICE_DECIMALS + max(0, _magnitude(quantity / per))
    price = _half_up(asked / factor, Fraction(1, 10**decimals)) if gross_prices else asked
    base = _Amount(_half_up(quantity * price / per), _half_up(quantity * asked / per))
    adjustments = line.get("adjustments", [])
    adjusted = tuple(_adjusted(each, base, factor) for each in adjustments)
    signs = [_sign(each) for each in adjustments]
    total = _Amount(
        base.net + _sum(sign * amount.net for sign, amount in zip(signs, adjusted, strict=True)),
        base.agreed + _sum(sign * amount.agreed for sign, amount in zip(signs, adjusted, strict=True)),
    )
    return _Line(price, decimals, adjusted, total)


def _factor(taxed: Payload, *, gross_prices: bool) -> Fraction:
    """Return 1 + rate where prices contain the VAT, 1 where they do not."""
    return 1 + Fraction(taxed["vat_rate"]) / 100 if gross_prices else Fraction(1)


def _adjusted(adjustment: Payload, base: _Amount, factor: Fraction) -> _Amount:
    if "percentage" in adjustment:
        part = Fraction(adjustment["percentage"]) / 100
        return _Amount(_half_up(base.net * part), _half_up(base.agreed * part))
    amount = Fraction(adjustment["amount"])
    return _Amount(_half_up(amount / factor), _half_up(amount))


def _sign(adjustment: Payload) -> int:
    return {"allowance": -1, "charge": 1}[adjustment["kind"]]


def _breakdown(content: Payload, amounts: list[Fraction]) -> list[tuple[str, Fraction, Fraction]]:
    """Return category, rate and taxable amount (BT-118, BT-119, BT-116)."""
    taxable: dict[tuple[str, Fraction], Fraction] = {}
    taxed = [*content["lines"], *content.get("adjustments", [])]
    for each, amount in zip(taxed, amounts, strict=True):
        group = (str(each["vat_category"]), Fraction(each["vat_rate"]))
        taxable[group] = taxable.get(group, Fraction(0)) + amount
    return [(category, rate, amount) for (category, rate), amount in sorted(taxable.items())]


def _part(content: Payload, category: str, rate: Fraction, taxable: Fraction) -> dict[str, str]:
    given = [each for each in content.get("exemptions", []) if each["category"] == category]
    names = {"reason": "exemption_reason", "code": "exemption_code"}
    reasons = {names[name]: each[name] for each in given for name in names if name in each}
    return {
        "category": category,
        "rate": _text(rate).rstrip("0").rstrip("."),
        "taxable_amount": _text(taxable),
        "tax_amount": _text(_half_up(taxable * rate / 100)),
        **(reasons if given else _USUAL_REASONS.get(category, {})),
    }


def _shown(line: _Line) -> dict[str, Any]:
    return {
        "net_price": _text(line.price, line.price_decimals).rstrip("0").rstrip("."),
        "adjustments": [_text(amount.net) for amount in line.adjusted],
        "net": _text(line.total.net),
        "agreed": _text(line.total.agreed),
    }


def _accounting(content: Payload, vat: Fraction) -> dict[str, str]:
    exchange = content.get("exchange_rate")
    return {} if exchange is None else {"accounting_vat": _text(_half_up(vat * Fraction(exchange["rate"])))}


def _half_up(amount: Fraction, unit: Fraction = _CENT) -> Fraction:
    """Round to a multiple of the unit, halves away from zero."""
    units = abs(amount) / unit
    rounded = (2 * units.numerator + units.denominator) // (2 * units.denominator) * unit
    return rounded if amount >= 0 else -rounded


def _magnitude(value: Fraction) -> int:
    """Return the power of ten of the first digit: 0 for 1 to 9, 1 for 10 to 99; at least 0."""
    return len(str(int(abs(value)))) - 1


def _text(amount: Fraction, decimals: int = 2) -> str:
    whole, rest = divmod(abs(int(amount * 10**decimals)), 10**decimals)
    return f"{'-' if amount < 0 else ''}{whole}.{rest:0{decimals}d}"


def _sum(amounts: Iterable[Fraction]) -> Fraction:
    return sum(amounts, Fraction(0))
