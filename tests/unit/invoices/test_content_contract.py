"""The contract of contents and totals, and the domain behind it, know the same fields and values."""

from dataclasses import fields

from hypothesis import given

from services.invoices.codec import read, written
from services.invoices.domain.document.calculation import calculate
from services.invoices.domain.document.content import (
    Attachment,
    Content,
    Delivery,
    EarlyPayment,
    ExchangeRate,
    PaymentTerms,
    Preceding,
)
from services.invoices.domain.document.explanation import Step
from services.invoices.domain.document.lines import Adjustment, DocumentAdjustment, Line, Period
from services.invoices.domain.document.totals import LineAmounts, Totals, VatBreakdown
from services.invoices.domain.document.vat import Exemption
from shared.contracts import content, totals
from shared.contracts.invoices import DraftInvoiceRequest
from tests.unit.invoices.contents import contents

_PAIRS = (
    (content.ContentSchema, Content),
    (content.LineSchema, Line),
    (content.AdjustmentSchema, Adjustment),
    (content.DocumentAdjustmentSchema, DocumentAdjustment),
    (content.PeriodSchema, Period),
    (content.ExemptionSchema, Exemption),
    (content.EarlyPaymentSchema, EarlyPayment),
    (content.PaymentTermsSchema, PaymentTerms),
    (content.ExchangeRateSchema, ExchangeRate),
    (content.DeliverySchema, Delivery),
    (content.PrecedingSchema, Preceding),
    (content.AttachmentSchema, Attachment),
    (totals.TotalsSchema, Totals),
    (totals.LineAmountsSchema, LineAmounts),
    (totals.VatBreakdownSchema, VatBreakdown),
    (totals.StepSchema, Step),
)


@given(contents())
def test_what_the_contract_takes_the_domain_reads_and_shows_again(drawn: Content) -> None:
    request = written(drawn)
    loaded = DraftInvoiceRequest().load(request)
    assert read(loaded, Content) == drawn
    assert content.ContentSchema().dump(request) == request


@given(contents())
def test_a_reply_shows_every_amount(drawn: Content) -> None:
    shown = written(calculate(drawn))
    assert totals.TotalsSchema().dump(shown) == shown


def test_the_content_that_a_request_may_have_is_the_domains() -> None:
    # A field more in one of them would be refused, or be lost on the way.
    for schema, kind in _PAIRS:
        assert set(schema().fields) == {field.name for field in fields(kind)}
