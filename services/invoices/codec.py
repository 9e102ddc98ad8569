"""Events to and from the JSON values that the log seals, by their dataclasses' fields.

- A field that has the value that it has anyway is left out: these defaults are part of the shapes, and what is left out
  can never come to mean something else.
- Decimals are strings: quantities, prices and rates without padding, one value one spelling; amounts as they were
  computed, with two decimals. Dates are ISO 8601, enumerations their values.
- What is not known stops the reader: nothing in a log is skipped or guessed.

The shapes are irreversible once written; a change of shape is a new schema number and an upcaster.
"""

from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any, TypeVar, cast, get_args

from cattrs import Converter

from services.invoices.domain.document.content import Content
from services.invoices.domain.document.credit import Credit, CreditedPart
from services.invoices.domain.document.parties import Customer, Seller
from services.invoices.domain.document.totals import LineAmounts, Totals, VatBreakdown
from services.invoices.domain.events import (
    ClaimEvent,
    CreditNoteIssued,
    CreditNoteRefunded,
    CustomerChanged,
    CustomerRegistered,
    DraftChanged,
    Event,
    InvoiceDrafted,
    InvoiceIssued,
    NumberTaken,
    PaymentEvent,
    ReceivableEvent,
    SellerConfigured,
)
from services.invoices.domain.events.quotes import QuoteNumberTaken
from services.invoices.domain.events.reminders import Reminded, ReminderWritten

Payload = Mapping[str, Any]
_T = TypeVar("_T")
_NUMBER = {"series", "sequence", "number", "year"}

_CLASSES: Mapping[str, type[Event]] = {event.__name__: event for event in get_args(Event)}
SCHEMAS: Mapping[str, int] = dict.fromkeys(_CLASSES, 1)
"""Every event type of this service and its present schema number. Names are never reused."""


def to_payload(event: Event) -> dict[str, object]:
    """Write an event's content as JSON values."""
    write: Callable[[Any], Any] = _WRITERS.get(type(event), written)
    return cast("dict[str, object]", write(event))


def from_payload(event_type: str, payload: Payload) -> Event:
    """Read what `to_payload` wrote; KeyError for a type that this service does not know."""
    kind = _CLASSES[event_type]
    reader = _READERS.get(kind)
    return read(payload, kind) if reader is None else reader(payload)


def written(value: object) -> Any:  # noqa: ANN401 -- JSON values
    """Write a dataclass of the domain as JSON values."""
    return _CONVERTER.unstructure(value)


def read(payload: object, kind: type[_T]) -> _T:
    """Read a dataclass of the domain from what `written` wrote, or from a request that its schema took."""
    return _CONVERTER.structure(payload, kind)


def _plain(value: Decimal) -> str:
    """Write a decimal without an exponent and without padding."""
    text = f"{value:f}"
    return (text.rstrip("0").rstrip(".") if "." in text else text) or "0"


def _converter(decimals: Callable[[Decimal], str]) -> Converter:
    converter = Converter(
        detailed_validation=False,
        omit_if_default=True,
        forbid_extra_keys=True,
        unstruct_collection_overrides={tuple: list},
    )
    # By its plain value: an enumeration of strings is a string to JSON, and not to the log.
    converter.register_unstructure_hook(StrEnum, lambda member: member.value)
    converter.register_unstructure_hook(Decimal, decimals)
    converter.register_structure_hook(Decimal, lambda value, _: Decimal(value))
    converter.register_unstructure_hook(date, date.isoformat)
    converter.register_structure_hook(date, lambda value, _: date.fromisoformat(value))
    return converter


def _with_computed_amounts() -> Converter:
    """Amounts of documents, payments, reminders and what is owed are written with two decimals, as they stand."""
    amounts, converter = _converter(str), _converter(_plain)
    documents = (Totals, LineAmounts, VatBreakdown, Credit, CreditedPart)
    for kind in (
        *documents,
        *get_args(PaymentEvent),
        *get_args(ReceivableEvent),
        *get_args(ClaimEvent),
        CreditNoteRefunded,
        Reminded,
        ReminderWritten,
    ):
        converter.register_unstructure_hook(kind, amounts.unstructure)
    return converter


_CONVERTER = _with_computed_amounts()


def _drafted_to(event: InvoiceDrafted | DraftChanged) -> dict[str, object]:
    """Write the content's fields beside the ids."""
    fields = written(event)
    content: dict[str, object] = fields.pop("content")
    return {**fields, **content}


def _drafted_from(kind: type[InvoiceDrafted | DraftChanged]) -> Callable[[Payload], Event]:
    def reader(payload: Payload) -> Event:
        own = {name: payload[name] for name in ("invoice_id", "quote_id") if name in payload}
        content = {name: value for name, value in payload.items() if name not in own}
        return kind(**own, content=read(content, Content))

    return reader


def _numbered_to(event: Event) -> dict[str, object]:
    """Write the parts of a number beside the other fields."""
    fields = written(event)
    return {**fields, **fields.pop("number")}


def _numbered_from(kind: type[Event]) -> Callable[[Payload], Event]:
    def reader(payload: Payload) -> Event:
        fields = {name: value for name, value in payload.items() if name not in _NUMBER}
        return read({**fields, "number": {name: payload[name] for name in _NUMBER if name in payload}}, kind)

    return reader


_WRITERS: Mapping[type[Event], Callable[[Any], Any]] = {
    CustomerRegistered: lambda event: written(event.customer),
    CustomerChanged: lambda event: written(event.customer),
    SellerConfigured: lambda event: written(event.seller),
    InvoiceDrafted: _drafted_to,
    DraftChanged: _drafted_to,
    InvoiceIssued: _numbered_to,
    CreditNoteIssued: _numbered_to,
    NumberTaken: _numbered_to,
    QuoteNumberTaken: _numbered_to,
}
"""What an event wraps is the event's content: these are not written field by field."""

_READERS: Mapping[type[Event], Callable[[Payload], Event]] = {
    CustomerRegistered: lambda payload: CustomerRegistered(read(payload, Customer)),
    CustomerChanged: lambda payload: CustomerChanged(read(payload, Customer)),
    SellerConfigured: lambda payload: SellerConfigured(read(payload, Seller)),
    InvoiceDrafted: _drafted_from(InvoiceDrafted),
    DraftChanged: _drafted_from(DraftChanged),
    InvoiceIssued: _numbered_from(InvoiceIssued),
    CreditNoteIssued: _numbered_from(CreditNoteIssued),
    NumberTaken: _numbered_from(NumberTaken),
    QuoteNumberTaken: _numbered_from(QuoteNumberTaken),
}
