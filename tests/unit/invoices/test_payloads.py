import json
from dataclasses import MISSING, fields, replace
from datetime import date
from decimal import Decimal
from typing import Any, get_args

import pytest
from cattrs.errors import ForbiddenExtraKeysError
from hypothesis import given, reject
from hypothesis import strategies as st

from services.invoices.codec import SCHEMAS, from_payload, to_payload
from services.invoices.domain.approval import Approval
from services.invoices.domain.document.content import Content, Delivery, DocumentType, ExchangeRate, Prices
from services.invoices.domain.document.credit import credit_of
from services.invoices.domain.document.parties import (
    Address,
    Contact,
    Customer,
    DeliveryPreference,
    ElectronicAddress,
    Profile,
    Registration,
    Seller,
)
from services.invoices.domain.document.vat import Exemption, VatCategory
from services.invoices.domain.events import (
    CreditNoteIssued,
    CustomerChanged,
    CustomerRegistered,
    DraftChanged,
    DraftDiscarded,
    Event,
    InvoiceCredited,
    InvoiceDrafted,
    InvoiceIssued,
    NumberTaken,
    SellerConfigured,
    SeriesConfigured,
    ShreddingApproved,
    ShreddingRequested,
    SubjectShredded,
)
from services.invoices.domain.events.sellers import (
    BankAccountChanged,
    BankAccountChangeRejected,
    BankAccountChangeRequested,
    BankAccountChangeWithdrawn,
)
from services.invoices.domain.invoice import decide_issue, fold
from services.invoices.domain.series import DocumentNumber, Series
from shared.contracts.errors import PublicError
from shared.eventstore.payload import encode_payload
from tests.unit.invoices.contents import allowance, charge, contents, of_document
from tests.unit.invoices.samples import ISSUED_AT, draft, issue, line

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=20)
MAYBE = st.none() | TEXTS
ADDRESSES = st.builds(Address, TEXTS, TEXTS, TEXTS, st.sampled_from(["DE", "FR", "GR"]), MAYBE)
SELLERS = st.builds(
    Seller,
    TEXTS,
    ADDRESSES,
    TEXTS,
    TEXTS,
    vat_id=MAYBE,
    account_since=st.none() | st.dates(),
    registration=st.none() | st.builds(Registration, TEXTS, MAYBE),
    electronic_address=st.none() | st.builds(ElectronicAddress, TEXTS, TEXTS),
    contact=st.none() | st.builds(Contact, MAYBE, MAYBE),
    small_business=st.booleans(),
)
CUSTOMERS = st.builds(
    Customer,
    TEXTS,
    TEXTS,
    ADDRESSES,
    customer_id=TEXTS,
    vat_id=MAYBE,
    reference=MAYBE,
    payment_days=st.none() | st.integers(0, 90),
    profile=st.sampled_from(Profile),
    delivery=st.sampled_from(DeliveryPreference),
)


@st.composite
def drafts(draw: st.DrawFn) -> InvoiceDrafted:
    drawn = draw(contents())
    named = [
        replace(each, name=draw(TEXTS), description=draw(MAYBE), item_reference=draw(MAYBE)) for each in drawn.lines
    ]
    content = replace(
        drawn,
        lines=tuple(named),
        document_type=draw(st.sampled_from(DocumentType)),
        issue_date=draw(st.dates()),
        note=draw(MAYBE),
        due_date=draw(st.none() | st.dates()),
    )
    return InvoiceDrafted(draw(TEXTS), content)


DRAFTS = drafts()
NUMBERS = st.builds(DocumentNumber, TEXTS, st.integers(1, 10**9), TEXTS, st.none() | st.integers(1976, 2029))
SERIES = st.builds(
    Series,
    TEXTS,
    TEXTS,
    serves=st.lists(st.sampled_from(DocumentType)).map(tuple),
    resets=st.booleans(),
    year_starts_in=st.integers(1, 12),
    first=st.none() | st.integers(1),
    first_year=st.none() | st.integers(1976, 2029),
)


@st.composite
def issues(draw: st.DrawFn) -> tuple[InvoiceIssued | CreditNoteIssued, NumberTaken]:
    seller, customer = draw(SELLERS), draw(CUSTOMERS)
    number = draw(NUMBERS)
    try:
        draft, mailed = fold([draw(DRAFTS)]), draw(st.booleans())
        return decide_issue(draft, seller=seller, customer=customer, number=number, issued_at=ISSUED_AT, mailed=mailed)
    except PublicError:  # what these parties may not say of one another is never issued
        reject()


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
CREDITED = issues().map(
    lambda both: InvoiceCredited("invoice", "note", "CN-1", credit_of(both[0].totals), cancels=True)
)
EVENTS: st.SearchStrategy[Event] = st.one_of(
    *(st.builds(kind, CUSTOMERS) for kind in (CustomerRegistered, CustomerChanged)),
    st.builds(SellerConfigured, SELLERS),
    DRAFTS,
    DRAFTS.map(lambda drafted: DraftChanged(drafted.invoice_id, drafted.content)),
    st.builds(DraftDiscarded, TEXTS),
    CREDITED,
    issues().map(lambda both: both[0]),
    issues().map(lambda both: both[1]),
    st.builds(SeriesConfigured, SERIES),
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


def test_what_is_absent_or_as_usual_is_left_out() -> None:
    payload: dict[str, Any] = to_payload(
        draft([line(base_quantity=Decimal("1.0"))], prices=Prices.NET, prepaid=Decimal(0))
    )
    assert {"note", "external_reference", "prices", "prepaid", "adjustments"}.isdisjoint(payload)
    assert "base_quantity" not in payload["lines"][0]
    assert to_payload(draft([line()], note="N", prices=Prices.GROSS))["prices"] == "gross"


def test_a_field_that_nobody_knows_stops_the_reader() -> None:
    with pytest.raises(ForbiddenExtraKeysError, match="surcharge"):
        from_payload("InvoiceDrafted", {**to_payload(draft()), "surcharge": "1.00"})


# What is in logs now must be readable for good: these shapes are never edited, a new one gets a new schema number.


def test_the_shape_of_a_draft() -> None:
    event = draft([line(item_reference="BL-0001", price="9.750")], issue_date=date(2026, 6, 2), note="Thank you.")
    assert to_payload(event) == {
        "invoice_id": "019aa0e5-2222-7000-8000-000000000001",
        "document_type": "invoice",
        "customer_id": "019aa0e5-2222-7000-8000-000000000002",
        "issue_date": "2026-06-02",
        "currency": "EUR",
        "note": "Thank you.",
        "lines": [
            {
                "name": "Brass bell, two-tone",
                "quantity": "2",
                "unit_price": "9.75",
                "vat_category": "S",
                "vat_rate": "19",
                "item_reference": "BL-0001",
            }
        ],
    }


def test_the_shape_of_a_draft_that_says_more() -> None:
    adjusted = line(adjustments=(allowance(percentage="2.50"),), base_quantity=Decimal(100), unit="EA")
    event = draft(
        [adjusted],
        prices=Prices.GROSS,
        adjustments=(of_document(charge("4.00"), "19"),),
        exemptions=(Exemption(VatCategory.EXEMPT, code="VATEX-EU-132"),),
        prepaid=Decimal("10.00"),
        exchange_rate=ExchangeRate("SEK", Decimal("11.20"), "ECB", date(2026, 6, 1)),
        delivery=Delivery(day=date(2026, 6, 1), country_code="FR"),
    )
    payload: dict[str, Any] = to_payload(event)
    assert payload["lines"][0] == {
        "name": "Brass bell, two-tone",
        "quantity": "2",
        "unit_price": "9.75",
        "vat_category": "S",
        "vat_rate": "19",
        "unit": "EA",
        "base_quantity": "100",
        "adjustments": [{"kind": "allowance", "percentage": "2.5", "reason": "as agreed"}],
    }
    assert {name: payload[name] for name in sorted(payload)[:1]} == {
        "adjustments": [
            {"kind": "charge", "amount": "4", "reason": "as agreed", "vat_category": "S", "vat_rate": "19"},
        ]
    }
    assert (payload["prices"], payload["prepaid"]) == ("gross", "10")
    assert payload["exemptions"] == [{"category": "E", "code": "VATEX-EU-132"}]
    assert payload["exchange_rate"] == {"currency": "SEK", "rate": "11.2", "source": "ECB", "day": "2026-06-01"}
    assert payload["delivery"] == {"day": "2026-06-01", "country_code": "FR"}


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
            "allowances": "0.00",
            "charges": "0.00",
            "net": "19.50",
            "vat": "3.71",
            "gross": "23.21",
            "prepaid": "0.00",
            "rounding": "0.00",
            "payable": "23.21",
            "breakdown": [{"category": "S", "rate": "19", "taxable_amount": "19.50", "tax_amount": "3.71"}],
            "lines": [{"net_price": "9.75", "adjustments": [], "net": "19.50", "agreed": "19.50"}],
            "adjustments": [],
        },
    }


@pytest.mark.parametrize("kind", [Content, Seller, Customer, Series])
def test_the_defaults_that_are_left_out_stay_what_they_are(kind: type) -> None:
    # Whoever changes one changes what is in logs already: it takes a new schema number and an upcaster.
    usual = {
        field.name: field.default
        for field in fields(kind)
        if field.default is not MISSING and field.default not in (None, ())
    }
    assert (
        usual
        == {
            Content: {"prices": Prices.NET, "prepaid": Decimal(0)},
            Seller: {"language": "en", "small_business": False},
            Customer: {"profile": Profile.PEPPOL, "delivery": DeliveryPreference.MAIL},
            Series: {"resets": False, "year_starts_in": 1},
        }[kind]
    )
