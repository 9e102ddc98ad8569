"""invoices over a real database, without the bus: a business that has customers, drafts and issues."""

import os
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from threading import Lock
from typing import Any

import pytest
from psycopg import sql

from services.invoices.adapters.documents import PostgresDocuments
from services.invoices.adapters.press import OfficialPress
from services.invoices.adapters.recogniser import ByBytes
from services.invoices.adapters.shredder import Shredder
from services.invoices.adapters.xml.rules_process import RulesProcess
from services.invoices.codec import SCHEMAS
from services.invoices.commands.customers import RegisterCustomer
from services.invoices.commands.documents import DraftInvoice, IssueInvoice
from services.invoices.commands.numbering import ConfigureSeries
from services.invoices.commands.sellers import ApproveBankAccountChange, ConfigureSeller, RequestBankAccountChange
from services.invoices.domain.document.content import Content, DocumentType
from services.invoices.domain.document.issued import Document as Issuable
from services.invoices.domain.document.issued import Form
from services.invoices.domain.document.lines import Line
from services.invoices.domain.document.parties import Address, Seller
from services.invoices.domain.document.rule import BrokenRule
from services.invoices.domain.document.vat import VatCategory
from services.invoices.domain.events.reminders import ReminderWritten
from services.invoices.domain.series import Counter, Series, series_stream
from services.invoices.handlers import customers, documents, drafts, issuing, numbering, sellers
from services.invoices.handlers.archiving import archive_document
from services.invoices.mailed import Document
from services.invoices.ports import Files, Ports, Press, Printed
from services.invoices.read_models.cells import Cells
from services.invoices.read_models.filters import ANY, Wanted
from services.invoices.read_models.invoices import NAME, InvoicesProjection
from services.invoices.read_models.lists import list_invoices
from services.invoices.read_models.queries import Queries
from services.invoices.read_models.register_queries import RegisterQueries
from services.invoices.read_models.search import SearchIndex
from services.invoices.replies import Drafted, Numbered
from services.invoices.turns import Turns
from shared.contracts.conditions import ALWAYS
from shared.contracts.decision import Facts, Scopes
from shared.contracts.errors import ErrorCode, PublicError
from shared.contracts.four_eyes import Approvable, digest_of
from shared.crypto.kek import MemoryKek
from shared.crypto.keyring import Keyring
from shared.crypto.rotation import KeyRotation
from shared.eventstore.log import TenantLog
from shared.eventstore.model import Author, CommandId
from shared.eventstore.postgres import PostgresEventStore
from shared.eventstore.postgres_keys import PostgresKeyStore
from shared.eventstore.projection import ProjectionRunner
from shared.eventstore.registry import EventRegistry
from shared.kernel.clock import SystemClock
from shared.kernel.ids import new_id
from tests.stack import Database

SELLER = Seller(
    name="Fahrradteile Nord GmbH",
    vat_id="DE123456789",
    address=Address("Speicherstraße 4", "Hamburg", "20457", "DE"),
    email="rechnung@fahrradteile-nord.example",
    iban="DE02120300000000202051",
)
ADDRESS = Address("Oudegracht 218", "Utrecht", "3511 NP", "NL")


class TakingTurns:
    """The real press, for tests with threads; its process ends with this one."""

    def __init__(self) -> None:
        self._press, self._turn = OfficialPress(RulesProcess()), Lock()

    def print(self, document: Issuable, files: Files) -> Printed:
        with self._turn:
            return self._press.print(document, files)

    def offer(self, document: Issuable, logo: bytes | None) -> bytes:
        with self._turn:
            return self._press.offer(document, logo)

    def letter(self, written: ReminderWritten, logo: bytes | None) -> bytes:
        with self._turn:
            return self._press.letter(written, logo)

    def broken(self, document: Issuable) -> Sequence[BrokenRule]:
        with self._turn:
            return self._press.broken(document)

    def cii_in(self, pdf: bytes) -> bytes:
        return self._press.cii_in(pdf)


_CLOCK = SystemClock()
ADA = Author("person", new_id(), ("pwd", "otp"), new_id(), "adas-laptop")
BOB = Author("person", new_id(), ("pwd", "otp"), new_id(), "bobs-laptop")
PRESS = TakingTurns()
# One key for all tests, because they share a database; each has tenants of its own.
KEK_BYTES = os.urandom(32)
KEK = MemoryKek.of(KEK_BYTES)


def refused_with(code: ErrorCode) -> "pytest.RaisesExc[PublicError]":
    return pytest.RaisesExc(PublicError, check=lambda error: error.code is code)


ALL = Scopes("", (ALWAYS,))
"""What somebody may see whose grants have no conditions."""


def everything(_: Facts) -> None:
    """Judge for somebody whose grants have no conditions."""


def command_id(by: Author = ADA) -> CommandId:
    return CommandId(new_id(), os.urandom(32), by)


def line(quantity: str = "2", price: str = "9.75", description: str = "Brass bell, two-tone") -> Line:
    return Line(description, Decimal(quantity), Decimal(price), VatCategory.STANDARD, Decimal(19))


@dataclass
class Trade:
    """One tenant in one process; `process()` gives another process over the same database."""

    ports: Ports
    queries: Queries
    runner: ProjectionRunner
    projection: InvoicesProjection
    database: Database
    tenant: str = field(default_factory=new_id)

    @classmethod
    def over(cls, database: Database) -> "Trade":
        pool = database.pool()
        keyring = Keyring(KEK, PostgresKeyStore(pool), _CLOCK)
        log = TenantLog(PostgresEventStore(pool), keyring, EventRegistry(SCHEMAS), _CLOCK)
        projection = InvoicesProjection(Cells(keyring), SearchIndex(keyring))
        runner = ProjectionRunner(pool, log, [projection, Shredder(keyring)], database.wakeups())
        ports = Ports(log, keyring, _CLOCK, PRESS, PostgresDocuments(pool, keyring), ByBytes())
        return cls(ports, Queries(pool, Cells(keyring), SearchIndex(keyring), runner), runner, projection, database)

    def process(self, press: Press | None = None) -> "Trade":
        """The same tenant in another process: connections and turns of its own, nothing shared but the database."""
        other = Trade.over(self.database)
        ports = replace(other.ports, turns=Turns(), press=press or other.ports.press)
        return replace(other, tenant=self.tenant, ports=ports)

    def configure(self, seller: Seller = SELLER, command: CommandId | None = None) -> int:
        """Say who issues, having proved a factor."""
        return sellers.configure_seller(
            self.ports,
            ConfigureSeller(seller),
            tenant=self.tenant,
            command_id=command or command_id(),
            require_step_up=lambda: None,
        )

    def waiting(self) -> Approvable:
        """The account change that waits for a second person."""
        waiting = sellers.waiting_change(self.ports, tenant=self.tenant)
        assert waiting is not None
        return waiting

    def request_account(self, iban: str, by: Author = ADA) -> Approvable:
        """Ask for another account; return what a second person is shown."""
        command = RequestBankAccountChange(iban)
        sellers.request_bank_account_change(self.ports, command, tenant=self.tenant, command_id=command_id(by))
        return self.waiting()

    def approve_account(self, waiting: Approvable, by: Author = BOB, **changes: Any) -> int:  # noqa: ANN401 -- as the command's
        """Agree to what was shown."""
        command = replace(ApproveBankAccountChange(waiting.request_id, digest_of(waiting.shown)), **changes)
        return sellers.approve_bank_account_change(self.ports, command, tenant=self.tenant, command_id=command_id(by))

    def open_for_business(self) -> None:
        self.configure()

    def customer(self, name: str = "Hof van Fietsen B.V.", **particulars: Any) -> str:  # noqa: ANN401 -- as the command's
        command = RegisterCustomer(name, "administratie@hofvanfietsen.example", ADDRESS)
        return customers.register_customer(
            self.ports, replace(command, **particulars), tenant=self.tenant, command_id=command_id(), allow=everything
        ).customer_id

    def draft(self, customer_id: str, *lines: Line, **changes: Any) -> Drafted:  # noqa: ANN401 -- as the command's
        content = Content(DocumentType.INVOICE, customer_id, date(2026, 6, 2), "EUR", lines or (line(),))
        command = DraftInvoice(replace(content, **changes))
        return drafts.draft_invoice(self.ports, command, tenant=self.tenant, command_id=command_id(), allow=everything)

    def issue(self, invoice_id: str, command: CommandId | None = None) -> Numbered:
        return issuing.issue_invoice(
            self.ports,
            IssueInvoice(invoice_id),
            tenant=self.tenant,
            command_id=command or command_id(),
            allow=everything,
        )

    def issued(self, customer_id: str, *lines: Line, **changes: Any) -> Numbered:  # noqa: ANN401 -- as the command's
        return self.issue(self.draft(customer_id, *lines, **changes).invoice_id)

    def archive(self, invoice_id: str) -> None:
        """Draw the document now, as the archivist does in its own time."""
        archive_document(self.ports, self.tenant, invoice_id)

    def document(self, invoice_id: str, form: Form = Form.PDF) -> Document:
        """The document of what was archived."""
        return documents.get_document(
            self.ports, tenant=self.tenant, invoice_id=invoice_id, allow=everything, form=form
        )

    def sent(self, customer_id: str, *lines: Line, **changes: Any) -> Document:  # noqa: ANN401 -- as the command's
        """Draft, issue and archive."""
        issued = self.issued(customer_id, *lines, **changes)
        self.archive(issued.invoice_id)
        return self.document(issued.invoice_id)

    def rotate(self, subject: str) -> None:
        """Give the subject a new DEK."""
        KeyRotation(KEK, PostgresKeyStore(self.database.pool()), _CLOCK).rotate_dek(self.tenant, subject)
        self.ports.keyring.forget(self.tenant)

    def series(self, name: str = "INV", year: int | None = None) -> list[int]:
        """The numbers taken, in the order of the log."""
        events = self.ports.log.load(self.tenant, series_stream(self.tenant, Counter(name, year)))
        return [int(str(event.payload["sequence"])) for event in events]

    def configure_series(self, name: str, pattern: str, **changes: Any) -> int:  # noqa: ANN401 -- as the series'
        """Say how documents are numbered."""
        command = ConfigureSeries(Series(name, pattern, **changes))
        return numbering.configure_series(
            self.ports, command, tenant=self.tenant, command_id=command_id(), require_step_up=lambda: None
        )

    def register(
        self, name: str = "INV", year: int | None = None, *, page_after: int = 0, limit: int = 500
    ) -> dict[str, Any]:
        """A page of a register."""
        self.runner.run_once()
        pages = RegisterQueries(self.queries.pool, self.queries.cells, self.runner)
        counter = Counter(name, year)
        return numbering.number_register(
            self.ports, pages, counter, tenant=self.tenant, page_after=page_after, limit=limit
        )

    def listed(self, wanted: Wanted = ANY, scopes: Scopes = ALL, **more: Any) -> dict[str, Any]:  # noqa: ANN401 -- as the list's
        """A page of the list of documents."""
        return list_invoices(
            self.queries, self.tenant, wanted, scopes, **{"day": date(2026, 6, 20), "limit": 50, **more}
        )

    def count(self, query: str) -> int:
        """Count rows of this tenant."""
        with self.database.connect_as_admin() as admin:
            row = admin.execute(query.encode(), (self.tenant,)).fetchone()
        assert row is not None
        return int(row[0])


def rows_of(database: Database, table: str) -> list[tuple[object, ...]]:
    """Every row of a live read model as it lies there, bytes and all."""
    copy = database.live_copy(NAME)
    query = sql.SQL("SELECT * FROM {} t ORDER BY t").format(sql.Identifier(copy, table))
    with database.connect_as_admin() as admin:
        return admin.execute(query).fetchall()
