"""What no document may say: each refusal names the line, the field and EN 16931's rule."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from services.invoices.domain.document.checking import MAX_ADJUSTMENTS, MAX_LINES, check
from services.invoices.domain.document.content import (
    Content,
    Delivery,
    EarlyPayment,
    ExchangeRate,
    PaymentTerms,
    Preceding,
    Prices,
    TaxPoint,
)
from services.invoices.domain.document.lines import Adjustment, AdjustmentKind, Line, Period
from services.invoices.domain.document.vat import Exemption, VatCategory
from services.invoices.domain.invoice import require_content
from shared.contracts.errors import ErrorCode, PublicError
from tests.unit.invoices.contents import allowance, charge, content, of_document, sold

DAY = date(2026, 6, 2)
NO_REASON = Adjustment(AdjustmentKind.ALLOWANCE, Decimal(1))
NO_REASON_CHARGE = Adjustment(AdjustmentKind.CHARGE, Decimal(1), reason=" ")
AFTER = DAY + timedelta(days=1)
BACKWARDS = Period(date(2026, 6, 30), date(2026, 6, 1))


def refused(checked: Content) -> PublicError:
    with pytest.raises(PublicError) as error:
        check(checked)
    return error.value


@pytest.mark.parametrize(
    ("wrong", "field", "rule"),
    [
        (sold(name=" \t"), "name", "BR-25"),
        (sold("0.0000"), "quantity", "zero"),
        (sold("1000000000"), "quantity", "9 digits"),
        (sold("-1000000000"), "quantity", "9 digits"),
        (sold("0.00001"), "quantity", "4 decimals"),
        (sold("NaN"), "quantity", "9 digits"),
        (sold("sNaN"), "quantity", "9 digits"),
        (sold("-Infinity"), "quantity", "9 digits"),
        (sold(price="-0.01"), "unit_price", "BR-27"),
        (sold(price="1000000000"), "unit_price", "9 digits"),
        (sold(price="0.00001"), "unit_price", "4 decimals"),
        (sold(base_quantity=Decimal(0)), "base_quantity", "R121"),
        (sold(base_quantity=Decimal(-1)), "base_quantity", "R121"),
        (sold(rate="0"), "vat_rate", "BR-S-5"),
        (sold(rate="100.01"), "vat_rate", "between 0 and 100"),
        (sold(rate="19.001"), "vat_rate", "2 decimals"),
        (sold(rate="-19"), "vat_rate", "between 0 and 100"),
        (sold(rate="19", category="Z"), "vat_rate", "BR-Z-5"),
        (sold(rate="0.01", category="E"), "vat_rate", "BR-E-5"),
        (sold(rate="19", category="AE"), "vat_rate", "BR-AE-5"),
        (sold(rate="19", category="K"), "vat_rate", "BR-IC-5"),
        (sold(rate="19", category="G"), "vat_rate", "BR-G-5"),
        (sold(rate="19", category="O"), "vat_rate", "BR-O-5"),
        (sold(rate="-1", category="L"), "vat_rate", "between 0 and 100"),
        (sold(rate="0", category="L"), "vat_rate", "BR-AF-05"),
        (sold(rate="0.49"), "vat_rate", "BR-CO-17"),
        (sold(adjustments=(allowance("1"), NO_REASON)), "adjustments.1.reason", "BR-42"),
        (sold(adjustments=(NO_REASON_CHARGE,)), "adjustments.0.reason", "BR-44"),
        (sold(adjustments=(allowance(),)), "adjustments.0.amount", "Either"),
        (sold(adjustments=(allowance("1", "1"),)), "adjustments.0.amount", "Either"),
        (sold(adjustments=(allowance("-0.01"),)), "adjustments.0.amount", "negative"),
        (sold(adjustments=(charge("0.001"),)), "adjustments.0.amount", "2 decimals"),
        (sold(adjustments=(charge(percentage="100.01"),)), "adjustments.0.percentage", "between 0 and 100"),
        (sold(adjustments=(charge("1"),) * (MAX_ADJUSTMENTS + 1)), "adjustments", "At most"),
        (sold(period=BACKWARDS), "period.end", "BR-30"),
        (sold(period=Period()), "period", "BR-CO-20"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_line_that_no_document_may_carry_is_refused_by_its_place_and_rule(wrong: Line, field: str, rule: str) -> None:
    error = refused(content(sold(), sold(), wrong))
    assert error.code is ErrorCode.LINE_INVALID
    assert error.details == {"line": 2, "field": field}
    assert error.message.startswith("Line 3: ")
    assert rule in error.message


K_LINE = sold(rate="0", category="K")
E_LINE = sold(rate="0", category="E")


@pytest.mark.parametrize(
    ("wrong", "field", "rule"),
    [
        (content(adjustments=(of_document(NO_REASON),)), "adjustments.0.reason", "BR-33"),
        (content(adjustments=(of_document(NO_REASON_CHARGE),)), "adjustments.0.reason", "BR-38"),
        (content(adjustments=(of_document(charge("1"), "0"),)), "adjustments.0.vat_rate", "BR-S-6"),
        (content(adjustments=(of_document(charge("1"), "7", "Z"),)), "adjustments.0.vat_rate", "BR-Z-6"),
        (content(sold(rate="0", category="O"), sold()), "lines", "BR-O-11"),
        (
            content(sold(rate="0", category="O"), adjustments=(of_document(allowance("1"), "0", "Z"),)),
            "lines",
            "BR-O-13",
        ),
        (content(K_LINE, delivery=Delivery(country_code="FR")), "delivery.day", "BR-IC-11"),
        (content(K_LINE, delivery=Delivery(day=DAY)), "delivery.country_code", "BR-IC-12"),
        (content(K_LINE, period=Period(DAY, DAY)), "delivery.country_code", "BR-IC-12"),
        (content(exemptions=(Exemption(VatCategory.EXEMPT, "Medicine"),)), "exemptions.0.category", "No line"),
        (content(exemptions=(Exemption(VatCategory.STANDARD, "Why not"),)), "exemptions.0.category", "BR-S-10"),
        (content(E_LINE, exemptions=(Exemption(VatCategory.EXEMPT),)), "exemptions.0.reason", "BR-E-10"),
        (
            content(E_LINE, exemptions=(Exemption(VatCategory.EXEMPT, "One"), Exemption(VatCategory.EXEMPT, "Two"))),
            "exemptions.1.category",
            "one reason",
        ),
        (
            content(E_LINE, exemptions=(Exemption(VatCategory.EXEMPT, "Exempt", "VATEX-EU-G"),)),
            "exemptions.0.code",
            "PEPPOL-EN16931-P0104",
        ),
        (content(sold(period=Period(DAY)), period=Period(AFTER)), "lines.0.period.start", "PEPPOL-EN16931-R110"),
        (content(sold(period=Period(end=AFTER)), period=Period(end=DAY)), "lines.0.period.end", "PEPPOL-EN16931-R111"),
        (
            content(
                sold(rate="0", category="AE"),
                exemptions=(Exemption(VatCategory.REVERSE_CHARGE, "Reverse charge", "VATEX-EU-G"),),
            ),
            "exemptions.0.code",
            "VATEX-EU-AE",
        ),
        (
            content(sold(), sold(rate="7"), prices=Prices.GROSS, adjustments=(of_document(allowance(percentage="3")),)),
            "adjustments.0.percentage",
            "gross prices",
        ),
        (content(prepaid=Decimal("-0.01")), "prepaid", "negative"),
        (content(prepaid=Decimal("0.001")), "prepaid", "2 decimals"),
        (content(payable_rounded_to=Decimal(0)), "payable_rounded_to", "multiple"),
        (content(payable_rounded_to=Decimal(1000)), "payable_rounded_to", "coarse"),
        (content(payable_rounded_to=Decimal("1.01")), "payable_rounded_to", "coarse"),
        (content(payable_rounded_to=Decimal(10), currency="HUF"), "payable_rounded_to", "coarse"),
        (content(due_date=date(2026, 6, 1)), "due_date", "before it is issued"),
        (content(payable_rounded_to=Decimal("0.5"), currency="JPY"), "payable_rounded_to", "multiple"),
        (content(payable_rounded_to=Decimal("0.001"), currency="KWD"), "payable_rounded_to", "2 decimals"),
        (content(payment_terms=PaymentTerms(-1)), "payment_terms.days", "days"),
        (
            content(payment_terms=PaymentTerms(10, (EarlyPayment(11, Decimal(2)),))),
            "payment_terms.discounts.0.days",
            "or before",
        ),
        (
            content(payment_terms=PaymentTerms(10, (EarlyPayment(5, Decimal(100)),))),
            "payment_terms.discounts.0.percentage",
            "below 100",
        ),
        (content(exchange_rate=ExchangeRate("SEK", Decimal(0), "ECB", DAY)), "exchange_rate.rate", "above zero"),
        (content(exchange_rate=ExchangeRate("EUR", Decimal(1), "ECB", DAY)), "exchange_rate.currency", "R005"),
        (content(period=BACKWARDS), "period.end", "BR-29"),
        (content(period=Period()), "period", "BR-CO-19"),
        (content(tax_point=TaxPoint.PAYMENT, tax_point_date=DAY), "tax_point", "BR-CO-3"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_document_that_breaks_a_rule_is_refused_by_the_field_and_the_rule(
    wrong: Content, field: str, rule: str
) -> None:
    error = refused(wrong)
    assert error.code is ErrorCode.DOCUMENT_INVALID
    assert error.details == {"field": field}
    assert rule in error.message


def test_a_document_without_lines_is_refused() -> None:
    empty = Content(content().document_type, content().customer_id, DAY, "EUR", ())
    assert refused(empty).code is ErrorCode.INVOICE_EMPTY


def test_a_thousand_lines_are_allowed_and_one_more_is_not() -> None:
    check(content(*[sold()] * MAX_LINES))
    assert refused(content(*[sold()] * (MAX_LINES + 1))).details == {"line": MAX_LINES, "field": "lines"}


def test_a_refusal_does_not_repeat_what_was_refused() -> None:
    error = refused(content(sold("0", name="canary", description="canary", item_reference="canary")))
    assert "canary" not in repr(error)


@pytest.mark.parametrize(
    "allowed",
    [
        content(sold(price="0")),
        content(sold("-3")),
        content(sold("999999999.9999", "999999999.9999")),
        content(sold(rate="100"), sold(rate="0.00", category="G")),
        content(sold(rate="0.5", category="L"), sold(rate="0", category="M")),
        content(sold(rate="0", category="O"), adjustments=(of_document(charge("1"), "0", "O"),)),
        content(K_LINE, delivery=Delivery(country_code="FR"), period=Period(end=DAY)),
        content(E_LINE, exemptions=(Exemption(VatCategory.EXEMPT, code="VATEX-EU-132-1A"),)),
        content(adjustments=(of_document(allowance(percentage="100")),), prices=Prices.GROSS),
        content(payable_rounded_to=Decimal("0.05"), currency="CHF"),
        content(payable_rounded_to=Decimal("1.00")),
        content(payable_rounded_to=Decimal(5), currency="HUF"),
        content(due_date=date(2026, 6, 2)),
        content(payment_terms=PaymentTerms(30, (EarlyPayment(10, Decimal(2)),))),
    ],
    ids=repr,
)
def test_what_stands_at_the_border_is_allowed(allowed: Content) -> None:
    check(allowed)


@pytest.mark.parametrize(
    "large",
    [
        content(sold("999999999", "999999999")),
        content(sold("-999999999", "999999999")),
        content(*[sold(description="\n".join(["x y"] * 250)) for _ in range(20)]),
        content(note="\n" * 5001),
    ],
    ids=["sum", "sum below zero", "texts", "note"],
)
def test_what_could_never_be_archived_is_no_draft(large: Content) -> None:
    with pytest.raises(PublicError) as refused:
        require_content(large, DAY)
    assert refused.value.code is ErrorCode.DOCUMENT_INVALID


def test_a_large_document_is_a_draft() -> None:
    require_content(content(*[sold(description="D" * 300) for _ in range(1000)]), DAY)
    require_content(content(sold("999999", "9999.99")), DAY)


OURS = "019aa0e5-2222-7000-8000-000000000003"


@pytest.mark.parametrize(
    "again",
    [Preceding(None, "R-1"), Preceding(None, " r-1", DAY), Preceding(OURS, "R-1"), Preceding(OURS, "R-9", AFTER)],
    ids=["number", "spelling", "id", "another number"],
)
def test_an_earlier_document_that_is_named_twice_is_refused_at_its_second_place(again: Preceding) -> None:
    error = refused(content(preceding=(Preceding(None, "R-0"), Preceding(OURS, "R-1", DAY), again)))
    assert error.details == {"field": "preceding.2.number"}
    assert "named already" in error.message


def test_documents_of_one_number_and_two_days_are_two_documents() -> None:
    check(content(preceding=(Preceding(None, "7", DAY), Preceding(None, "7", AFTER), Preceding(None, "8"))))
