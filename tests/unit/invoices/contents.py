"""Contents that a document may have, by hand and by hypothesis."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

from hypothesis import strategies as st

from services.invoices.domain.document.content import (
    Content,
    Delivery,
    DocumentType,
    EarlyPayment,
    ExchangeRate,
    PaymentTerms,
    Preceding,
    Prices,
)
from services.invoices.domain.document.lines import Adjustment, AdjustmentKind, DocumentAdjustment, Line
from services.invoices.domain.document.vat import VatCategory

_EARLIER = "019aa0e5-2222-7000-8000-000000000003"
CUSTOMER_ID = "019aa0e5-2222-7000-8000-000000000002"


def sold(quantity: str = "1", price: str = "10", rate: str = "19", category: str = "S", **changes: object) -> Line:
    """A line."""
    plain = Line("Brass bell", Decimal(quantity), Decimal(price), VatCategory(category), Decimal(rate))
    return replace(plain, **changes)  # type: ignore[arg-type]  # tests name the fields that they change


def content(*lines: Line, **changes: object) -> Content:
    """An invoice in euros."""
    plain = Content(DocumentType.INVOICE, CUSTOMER_ID, date(2026, 6, 2), "EUR", lines or (sold(),))
    return replace(plain, **changes)  # type: ignore[arg-type]  # as above


def allowance(amount: str | None = None, percentage: str | None = None) -> Adjustment:
    """An allowance of a line."""
    return _adjustment(AdjustmentKind.ALLOWANCE, amount, percentage)


def charge(amount: str | None = None, percentage: str | None = None) -> Adjustment:
    """A charge of a line."""
    return _adjustment(AdjustmentKind.CHARGE, amount, percentage)


def of_document(adjustment: Adjustment, rate: str = "19", category: str = "S") -> DocumentAdjustment:
    """The same for the whole document."""
    return DocumentAdjustment(
        adjustment.kind,
        adjustment.amount,
        adjustment.percentage,
        adjustment.reason,
        vat_category=VatCategory(category),
        vat_rate=Decimal(rate),
    )


def _adjustment(kind: AdjustmentKind, amount: str | None, percentage: str | None) -> Adjustment:
    return Adjustment(
        kind,
        None if amount is None else Decimal(amount),
        None if percentage is None else Decimal(percentage),
        "as agreed",
    )


def decimals(low: int, high: int, places: int) -> st.SearchStrategy[Decimal]:
    """Finite decimals."""
    return st.decimals(low, high, places=places, allow_nan=False, allow_infinity=False)


def taxes(categories: str = "S Z E AE K G L M") -> st.SearchStrategy[tuple[str, str]]:
    """Categories, and rates that each may have."""
    return st.sampled_from(categories.split()).flatmap(
        lambda category: st.tuples(st.just(category), st.sampled_from(_rates(VatCategory(category))))
    )


def _rates(category: VatCategory) -> tuple[str, ...]:
    positive = ("0.5", "5.5", "7", "19", "20.00", "99.99", "100")
    if category is VatCategory.STANDARD:
        return positive
    if category is VatCategory.CANARY_ISLANDS:
        return positive
    return ("0", *positive) if category.charges else ("0",)


def adjustments(*, percentages: bool = True) -> st.SearchStrategy[Adjustment]:
    """Allowances and charges of lines."""
    kinds = st.sampled_from(AdjustmentKind)
    fixed = st.builds(Adjustment, kinds, decimals(0, 9_999, 2), reason=st.just("as agreed"))
    if not percentages:
        return fixed
    return fixed | st.builds(Adjustment, kinds, percentage=decimals(0, 100, 4), reason=st.just("as agreed"))


def lines(
    tax: st.SearchStrategy[tuple[str, str]], biggest: int = 999_999_999, base: st.SearchStrategy[Decimal] | None = None
) -> st.SearchStrategy[Line]:
    """Lines, up to the largest numbers that are allowed."""
    return st.builds(
        lambda quantity, price, taxed, per, adjusted: Line(
            "Brass bell",
            quantity,
            price,
            VatCategory(taxed[0]),
            Decimal(taxed[1]),
            base_quantity=per,
            adjustments=tuple(adjusted),
        ),
        decimals(-biggest, biggest, 4).filter(bool),
        decimals(0, biggest, 4),
        tax,
        base or st.just(Decimal(1)) | decimals(1, 9_999, 4),
        st.lists(adjustments(), max_size=2),
    )


@st.composite
def contents(
    draw: st.DrawFn,
    biggest: int = 999_999_999,
    prices: st.SearchStrategy[Prices] = st.sampled_from(Prices),  # noqa: B008 -- a strategy is a constant
    currencies: st.SearchStrategy[str] = st.sampled_from(("EUR", "CHF", "JPY", "KWD")),  # noqa: B008 -- as above
) -> Content:
    """Contents that `check` lets through."""
    tax = taxes() if draw(st.booleans()) else taxes("O")
    one_tax = draw(tax)
    kind = draw(prices)
    # With gross prices a percentage of the document needs lines of one rate: half of them have only that.
    same = draw(st.booleans())
    percentages = same or kind is Prices.NET
    chosen = draw(st.lists(lines(st.just(one_tax) if same else tax, biggest), min_size=1, max_size=8))
    adjusted = st.builds(
        lambda adjustment, taxed: of_document(adjustment, taxed[1], taxed[0]),
        adjustments(percentages=percentages),
        st.just(one_tax) if same else tax,
    )
    currency = draw(currencies)
    return content(
        *chosen,
        prices=kind,
        currency=currency,
        adjustments=tuple(draw(st.lists(adjusted, max_size=3))),
        prepaid=draw(st.just(Decimal(0)) | decimals(0, 99_999, 2)),
        payable_rounded_to=draw(st.none() | st.just(Decimal(1))),
        exchange_rate=draw(st.none() | st.builds(_rate, decimals(1, 9_999, 10))),
        delivery=Delivery(day=date(2026, 6, 1), country_code="FR"),
        payment_terms=draw(st.none() | st.just(PaymentTerms(30, (EarlyPayment(10, Decimal("2.5")),)))),
        preceding=draw(
            st.just(()) | st.just((Preceding(None, "2019/7", date(2019, 1, 2)), Preceding(_EARLIER, "R-1")))
        ),
    )


def _rate(rate: Decimal) -> ExchangeRate:
    return ExchangeRate("SEK", rate, "ECB", date(2026, 6, 1))
