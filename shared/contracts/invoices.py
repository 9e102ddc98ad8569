"""Requests and replies of the invoices service. Fields that are not declared here are refused.

Amounts, quantities, prices and rates travel as decimal strings (`"12.50"`), never as numbers: JSON numbers are
floats in most languages. Dates are ISO 8601 (`"2026-11-22"`), ids are lower-case UUIDs.
"""

from collections.abc import Mapping

from marshmallow import Schema, ValidationError, fields, validate, validates_schema

from shared.contracts.codes import COUNTRIES, CURRENCIES
from shared.contracts.fields import iban_field
from shared.contracts.log import receipt

MAX_PAGE = 200
_UUID = r"\A[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\Z"
# Neither control characters, nor half surrogates, nor the marks that make text read other than it is stored.
_DECEIVING = r"\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff"
_ONE_LINE = rf"\A[^\x00-\x1f{_DECEIVING}]*\Z"
_LINES = rf"\A[^\x00-\x09\x0b-\x1f{_DECEIVING}]*\Z"
_VAT_ID = r"\A[A-Z]{2}[A-Z0-9+*]{2,13}\Z"


def _text(longest: int, *, required: bool = True) -> fields.String:
    """One line of text: 1 to `longest` characters, not blank, no control characters."""
    rules = [
        validate.Length(min=1, max=longest),
        validate.Regexp(_ONE_LINE, error="Control characters are not allowed."),
        validate.Regexp(r"(?s).*\S", error="Blank."),
    ]
    return fields.String(required=required, allow_none=False, validate=rules)


def _uuid(*, required: bool = True) -> fields.String:
    return fields.String(required=required, validate=validate.Regexp(_UUID, error="Not a lower-case UUID."))


def _decimal(pattern: str, error: str) -> fields.String:
    return fields.String(required=True, validate=validate.Regexp(pattern, error=error))


def _after() -> fields.Integer:
    return fields.Integer(strict=True, validate=validate.Range(min=0))


class AddressSchema(Schema):
    """A postal address (BG-5, BG-8)."""

    line = _text(200)
    city = _text(100)
    post_code = _text(20)
    country_code = fields.String(
        required=True, validate=validate.OneOf(COUNTRIES, error="Not an ISO 3166-1 alpha-2 code.")
    )


class ConfigureSellerRequest(Schema):
    """Who issues (BG-4)."""

    name = _text(200)
    vat_id = fields.String(required=True, validate=validate.Regexp(_VAT_ID, error="Not a VAT identifier."))
    address = fields.Nested(AddressSchema, required=True)
    email = fields.Email(required=True, validate=validate.Length(max=254))
    iban = iban_field()


class RegisterCustomerRequest(Schema):
    """Who receives (BG-7)."""

    name = _text(200)
    email = fields.Email(required=True, validate=validate.Length(max=254))
    address = fields.Nested(AddressSchema, required=True)
    vat_id = fields.String(validate=validate.Regexp(_VAT_ID, error="Not a VAT identifier."))
    reference = _text(100, required=False)


class RegisterCustomerReply(Schema):
    """The new customer."""

    customer_id = _uuid()
    position = fields.Integer(required=True)
    receipt = receipt()


class LineSchema(Schema):
    """An invoice line (BG-25)."""

    description = _text(500)
    quantity = _decimal(r"\A-?[0-9]{1,9}(\.[0-9]{1,4})?\Z", "A decimal with up to 9 digits and 4 decimals.")
    unit_price = _decimal(
        r"\A[0-9]{1,9}(\.[0-9]{1,4})?\Z", "A decimal with up to 9 digits and 4 decimals, not negative."
    )
    vat_category = fields.String(required=True, validate=validate.OneOf(["S", "Z", "E", "AE", "K", "G", "O"]))
    vat_rate = _decimal(r"\A[0-9]{1,3}(\.[0-9]{1,2})?\Z", "A percentage with up to 2 decimals, e.g. 20.")
    item_reference = _text(100, required=False)


class DraftInvoiceRequest(Schema):
    """A document to be issued later; credit notes carry positive amounts."""

    customer_id = _uuid()
    document_type = fields.String(required=True, validate=validate.OneOf(["invoice", "credit_note"]))
    issue_date = fields.Date(required=True, format="iso")
    currency = fields.String(required=True, validate=validate.OneOf(CURRENCIES, error="Not an ISO 4217 code."))
    external_reference = _text(100, required=False)
    note = fields.String(
        validate=[
            validate.Length(min=1, max=1000),
            validate.Regexp(_LINES, error="Control characters other than line feeds are not allowed."),
        ]
    )
    lines = fields.List(fields.Nested(LineSchema), required=True, validate=validate.Length(min=1, max=1000))


class DraftInvoiceReply(Schema):
    """The new draft and its sums."""

    invoice_id = _uuid()
    position = fields.Integer(required=True)
    net_total = fields.String(required=True)
    vat_total = fields.String(required=True)
    payable = fields.String(required=True)
    receipt = receipt()


class IssueInvoiceRequest(Schema):
    """Which draft to issue."""

    invoice_id = _uuid()


class IssueInvoiceReply(Schema):
    """The number it got; its document follows, at the latest when `DocumentArchived` is published."""

    invoice_id = _uuid()
    number = fields.String(required=True)
    position = fields.Integer(required=True)
    receipt = receipt()


class GetInvoiceRequest(Schema):
    """One invoice; `after`: wait until the read model holds this log position."""

    invoice_id = _uuid()
    after = _after()


class VatBreakdownSchema(Schema):
    """One VAT category and rate (BG-23)."""

    category = fields.String(required=True)
    rate = fields.String(required=True)
    taxable_amount = fields.String(required=True)
    tax_amount = fields.String(required=True)


class InvoiceReply(Schema):
    """Everything about one invoice: `number` and `issued_at` once it is issued, `digest` once its PDF is archived."""

    invoice_id = _uuid()
    customer_id = _uuid()
    customer_name = fields.String(required=True)
    state = fields.String(required=True, validate=validate.OneOf(["draft", "issued"]))
    document_type = fields.String(required=True)
    issue_date = fields.String(required=True)
    currency = fields.String(required=True)
    external_reference = fields.String()
    note = fields.String()
    lines = fields.List(fields.Nested(LineSchema), required=True)
    net_total = fields.String(required=True)
    vat_total = fields.String(required=True)
    payable = fields.String(required=True)
    vat_breakdown = fields.List(fields.Nested(VatBreakdownSchema), required=True)
    number = fields.String()
    digest = fields.String()
    issued_at = fields.String()


class ListInvoicesRequest(Schema):
    """A page of invoices in the order they were drafted."""

    after = _after()
    page_after = _after()
    limit = fields.Integer(strict=True, load_default=50, validate=validate.Range(min=1, max=MAX_PAGE))


class InvoiceSummary(Schema):
    """One row of a list."""

    invoice_id = _uuid()
    customer_id = _uuid()
    customer_name = fields.String(required=True)
    state = fields.String(required=True)
    document_type = fields.String(required=True)
    issue_date = fields.String(required=True)
    currency = fields.String(required=True)
    payable = fields.String(required=True)
    number = fields.String()


class ListInvoicesReply(Schema):
    """`next_page` is the next request's `page_after`; absent on the last page."""

    invoices = fields.List(fields.Nested(InvoiceSummary), required=True)
    next_page = fields.Integer()


class CustomerTotalsRequest(Schema):
    """One customer's sums."""

    customer_id = _uuid()
    after = _after()


class CurrencyTotals(Schema):
    """Sums of what was issued in one currency, credit notes counting negative."""

    currency = fields.String(required=True)
    invoices = fields.Integer(required=True)
    credit_notes = fields.Integer(required=True)
    net_total = fields.String(required=True)
    vat_total = fields.String(required=True)
    payable = fields.String(required=True)


class CustomerTotalsReply(Schema):
    """By currency."""

    customer_id = _uuid()
    totals = fields.List(fields.Nested(CurrencyTotals), required=True)


class FindCustomersRequest(Schema):
    """Exact search, case and white space aside; with both, both must be the same."""

    name = _text(200, required=False)
    email = fields.Email(validate=validate.Length(max=254))
    after = _after()

    @validates_schema
    def _something_is_asked(self, data: Mapping[str, object], **_: object) -> None:
        if not {"name", "email"} & data.keys():
            raise ValidationError("Name or e-mail is needed.", "name")


class FoundCustomer(Schema):
    """A customer who is known by that name or e-mail."""

    customer_id = _uuid()
    name = fields.String(required=True)
    email = fields.String(required=True)


class FindCustomersReply(Schema):
    """At most a hundred."""

    customers = fields.List(fields.Nested(FoundCustomer), required=True)


class GetDocumentRequest(Schema):
    """Whose document."""

    invoice_id = _uuid()


class DocumentReply(Schema):
    """An issued document and how to send it."""

    file_name = fields.String(required=True)
    media_type = fields.String(required=True)
    content_base64 = fields.String(required=True)
    digest = fields.String(required=True)
    recipient_name = fields.String(required=True)
    recipient_email = fields.String(required=True)
    subject = fields.String(required=True)
    text = fields.String(required=True)
    proof = fields.String(
        required=True,
        metadata={
            "description": "C2SP tlog-proof of the event that archived it, whose `digest` is that of the content"
        },
    )
