from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from marshmallow import Schema, ValidationError

from services.invoices.domain.document.checking import MAX_LINES
from services.invoices.domain.document.content import DocumentType, Prices
from services.invoices.domain.document.lines import AdjustmentKind
from services.invoices.domain.document.vat import VatCategory
from shared.contracts import customers, life, lists, sellers, totals
from shared.contracts import invoices as contract
from shared.contracts.code_lists import ADDRESS_SCHEMES, ALLOWANCE_REASONS, CHARGE_REASONS, IDENTIFIER_SCHEMES
from shared.contracts.units import UNITS
from tests.unit.invoices.samples import CUSTOMER_ID, INVOICE_ID

ADDRESS = {"line": "Speicherstraße 4", "city": "Hamburg", "post_code": "20457", "country_code": "DE"}
SELLER = {
    "name": "Fahrradteile Nord GmbH",
    "vat_id": "DE123456788",
    "address": ADDRESS,
    "email": "rechnung@fahrradteile-nord.example",
    "iban": "DE02120300000000202051",
}
CUSTOMER = {"name": "Hof van Fietsen B.V.", "email": "hof@example.org", "address": ADDRESS, "reference": "K-107"}
LINE = {"name": "Bell", "quantity": "2", "unit_price": "9.75", "vat_category": "S", "vat_rate": "19"}
DRAFT = {
    "customer_id": CUSTOMER_ID,
    "document_type": "invoice",
    "issue_date": "2026-06-02",
    "currency": "EUR",
    "lines": [LINE],
}


def fields_refused(schema: type[Schema], request: dict[str, Any]) -> set[str]:
    """The names of the fields, at whatever depth, for which a request is refused."""
    try:
        schema().load(request)
    except ValidationError as refused:
        return set(_leaves(refused.messages))
    return set()


def _leaves(messages: Any) -> Iterator[str]:  # noqa: ANN401 -- as marshmallow nests them
    for name, inner in messages.items():
        if isinstance(inner, dict):
            yield from _leaves(inner)
        else:
            yield str(name)


def with_line(**changes: object) -> dict[str, Any]:
    return {**DRAFT, "lines": [LINE, {**LINE, **changes}]}


@pytest.mark.parametrize(
    ("schema", "request_"),
    [
        (sellers.ConfigureSellerRequest, SELLER),
        (customers.RegisterCustomerRequest, CUSTOMER),
        (contract.DraftInvoiceRequest, DRAFT),
        (contract.IssueInvoiceRequest, {"invoice_id": INVOICE_ID, "expected_version": 3}),
        (life.ChangeDraftRequest, {"invoice_id": INVOICE_ID, "expected_version": 1, "content": DRAFT}),
        (life.DiscardDraftRequest, {"invoice_id": INVOICE_ID, "expected_version": 1}),
        (life.DuplicateInvoiceRequest, {"invoice_id": INVOICE_ID}),
        (life.CreditInvoiceRequest, {"invoice_id": INVOICE_ID, "lines": [{"line": 0, "quantity": "-1.5"}]}),
        (life.ReplaceInvoiceRequest, {"invoice_id": INVOICE_ID}),
        (contract.GetInvoiceRequest, {"invoice_id": INVOICE_ID, "after": 7}),
        (lists.ListInvoicesRequest, {"after": 7, "page_after": "WzcsImRyYWZ0ZWQrIiwyXQ", "limit": 200}),
        (customers.CustomerTotalsRequest, {"customer_id": CUSTOMER_ID, "after": 0}),
        (customers.FindCustomersRequest, {"name": "Hof van Fietsen B.V.", "after": 7}),
        (customers.FindCustomersRequest, {"email": "administratie@hofvanfietsen.example"}),
        (contract.GetDocumentRequest, {"invoice_id": INVOICE_ID}),
        (totals.ExplainTotalsRequest, {"invoice_id": INVOICE_ID}),
        (totals.ExplainTotalsRequest, {"content": DRAFT}),
    ],
    ids=lambda value: value.__name__ if isinstance(value, type) else "",
)
def test_a_request_is_taken_as_it_should_be_and_not_with_a_field_more(
    schema: type[Schema], request_: dict[str, Any]
) -> None:
    assert fields_refused(schema, request_) == set()
    assert fields_refused(schema, {**request_, "tenant": "another"}) == {"tenant"}


def test_a_search_for_nothing_in_particular_is_refused() -> None:
    assert fields_refused(customers.FindCustomersRequest, {"after": 7}) == {"name"}


@pytest.mark.parametrize("schema", [sellers.ConfigureSellerRequest, customers.RegisterCustomerRequest])
def test_an_unknown_field_is_refused_inside_an_address_too(schema: type[Schema]) -> None:
    request = SELLER if schema is sellers.ConfigureSellerRequest else CUSTOMER
    assert fields_refused(schema, {**request, "address": {**ADDRESS, "region": "HH"}}) == {"region"}


def test_an_unknown_field_is_refused_inside_a_line_too() -> None:
    assert fields_refused(contract.DraftInvoiceRequest, with_line(discount="1.00")) == {"discount"}


@pytest.mark.parametrize(
    "iban",
    [
        "DE02120300000000202052",  # wrong check digits
        "DE02120300000000205201",  # two digits exchanged
        "DE02 1203 0000 0000 2020 51",
        "de02120300000000202051",
        "DE021203\n",
        "",
        "DE00",
        7,
    ],
    ids=repr,
)
def test_a_bad_iban_is_refused(iban: object) -> None:
    assert fields_refused(sellers.ConfigureSellerRequest, {**SELLER, "iban": iban}) == {"iban"}


@pytest.mark.parametrize("iban", ["GB33BUKB20201555555555", "NL91ABNA0417164300", "MT84MALT011000012345MTLCAST001S"])
def test_ibans_of_other_countries_are_taken(iban: str) -> None:
    assert fields_refused(sellers.ConfigureSellerRequest, {**SELLER, "iban": iban}) == set()


@given(st.integers(4, 21), st.sampled_from("0123456789"))
def test_an_iban_with_one_wrong_digit_is_refused(place: int, digit: str) -> None:
    iban = SELLER["iban"]
    assert isinstance(iban, str)
    mistyped = iban[:place] + digit + iban[place + 1 :]
    refused = fields_refused(sellers.ConfigureSellerRequest, {**SELLER, "iban": mistyped})
    assert refused == (set() if mistyped == iban else {"iban"})


@pytest.mark.parametrize("field", ["quantity", "unit_price", "vat_rate"])
@pytest.mark.parametrize(
    "value",
    [2, 2.5, True, None, "", " 2", "2 ", "2,5", "1e3", "NaN", "Infinity", "+2", "0x2", "2.", "٢", "2\n", "1.00000"],
)
def test_amounts_travel_as_decimal_strings_and_nothing_else(field: str, value: object) -> None:
    assert fields_refused(contract.DraftInvoiceRequest, with_line(**{field: value})) == {field}


def test_a_price_is_not_negative_and_a_quantity_may_be() -> None:
    assert fields_refused(contract.DraftInvoiceRequest, with_line(unit_price="-0.01")) == {"unit_price"}
    assert fields_refused(contract.DraftInvoiceRequest, with_line(quantity="-1")) == set()


@pytest.mark.parametrize("count", [0, MAX_LINES + 1])
def test_no_lines_or_too_many_are_refused(count: int) -> None:
    assert fields_refused(contract.DraftInvoiceRequest, {**DRAFT, "lines": [LINE] * count}) == {"lines"}


def test_a_thousand_lines_are_taken() -> None:
    assert fields_refused(contract.DraftInvoiceRequest, {**DRAFT, "lines": [LINE] * MAX_LINES}) == set()


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("customer_id", CUSTOMER_ID.upper()),
        ("customer_id", f"{CUSTOMER_ID}\n"),
        ("document_type", "proforma"),
        ("issue_date", "2026-02-30"),
        ("issue_date", "02.06.2026"),
        ("issue_date", "2026-06-02T00:00:00"),
        ("issue_date", "20260602"),
        ("issue_date", "2026-W23-2"),
        ("prices", "brutto"),
        ("prepaid", "-1"),
        ("prepaid", "1.001"),
        ("language", "eng"),
        ("currency", "EURO"),
        ("currency", "XXX"),
        ("external_reference", ""),
        ("external_reference", " "),
        ("external_reference", "R" * 101),
        ("note", ""),
        ("note", "N" * 1001),
        ("note", "one\ttwo"),
        ("note", None),
    ],
    ids=repr,
)
def test_a_draft_with_a_wrong_value_is_refused_by_the_fields_name(field: str, value: object) -> None:
    assert fields_refused(contract.DraftInvoiceRequest, {**DRAFT, field: value}) == {field}


@pytest.mark.parametrize(
    "character", ["\x00", "\x07", "\n", "\x1b", "\x7f", "\x85", "\u202e", "\u200b", "\ufeff", "\ud800"]
)
def test_a_name_holds_no_character_that_hides_or_turns_text(character: str) -> None:
    request = {**CUSTOMER, "name": f"Hof{character}van Fietsen"}
    assert fields_refused(customers.RegisterCustomerRequest, request) == {"name"}


def test_a_note_may_have_lines() -> None:
    assert fields_refused(contract.DraftInvoiceRequest, {**DRAFT, "note": "Thank you.\nDelivered."}) == set()


@pytest.mark.parametrize("country", ["XX", "de", "DEU", ""])
def test_a_country_that_is_none_is_refused(country: str) -> None:
    request = {**CUSTOMER, "address": {**ADDRESS, "country_code": country}}
    assert fields_refused(customers.RegisterCustomerRequest, request) == {"country_code"}


@pytest.mark.parametrize(
    "email", ["hof", "hof@", "@example.org", "a@b@example.org", "hof@example.org\nBcc: x@example.org"]
)
def test_an_address_that_no_mail_reaches_is_refused(email: str) -> None:
    assert fields_refused(customers.RegisterCustomerRequest, {**CUSTOMER, "email": email}) == {"email"}


@pytest.mark.parametrize("limit", [0, lists.MAX_PAGE + 1, "50", 1.0])
def test_a_page_has_a_size(limit: object) -> None:
    assert fields_refused(lists.ListInvoicesRequest, {"limit": limit}) == {"limit"}
    assert lists.ListInvoicesRequest().load({})["limit"] == 50


def test_a_refusal_names_fields_and_never_repeats_values() -> None:
    request = {**SELLER, "name": "canary\x00", "iban": "canary", "email": "canary", "vat_id": "canary"}
    with pytest.raises(ValidationError) as refused:
        sellers.ConfigureSellerRequest().load(request)
    assert "canary" not in str(refused.value.messages)


def test_contract_and_domain_know_the_same_codes() -> None:
    for category in VatCategory:
        assert fields_refused(contract.DraftInvoiceRequest, with_line(vat_category=category.value)) == set()
    for document_type in DocumentType:
        assert fields_refused(contract.DraftInvoiceRequest, {**DRAFT, "document_type": document_type.value}) == set()
    for prices in Prices:
        assert fields_refused(contract.DraftInvoiceRequest, {**DRAFT, "prices": prices.value}) == set()
    for kind in AdjustmentKind:
        request = with_line(adjustments=[{"kind": kind.value, "amount": "1.00", "reason": "as agreed"}])
        assert fields_refused(contract.DraftInvoiceRequest, request) == set()


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        (with_line(unit="PIECE"), "unit"),
        (with_line(adjustments=[{"kind": "discount"}]), "kind"),
        (with_line(adjustments=[{"kind": "allowance", "reason_code": "00"}]), "reason_code"),
        (with_line(standard_item_id="4006381333931x"), "standard_item_id"),
        (with_line(origin_country="UK"), "origin_country"),
        ({**DRAFT, "exemptions": [{"category": "E", "code": "VATEX-EU"}]}, "code"),
        ({**DRAFT, "delivery": {"country_code": "EU"}}, "country_code"),
        ({**DRAFT, "exchange_rate": {"currency": "SEK", "rate": 11, "source": "ECB", "day": "2026-06-01"}}, "rate"),
        ({**DRAFT, "attachments": [{"reference": "1", "file_name": "a", "media_type": "text/html"}]}, "media_type"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_code_that_no_list_has_is_refused(wrong: dict[str, Any], field: str) -> None:
    assert field in fields_refused(contract.DraftInvoiceRequest, wrong)


def test_the_lists_have_the_codes_that_everybody_uses() -> None:
    assert {"C62", "EA", "HUR", "DAY", "KGM", "MTR", "XPP"} <= UNITS
    assert {"95", "100"} <= ALLOWANCE_REASONS
    assert {"FC", "ABL", "ZZZ"} <= CHARGE_REASONS
    assert {"0088", "0204", "9930", "EM"} <= ADDRESS_SCHEMES
    assert {"0002", "0088"} <= IDENTIFIER_SCHEMES


@pytest.mark.parametrize("request_", [{}, {"invoice_id": INVOICE_ID, "content": DRAFT}])
def test_totals_are_explained_of_one_thing(request_: dict[str, Any]) -> None:
    assert fields_refused(totals.ExplainTotalsRequest, request_) == {"invoice_id"}
