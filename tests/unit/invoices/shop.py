"""A business that drafts, issues and credits over a log in memory: everything real but the database and the bus."""

import os
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from services.invoices.adapters.recogniser import ByBytes
from services.invoices.codec import SCHEMAS
from services.invoices.commands.customers import ChangeCustomer, RegisterCustomer
from services.invoices.commands.documents import (
    ChangeDraft,
    CreditInvoice,
    DiscardDraft,
    DraftInvoice,
    DuplicateInvoice,
    IssueInvoice,
    ReplaceInvoice,
)
from services.invoices.commands.sellers import ConfigureSeller
from services.invoices.domain.crediting import CreditedLine
from services.invoices.domain.document.content import Content
from services.invoices.domain.document.issued import Document
from services.invoices.domain.document.parties import Seller
from services.invoices.domain.document.rule import BrokenRule
from services.invoices.domain.events.reminders import ReminderWritten
from services.invoices.domain.invoice import Invoice
from services.invoices.handlers import crediting, customers, drafts, issuing, sellers
from services.invoices.history import invoice_stream, load_invoice
from services.invoices.ports import Files, Ports, Printed
from services.invoices.replies import Changed, Discarded, Drafted, Numbered, Registered, Replaced
from shared.contracts.decision import Facts
from shared.eventstore.log import TenantLog
from shared.eventstore.memory import InMemoryEventStore
from shared.eventstore.model import Author, CommandId, RecordedEvent
from shared.eventstore.registry import EventRegistry
from shared.kernel.clock import FixedClock
from shared.kernel.ids import new_id
from tests.keyrings import keyring_over
from tests.unit.invoices.samples import CUSTOMER, SELLER

TODAY = datetime(2026, 11, 22, 9, tzinfo=UTC)
_ADA = Author("person", new_id(), ("pwd", "otp"), new_id(), "adas-laptop")


class _NoDocuments:
    """Nothing is drawn here."""

    def put(self, tenant: str, subject: str, content: bytes) -> str:
        raise NotImplementedError

    def get(self, tenant: str, subject: str, digest: str) -> bytes | None:
        raise NotImplementedError


class _NoPress:
    """Nothing is printed, and no official rule broken."""

    def print(self, document: Document, files: Files) -> Printed:
        raise NotImplementedError

    def offer(self, document: Document, logo: bytes | None) -> bytes:
        raise NotImplementedError

    def letter(self, written: ReminderWritten, logo: bytes | None) -> bytes:
        raise NotImplementedError

    def broken(self, document: Document) -> Sequence[BrokenRule]:  # noqa: ARG002 -- the port's signature
        return ()

    def cii_in(self, pdf: bytes) -> bytes:
        raise NotImplementedError


def everything(_: Facts) -> None:
    """Judge for somebody whose grants have no conditions."""


def command_id() -> CommandId:
    return CommandId(new_id(), os.urandom(32), _ADA)


class Shop:
    """One business with a customer."""

    def __init__(self) -> None:
        clock, keyring = FixedClock(TODAY), keyring_over()
        log = TenantLog(InMemoryEventStore(), keyring, EventRegistry(SCHEMAS), clock)
        self.ports = Ports(log, keyring, clock, _NoPress(), _NoDocuments(), ByBytes())
        self.tenant = new_id()
        keyring.create_tenant(self.tenant)
        self.configure(SELLER)
        self.customer = self.register()

    def configure(self, seller: Seller) -> None:
        """Say who issues."""
        asked = ConfigureSeller(seller)
        sellers.configure_seller(
            self.ports, asked, tenant=self.tenant, command_id=command_id(), require_step_up=lambda: None
        )

    def register(self) -> str:
        """Register a customer and return the id."""
        asked = RegisterCustomer(CUSTOMER.name, CUSTOMER.email, CUSTOMER.address)
        return customers.register_customer(self.ports, asked, **self._call()).customer_id

    def change_customer(
        self,
        version: int,
        command: CommandId | None = None,
        require_step_up: Callable[[], None] = lambda: None,
        **changes: Any,  # noqa: ANN401 -- as the command's
    ) -> Registered:
        """Describe the customer otherwise."""
        particulars = RegisterCustomer(CUSTOMER.name, CUSTOMER.email, CUSTOMER.address)
        asked = ChangeCustomer(self.customer, version, replace(particulars, **changes))
        return customers.change_customer(self.ports, asked, require_step_up=require_step_up, **self._call(command))

    def draft(self, content: Content, command: CommandId | None = None) -> Drafted:
        return drafts.draft_invoice(self.ports, DraftInvoice(content), **self._call(command))

    def change(self, invoice_id: str, version: int, content: Content, command: CommandId | None = None) -> Changed:
        asked = ChangeDraft(invoice_id, version, content)
        return drafts.change_draft(self.ports, asked, **self._call(command))

    def discard(self, invoice_id: str, version: int | None = None) -> Discarded:
        return drafts.discard_draft(self.ports, DiscardDraft(invoice_id, version), **self._call())

    def duplicate(self, invoice_id: str) -> Drafted:
        return drafts.duplicate_invoice(self.ports, DuplicateInvoice(invoice_id), **self._call())

    def issue(self, invoice_id: str, version: int | None = None) -> Numbered:
        return issuing.issue_invoice(self.ports, IssueInvoice(invoice_id, version), **self._call())

    def credit(self, invoice_id: str, *lines: CreditedLine, version: int | None = None) -> Drafted:
        asked = CreditInvoice(invoice_id, lines or None, version)
        return crediting.credit_invoice(self.ports, asked, **self._call())

    def replace(self, invoice_id: str) -> Replaced:
        return crediting.replace_invoice(self.ports, ReplaceInvoice(invoice_id), **self._call())

    def found(self, invoice_id: str) -> Invoice:
        """The document as its events left it."""
        invoice, _ = load_invoice(self.ports.log, self.tenant, invoice_id)
        assert invoice is not None
        return invoice

    def version(self, invoice_id: str) -> int:
        return self.ports.log.version(self.tenant, invoice_stream(invoice_id))

    def log(self) -> list[RecordedEvent]:
        """All that happened."""
        return list(self.ports.log.read(self.tenant))

    def _call(self, command: CommandId | None = None) -> dict[str, Any]:
        return {"tenant": self.tenant, "command_id": command or command_id(), "allow": everything}
