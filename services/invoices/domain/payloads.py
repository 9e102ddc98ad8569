"""Events to and from the JSON values that the log seals: explicit type names, amounts as strings, absent is absent.

The shapes are irreversible once written; a change of shape is a new schema number and an upcaster.
"""

from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from services.invoices.domain.account_payloads import ACCOUNT_READERS, account_to
from services.invoices.domain.amounts import Line, Totals, VatBreakdown, VatCategory
from services.invoices.domain.events import (
    CreditNoteIssued,
    CustomerRegistered,
    DocumentArchived,
    Event,
    InvoiceDrafted,
    InvoiceIssued,
    Issued,
    NumberTaken,
    SellerConfigured,
    ShreddingEvent,
)
from services.invoices.domain.party_payloads import customer_from, customer_to, present, seller_from, seller_to
from services.invoices.domain.series import DocumentNumber, DocumentType
from services.invoices.domain.shredding_payloads import SHREDDING_READERS, shredding_to

Payload = Mapping[str, Any]

SCHEMAS: Mapping[str, int] = {
    "CustomerRegistered": 1,
    "SellerConfigured": 1,
    "InvoiceDrafted": 1,
    "InvoiceIssued": 1,
    "CreditNoteIssued": 1,
    "DocumentArchived": 1,
    "NumberTaken": 1,
    "ShreddingRequested": 1,
    "ShreddingApproved": 1,
    "ShreddingRejected": 1,
    "ShreddingWithdrawn": 1,
    "SubjectShredded": 1,
    "BankAccountChangeRequested": 1,
    "BankAccountChanged": 1,
    "BankAccountChangeRejected": 1,
    "BankAccountChangeWithdrawn": 1,
}
"""Every event type of this service and its present schema number."""


def to_payload(event: Event) -> dict[str, object]:
    """Write an event's content as JSON values."""
    match event:
        case CustomerRegistered(customer):
            return customer_to(customer)
        case SellerConfigured(seller):
            return seller_to(seller)
        case InvoiceDrafted():
            return _drafted_to(event)
        case NumberTaken(number, invoice_id):
            return {"series": number.series, "sequence": number.sequence, "invoice_id": invoice_id}
        case InvoiceIssued() | CreditNoteIssued() | DocumentArchived():
            return {"invoice_id": event.invoice_id} if isinstance(event, DocumentArchived) else _issued_to(event)
        case _:
            return shredding_to(event) if isinstance(event, ShreddingEvent) else account_to(event)


def from_payload(event_type: str, payload: Payload) -> Event:
    """Read what `to_payload` wrote; KeyError for a type that this service does not know."""
    return _READERS[event_type](payload)


def line_to(line: Line) -> dict[str, object]:
    """Write a line."""
    return present(
        description=line.description,
        quantity=_plain(line.quantity),
        unit_price=_plain(line.unit_price),
        vat_category=line.vat_category.value,
        vat_rate=_plain(line.vat_rate),
        item_reference=line.item_reference,
    )


def line_from(payload: Payload) -> Line:
    """Read a line."""
    return Line(
        description=payload["description"],
        quantity=Decimal(payload["quantity"]),
        unit_price=Decimal(payload["unit_price"]),
        vat_category=VatCategory(payload["vat_category"]),
        vat_rate=Decimal(payload["vat_rate"]),
        item_reference=payload.get("item_reference"),
    )


def totals_to(totals: Totals) -> dict[str, object]:
    """Write document totals."""
    return {
        "lines_net": str(totals.lines_net),
        "net": str(totals.net),
        "vat": str(totals.vat),
        "gross": str(totals.gross),
        "payable": str(totals.payable),
        "breakdown": [
            {
                "category": part.category.value,
                "rate": _plain(part.rate),
                "taxable_amount": str(part.taxable_amount),
                "tax_amount": str(part.tax_amount),
            }
            for part in totals.breakdown
        ],
    }


def totals_from(payload: Payload) -> Totals:
    """Read document totals."""
    return Totals(
        lines_net=Decimal(payload["lines_net"]),
        net=Decimal(payload["net"]),
        vat=Decimal(payload["vat"]),
        gross=Decimal(payload["gross"]),
        payable=Decimal(payload["payable"]),
        breakdown=tuple(
            VatBreakdown(
                category=VatCategory(part["category"]),
                rate=Decimal(part["rate"]),
                taxable_amount=Decimal(part["taxable_amount"]),
                tax_amount=Decimal(part["tax_amount"]),
            )
            for part in payload["breakdown"]
        ),
    )


def _drafted_to(event: InvoiceDrafted) -> dict[str, object]:
    return present(
        invoice_id=event.invoice_id,
        customer_id=event.customer_id,
        document_type=event.document_type.value,
        issue_date=event.issue_date.isoformat(),
        currency=event.currency,
        external_reference=event.external_reference,
        note=event.note,
        lines=[line_to(line) for line in event.lines],
    )


def _drafted_from(payload: Payload) -> InvoiceDrafted:
    return InvoiceDrafted(
        invoice_id=payload["invoice_id"],
        customer_id=payload["customer_id"],
        document_type=DocumentType(payload["document_type"]),
        issue_date=date.fromisoformat(payload["issue_date"]),
        currency=payload["currency"],
        external_reference=payload.get("external_reference"),
        note=payload.get("note"),
        lines=tuple(line_from(line) for line in payload["lines"]),
    )


def _issued_to(event: Issued) -> dict[str, object]:
    return {
        "invoice_id": event.invoice_id,
        "series": event.number.series,
        "sequence": event.number.sequence,
        "number": str(event.number),
        "issued_at": event.issued_at,
        "seller": seller_to(event.seller),
        "customer": customer_to(event.customer),
        "currency": event.currency,
        "totals": totals_to(event.totals),
    }


def _issued_from(kind: type[InvoiceIssued | CreditNoteIssued]) -> Callable[[Payload], Event]:
    def read(payload: Payload) -> Event:
        return kind(
            invoice_id=payload["invoice_id"],
            number=DocumentNumber(payload["series"], payload["sequence"]),
            issued_at=payload["issued_at"],
            seller=seller_from(payload["seller"]),
            customer=customer_from(payload["customer"]),
            currency=payload["currency"],
            totals=totals_from(payload["totals"]),
        )

    return read


def _number_taken_from(payload: Payload) -> NumberTaken:
    return NumberTaken(DocumentNumber(payload["series"], payload["sequence"]), payload["invoice_id"])


def _plain(value: Decimal) -> str:
    """Write a decimal without an exponent and without padding: one value, one spelling."""
    text = f"{value:f}"
    return (text.rstrip("0").rstrip(".") if "." in text else text) or "0"


_READERS: Mapping[str, Callable[[Payload], Event]] = {
    "CustomerRegistered": lambda payload: CustomerRegistered(customer_from(payload)),
    "SellerConfigured": lambda payload: SellerConfigured(seller_from(payload)),
    "InvoiceDrafted": _drafted_from,
    "InvoiceIssued": _issued_from(InvoiceIssued),
    "CreditNoteIssued": _issued_from(CreditNoteIssued),
    "DocumentArchived": lambda payload: DocumentArchived(payload["invoice_id"]),
    "NumberTaken": _number_taken_from,
    **SHREDDING_READERS,
    **ACCOUNT_READERS,
}
