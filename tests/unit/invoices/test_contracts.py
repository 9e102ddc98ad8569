from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from marshmallow import Schema, ValidationError

from services.invoices.domain.amounts import MAX_LINES, VatCategory
from services.invoices.domain.payloads import line_from, line_to
from services.invoices.domain.series import DocumentType
from shared.contracts import invoices as contract
from tests.unit.invoices.samples import CUSTOMER_ID, INVOICE_ID

ADDRESS = {"line": "Speicherstraße 4", "city": "Hamburg", "post_code": "20457", "country_code": "DE"}
SELLER = {
    "name": "Fahrradteile Nord GmbH",
    "vat_id": "DE123456789",
    "address": ADDRESS,
    "email": "rechnung@fahrradteile-nord.example",
    "iban": "DE02120300000000202051",
}
CUSTOMER = {"name": "Hof van Fietsen B.V.", "email": "hof@example.org", "address": ADDRESS, "reference": "K-107"}
LINE = {"description": "Bell", "quantity": "2", "unit_price": "9.75", "vat_category": "S", "vat_rate": "19"}
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
        (contract.ConfigureSellerRequest, SELLER),
        (contract.RegisterCustomerRequest, CUSTOMER),
        (contract.DraftInvoiceRequest, DRAFT),
        (contract.IssueInvoiceRequest, {"invoice_id": INVOICE_ID}),
        (contract.GetInvoiceRequest, {"invoice_id": INVOICE_ID, "after": 7}),
        (contract.ListInvoicesRequest, {"after": 7, "page_after": 7, "limit": 200}),
        (contract.CustomerTotalsRequest, {"customer_id": CUSTOMER_ID, "after": 0}),
        (contract.FindCustomersRequest, {"name": "Hof van Fietsen B.V.", "after": 7}),
        (contract.FindCustomersRequest, {"email": "administratie@hofvanfietsen.example"}),
        (contract.GetDocumentRequest, {"invoice_id": INVOICE_ID}),
    ],
    ids=lambda value: value.__name__ if isinstance(value, type) else "",
)
def test_a_request_is_taken_as_it_should_be_and_not_with_a_field_more(
    schema: type[Schema], request_: dict[str, Any]
) -> None:
    assert fields_refused(schema, request_) == set()
    assert fields_refused(schema, {**request_, "tenant": "another"}) == {"tenant"}


def test_a_search_for_nothing_in_particular_is_refused() -> None:
    assert fields_refused(contract.FindCustomersRequest, {"after": 7}) == {"name"}


@pytest.mark.parametrize("schema", [contract.ConfigureSellerRequest, contract.RegisterCustomerRequest])
def test_an_unknown_field_is_refused_inside_an_address_too(schema: type[Schema]) -> None:
    request = SELLER if schema is contract.ConfigureSellerRequest else CUSTOMER
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
    assert fields_refused(contract.ConfigureSellerRequest, {**SELLER, "iban": iban}) == {"iban"}


@pytest.mark.parametrize("iban", ["GB33BUKB20201555555555", "NL91ABNA0417164300", "MT84MALT011000012345MTLCAST001S"])
def test_ibans_of_other_countries_are_taken(iban: str) -> None:
    assert fields_refused(contract.ConfigureSellerRequest, {**SELLER, "iban": iban}) == set()


@given(st.integers(4, 21), st.sampled_from("0123456789"))
def test_an_iban_with_one_wrong_digit_is_refused(place: int, digit: str) -> None:
    iban = SELLER["iban"]
    assert isinstance(iban, str)
    mistyped = iban[:place] + digit + iban[place + 1 :]
    refused = fields_refused(contract.ConfigureSellerRequest, {**SELLER, "iban": mistyped})
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
    assert fields_refused(contract.RegisterCustomerRequest, request) == {"name"}


def test_a_note_may_have_lines() -> None:
    assert fields_refused(contract.DraftInvoiceRequest, {**DRAFT, "note": "Thank you.\nDelivered."}) == set()


@pytest.mark.parametrize("country", ["XX", "de", "DEU", ""])
def test_a_country_that_is_none_is_refused(country: str) -> None:
    request = {**CUSTOMER, "address": {**ADDRESS, "country_code": country}}
    assert fields_refused(contract.RegisterCustomerRequest, request) == {"country_code"}


@pytest.mark.parametrize(
    "email", ["hof", "hof@", "@example.org", "a@b@example.org", "hof@example.org\nBcc: x@example.org"]
)
def test_an_address_that_no_mail_reaches_is_refused(email: str) -> None:
    assert fields_refused(contract.RegisterCustomerRequest, {**CUSTOMER, "email": email}) == {"email"}


@pytest.mark.parametrize("limit", [0, contract.MAX_PAGE + 1, "50", 1.0])
def test_a_page_has_a_size(limit: object) -> None:
    assert fields_refused(contract.ListInvoicesRequest, {"limit": limit}) == {"limit"}
    assert contract.ListInvoicesRequest().load({})["limit"] == 50


def test_a_refusal_names_fields_and_never_repeats_values() -> None:
    request = {**SELLER, "name": "canary\x00", "iban": "canary", "email": "canary", "vat_id": "canary"}
    with pytest.raises(ValidationError) as refused:
        contract.ConfigureSellerRequest().load(request)
    assert "canary" not in str(refused.value.messages)


def test_contract_and_domain_know_the_same_codes() -> None:
    for category in VatCategory:
        assert fields_refused(contract.DraftInvoiceRequest, with_line(vat_category=category.value)) == set()
    for document_type in DocumentType:
        assert fields_refused(contract.DraftInvoiceRequest, {**DRAFT, "document_type": document_type.value}) == set()


@given(st.from_regex(r"[0-9]{1,9}(\.[0-9]{1,4})?", fullmatch=True))
def test_every_quantity_that_the_contract_takes_the_domain_reads(quantity: str) -> None:
    loaded = contract.DraftInvoiceRequest().load(with_line(quantity=quantity))
    read = line_from(loaded["lines"][1])
    assert line_from(line_to(read)) == read
