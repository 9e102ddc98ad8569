"""What can happen, by topic. Each event stands alone: a reader needs no other source."""

from services.invoices.domain.events.attachments import AttachmentUploaded
from services.invoices.domain.events.claims import ClaimEvent
from services.invoices.domain.events.customers import CustomerChanged, CustomerRedirected, CustomerRegistered
from services.invoices.domain.events.documents import (
    CreditNoteIssued,
    DocumentArchived,
    DraftChanged,
    DraftDiscarded,
    InvoiceCredited,
    InvoiceDrafted,
    InvoiceIssued,
    Issued,
    XmlArchived,
)
from services.invoices.domain.events.items import ItemChanged, ItemEvent, ItemRegistered, ItemRetired
from services.invoices.domain.events.logo import LogoEvent, LogoRemoved, LogoSet
from services.invoices.domain.events.payments import CreditNoteRefunded, PaymentEvent, ReceivableEvent
from services.invoices.domain.events.plans import (
    PlanEnded,
    PlanEvent,
    PlanFulfilled,
    PlanMade,
    PlanPaused,
    PlanResumed,
)
from services.invoices.domain.events.quotes import QuoteArchived, QuoteEvent
from services.invoices.domain.events.reminders import ReminderArchived, ReminderEvent
from services.invoices.domain.events.sellers import (
    AccountEvent,
    BankAccountChanged,
    BankAccountChangeRejected,
    BankAccountChangeRequested,
    BankAccountChangeWithdrawn,
    SellerConfigured,
)
from services.invoices.domain.events.series import NumberTaken, SeriesConfigured
from services.invoices.domain.events.shredding import (
    ShreddingApproved,
    ShreddingEvent,
    ShreddingRejected,
    ShreddingRequested,
    ShreddingWithdrawn,
    SubjectShredded,
)

__all__ = [
    "AccountEvent",
    "AttachmentUploaded",
    "BankAccountChangeRejected",
    "BankAccountChangeRequested",
    "BankAccountChangeWithdrawn",
    "BankAccountChanged",
    "ClaimEvent",
    "CreditNoteIssued",
    "CreditNoteRefunded",
    "CustomerChanged",
    "CustomerRedirected",
    "CustomerRegistered",
    "DocumentArchived",
    "DraftChanged",
    "DraftDiscarded",
    "Event",
    "InvoiceCredited",
    "InvoiceDrafted",
    "InvoiceIssued",
    "Issued",
    "ItemChanged",
    "ItemEvent",
    "ItemRegistered",
    "ItemRetired",
    "LogoEvent",
    "LogoRemoved",
    "LogoSet",
    "NumberTaken",
    "PaymentEvent",
    "PlanEnded",
    "PlanEvent",
    "PlanFulfilled",
    "PlanMade",
    "PlanPaused",
    "PlanResumed",
    "QuoteArchived",
    "QuoteEvent",
    "ReceivableEvent",
    "ReminderArchived",
    "ReminderEvent",
    "SellerConfigured",
    "SeriesConfigured",
    "ShreddingApproved",
    "ShreddingEvent",
    "ShreddingRejected",
    "ShreddingRequested",
    "ShreddingWithdrawn",
    "SubjectShredded",
    "XmlArchived",
]

Event = (
    CustomerRegistered
    | CustomerChanged
    | CustomerRedirected
    | SellerConfigured
    | InvoiceDrafted
    | DraftChanged
    | DraftDiscarded
    | InvoiceIssued
    | CreditNoteIssued
    | XmlArchived
    | DocumentArchived
    | InvoiceCredited
    | NumberTaken
    | SeriesConfigured
    | ItemEvent
    | ShreddingEvent
    | AccountEvent
    | AttachmentUploaded
    | LogoEvent
    | PaymentEvent
    | PlanEvent
    | QuoteEvent
    | ReceivableEvent
    | CreditNoteRefunded
    | ClaimEvent
    | ReminderEvent
)
