import json
from dataclasses import fields, is_dataclass
from datetime import date
from decimal import Decimal
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.invoices.domain.account_events import (
    BankAccountChanged,
    BankAccountChangeRejected,
    BankAccountChangeRequested,
    BankAccountChangeWithdrawn,
)
from services.invoices.domain.amounts import Line, VatCategory
from services.invoices.domain.approval import Approval
from services.invoices.domain.events import (
    CreditNoteIssued,
    CustomerRegistered,
    Event,
    InvoiceDrafted,
    InvoiceIssued,
    NumberTaken,
    SellerConfigured,
    ShreddingApproved,
    ShreddingRequested,
    SubjectShredded,
)
from services.invoices.domain.invoice import decide_issue, fold
from services.invoices.domain.party import Address, Customer, Seller
from services.invoices.domain.payloads import SCHEMAS, from_payload, to_payload
from services.invoices.domain.series import DocumentNumber, DocumentType
from shared.eventstore.payload import encode_payload
from tests.unit.invoices.samples import CUSTOMER, ISSUED_AT, SELLER, draft, issue, line

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=20)
AMOUNTS = st.decimals(-999_999_999, 999_999_999, places=4, allow_nan=False, allow_infinity=False)
ADDRESSES = st.builds(Address, TEXTS, TEXTS, TEXTS, st.sampled_from(["DE", "FR", "GR"]))
SELLERS = st.builds(Seller, TEXTS, TEXTS, ADDRESSES, TEXTS, TEXTS, st.none() | st.dates())
CUSTOMERS = st.builds(Customer, TEXTS, TEXTS, TEXTS, ADDRESSES, st.none() | TEXTS, st.none() | TEXTS)
LINES = st.builds(
    Line,
    TEXTS,
    AMOUNTS,
    AMOUNTS.map(abs),
    st.sampled_from(VatCategory),
    st.sampled_from([Decimal(0), Decimal("5.50"), Decimal(20)]),
    st.none() | TEXTS,
)
DRAFTS = st.builds(
    InvoiceDrafted,
    invoice_id=TEXTS,
    customer_id=TEXTS,
    document_type=st.sampled_from(DocumentType),
    issue_date=st.dates(),
    currency=st.sampled_from(["EUR", "GBP"]),
    external_reference=st.none() | TEXTS,
    note=st.none() | TEXTS,
    lines=st.lists(LINES, min_size=1, max_size=4).map(tuple),
)


@st.composite
def issues(draw: st.DrawFn) -> tuple[InvoiceIssued | CreditNoteIssued, NumberTaken]:
    return decide_issue(
        fold([draw(DRAFTS)]),
        seller=draw(SELLERS),
        customer=draw(CUSTOMERS),
        numbers_taken=draw(st.integers(0, 10**9)),
        issued_at=ISSUED_AT,
    )


OVERRIDES = st.none() | TEXTS
APPROVALS = st.builds(Approval, TEXTS, st.lists(TEXTS).map(tuple))
SHREDDINGS: st.SearchStrategy[Event] = st.one_of(
    st.builds(ShreddingRequested, TEXTS, TEXTS, TEXTS, OVERRIDES, APPROVALS, TEXTS),
    st.builds(ShreddingApproved, TEXTS, APPROVALS, TEXTS),
    st.builds(SubjectShredded, TEXTS, TEXTS, OVERRIDES, st.lists(APPROVALS).map(tuple), st.lists(TEXTS).map(tuple)),
)
ACCOUNT_CHANGES: st.SearchStrategy[Event] = st.one_of(
    st.builds(BankAccountChangeRequested, TEXTS, TEXTS, TEXTS, APPROVALS, TEXTS),
    st.builds(BankAccountChanged, TEXTS, TEXTS, st.dates(), st.lists(APPROVALS).map(tuple), TEXTS),
    st.builds(BankAccountChangeRejected, TEXTS, APPROVALS),
    st.builds(BankAccountChangeWithdrawn, TEXTS, APPROVALS),
)
EVENTS: st.SearchStrategy[Event] = st.one_of(
    st.builds(CustomerRegistered, CUSTOMERS),
    st.builds(SellerConfigured, SELLERS),
    DRAFTS,
    issues().map(lambda both: both[0]),
    issues().map(lambda both: both[1]),
    SHREDDINGS,
    ACCOUNT_CHANGES,
)


@given(EVENTS)
def test_an_event_comes_back_as_it_was_written(event: Event) -> None:
    written = json.loads(encode_payload(to_payload(event)))
    assert from_payload(type(event).__name__, written) == event


@given(EVENTS)
def test_an_event_that_was_read_is_written_to_the_same_bytes(event: Event) -> None:
    written = encode_payload(to_payload(event))
    assert encode_payload(to_payload(from_payload(type(event).__name__, json.loads(written)))) == written


def test_every_event_has_a_schema_and_a_reader() -> None:
    assert {event.__name__ for event in get_args(Event)} == set(SCHEMAS)
    with pytest.raises(KeyError):
        from_payload("InvoiceForgotten", {})


def test_one_amount_has_one_spelling() -> None:
    spellings = ["100", "100.0", "100.0000", "1E+2"]
    assert {json.dumps(to_payload(draft([line(quantity=each)]))) for each in spellings} == {
        json.dumps(to_payload(draft([line(quantity="100")])))
    }


def test_what_is_absent_is_left_out() -> None:
    payload = to_payload(draft([line()]))
    assert {"note", "external_reference"}.isdisjoint(payload)
    assert to_payload(draft([line()], note="N"))["note"] == "N"


# What is in logs now must be readable for good: these shapes are never edited, a new one gets a new schema number.


def test_the_shape_of_a_draft() -> None:
    event = draft([line(item_reference="BL-0001", price="9.750")], issue_date=date(2026, 6, 2), note="Thank you.")
    assert to_payload(event) == {
        "invoice_id": "019aa0e5-2222-7000-8000-000000000001",
        "customer_id": "019aa0e5-2222-7000-8000-000000000002",
        "document_type": "invoice",
        "issue_date": "2026-06-02",
        "currency": "EUR",
        "note": "Thank you.",
        "lines": [
            {
                "description": "Brass bell, two-tone",
                "quantity": "2",
                "unit_price": "9.75",
                "vat_category": "S",
                "vat_rate": "19",
                "item_reference": "BL-0001",
            }
        ],
    }


def test_the_shape_of_an_issue() -> None:
    assert to_payload(issue(draft())) == {
        "invoice_id": "019aa0e5-2222-7000-8000-000000000001",
        "series": "INV",
        "sequence": 42,
        "number": "INV-000042",
        "issued_at": "2026-11-22T09:00:00.000000Z",
        "seller": {
            "name": "Fahrradteile Nord GmbH",
            "vat_id": "DE123456789",
            "address": {
                "line": "Speicherstraße 4",
                "city": "Hamburg",
                "post_code": "20457",
                "country_code": "DE",
            },
            "email": "rechnung@fahrradteile-nord.example",
            "iban": "DE02120300000000202051",
            "account_since": "2026-03-01",
        },
        "customer": {
            "customer_id": "019aa0e5-2222-7000-8000-000000000002",
            "name": "Hof van Fietsen B.V.",
            "email": "administratie@hofvanfietsen.example",
            "address": {"line": "Oudegracht 218", "city": "Utrecht", "post_code": "3511 NP", "country_code": "NL"},
            "vat_id": "NL001234567B01",
            "reference": "K-107",
        },
        "currency": "EUR",
        "totals": {
            "lines_net": "19.50",
            "net": "19.50",
            "vat": "3.71",
            "gross": "23.21",
            "payable": "23.21",
            "breakdown": [{"category": "S", "rate": "19", "taxable_amount": "19.50", "tax_amount": "3.71"}],
        },
    }


def test_the_shape_of_a_number() -> None:
    event = NumberTaken(DocumentNumber("CN", 3), "019aa0e5-2222-7000-8000-000000000001")
    assert to_payload(event) == {
        "series": "CN",
        "sequence": 3,
        "invoice_id": "019aa0e5-2222-7000-8000-000000000001",
    }


@pytest.mark.parametrize("party", [SELLER, CUSTOMER], ids=["seller", "customer"])
def test_every_field_of_a_party_is_written(party: Seller | Customer) -> None:
    event: Event = CustomerRegistered(party) if isinstance(party, Customer) else SellerConfigured(party)
    assert set(to_payload(event)) == {field.name for field in fields(party)}
    assert is_dataclass(party)
