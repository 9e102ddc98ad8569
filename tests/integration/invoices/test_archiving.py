"""What is issued is drawn and bound once, whoever dies on the way; and nothing that was forgotten is drawn."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from services.invoices.adapters.archivist import ArchivistRunner, NotedFailures
from services.invoices.commands.shredding import RequestShredding
from services.invoices.domain.document.issued import Document
from services.invoices.domain.document.rule import BrokenRule
from services.invoices.domain.events.reminders import ReminderWritten
from services.invoices.domain.refusals import document_breaks_rule
from services.invoices.handlers import documents
from services.invoices.handlers.archiving import archive_document
from services.invoices.handlers.shredding import request_shredding
from services.invoices.ports import Documents, Files, Press, Printed
from shared.contracts.errors import ErrorCode, PublicError
from shared.eventstore import halts
from shared.eventstore.model import RecordedEvent
from shared.kernel.clock import FixedClock, from_rfc3339
from tests.integration.invoices.trade import PRESS, Trade, command_id, everything, refused_with
from tests.stack import Database

pytestmark = pytest.mark.integration
AT_ONCE = 4


class PowerCut(Exception):
    """The process ends."""


class DyingAfterPut:
    """Documents of a process that dies as soon as one is stored."""

    def __init__(self, documents: Documents) -> None:
        self._documents = documents

    def put(self, tenant: str, subject: str, content: bytes) -> str:
        self._documents.put(tenant, subject, content)
        raise PowerCut

    def get(self, tenant: str, subject: str, digest: str) -> bytes | None:
        return self._documents.get(tenant, subject, digest)


class Interrupted:
    """The press, and what happens just before it prints."""

    def __init__(self, happens: Callable[[Document], None]) -> None:
        self._happens = happens

    def print(self, document: Document, files: Files) -> Printed:
        self._happens(document)
        return PRESS.print(document, files)

    def offer(self, document: Document, logo: bytes | None) -> bytes:
        return PRESS.offer(document, logo)

    def letter(self, written: ReminderWritten, logo: bytes | None) -> bytes:
        return PRESS.letter(written, logo)

    def broken(self, document: Document) -> Sequence[BrokenRule]:
        return PRESS.broken(document)

    def cii_in(self, pdf: bytes) -> bytes:
        return PRESS.cii_in(pdf)


@pytest.fixture
def lonely(database: Callable[[str], Database]) -> Trade:
    """A business that has the database to itself: an archivist goes through all there are."""
    trade = Trade.over(database("invoices"))
    trade.open_for_business()
    return trade


def runner(trade: Trade) -> ArchivistRunner:
    """The loop of one process."""
    return ArchivistRunner(trade.database.pool(), trade.ports, trade.database.wakeups())


def archived(trade: Trade) -> list[RecordedEvent]:
    return [event for event in trade.process().ports.log.read(trade.tenant) if event.type == "DocumentArchived"]


def drawn(trade: Trade) -> int:
    return trade.count("SELECT count(*) FROM app.documents WHERE tenant = %s")


def test_every_issued_document_is_archived_and_drafts_are_not(lonely: Trade) -> None:
    customer = lonely.customer()
    issued = [lonely.issued(customer).invoice_id for _ in range(3)]
    lonely.draft(customer)
    runner(lonely).run_once()
    assert [event.stream for event in archived(lonely)] == [f"invoice-{each}" for each in issued]
    assert all(event.by is not None and event.by.kind == "service" for event in archived(lonely))


def test_an_archivist_that_starts_over_binds_nothing_twice(lonely: Trade) -> None:
    lonely.issued(lonely.customer())
    runner(lonely).run_once()
    with lonely.database.connect_as_admin() as admin:  # as after a restore: followers begin at the beginning
        for copy in (b"read_a", b"read_b"):
            admin.execute(b"DELETE FROM " + copy + b".projection_checkpoints WHERE projection = 'archivist'")
    runner(lonely).run_once()
    assert (len(archived(lonely)), drawn(lonely)) == (1, 2)


def test_a_process_that_dies_after_storing_a_document_has_bound_nothing_and_another_one_does(trade: Trade) -> None:
    invoice_id = trade.issued(trade.customer()).invoice_id
    dying = trade.process()
    dying = replace(dying, ports=replace(dying.ports, documents=DyingAfterPut(dying.ports.documents)))
    with pytest.raises(PowerCut):
        dying.archive(invoice_id)
    assert (len(archived(trade)), drawn(trade)) == (0, 1)
    with refused_with(ErrorCode.DOCUMENT_PENDING):
        trade.document(invoice_id)
    trade.archive(invoice_id)
    assert (len(archived(trade)), drawn(trade)) == (1, 2), "made again, each form is the same"


def test_of_several_processes_that_archive_at_once_one_does(trade: Trade) -> None:
    invoice_id = trade.issued(trade.customer()).invoice_id
    processes = [trade.process() for _ in range(AT_ONCE)]
    with ThreadPoolExecutor(AT_ONCE) as threads:
        list(threads.map(lambda process: process.archive(invoice_id), processes))
    assert (len(archived(trade)), drawn(trade)) == (1, 2)


def test_nothing_is_drawn_of_a_draft(trade: Trade) -> None:
    trade.archive(trade.draft(trade.customer()).invoice_id)
    assert (archived(trade), drawn(trade)) == ([], 0)


def forget(trade: Trade, customer: str) -> None:
    """Long after every retention period."""
    later = replace(trade.ports, clock=FixedClock(from_rfc3339("2099-01-01T00:00:00.000000Z")))
    asked = RequestShredding(customer, "erasure_request")
    request_shredding(later, asked, tenant=trade.tenant, command_id=command_id())


def test_nothing_is_drawn_of_a_customer_who_was_forgotten(trade: Trade) -> None:
    customer = trade.customer()
    invoice_id = trade.issued(customer).invoice_id
    forget(trade, customer)
    trade.archive(invoice_id)
    trade.process().archive(invoice_id)
    assert (archived(trade), drawn(trade)) == ([], 0)


def test_who_is_forgotten_while_the_document_is_drawn_gets_none(trade: Trade) -> None:
    customer = trade.customer()
    invoice_id = trade.issued(customer).invoice_id

    slow = trade.process(Interrupted(lambda _: forget(trade, customer)))
    archive_document(slow.ports, trade.tenant, invoice_id)
    assert archived(trade) == []


def failing_on(number: str) -> Press:
    def fail(document: Document) -> None:
        if document.number == number:
            raise ValueError("cannot be drawn")

    return Interrupted(fail)


def test_what_cannot_be_drawn_is_passed_over_visibly_and_drawn_when_it_can_be(lonely: Trade) -> None:
    customer = lonely.customer()
    issued = [lonely.issued(customer) for _ in range(3)]
    failed = issued[1]
    faulty = runner(lonely.process(failing_on("INV-000002")))
    faulty.run_once()
    assert [event.stream for event in archived(lonely)] == [f"invoice-{issued[n].invoice_id}" for n in (0, 2)]
    pool = lonely.database.pool()
    (halted,) = halts.halted(pool)
    assert (halted.projection, halted.position) == (f"document {failed.position}", failed.position)
    assert (halted.kind, halted.attempts) == ("ValueError", 1)

    runner(lonely).run_once()
    assert len(archived(lonely)) == 2, "not before its time"
    faulty.begin()
    faulty.run_once()
    assert [halt.attempts for halt in halts.halted(pool)] == [2]

    repaired = runner(lonely)
    repaired.begin()  # as at the start of a program that can
    repaired.run_once()
    assert (len(archived(lonely)), halts.halted(pool)) == (3, [])


def test_who_asks_for_a_document_that_failed_is_told_so(lonely: Trade) -> None:
    customer = lonely.customer()
    first, second = lonely.issued(customer), lonely.issued(customer)
    runner(lonely.process(failing_on("INV-000001"))).run_once()
    asking = replace(lonely, ports=replace(lonely.ports, failures=NotedFailures(lonely.database.pool())))
    with pytest.raises(PublicError) as refused:
        asking.document(first.invoice_id)
    assert refused.value.code is ErrorCode.DOCUMENT_PENDING
    assert refused.value.details["failed"] == "ValueError"
    assert asking.document(second.invoice_id).digest
    waiting = lonely.issued(customer)
    with pytest.raises(PublicError) as pending:
        asking.document(waiting.invoice_id)
    assert (pending.value.code, pending.value.details) == (ErrorCode.DOCUMENT_PENDING, {})


def test_what_failed_of_a_customer_who_is_forgotten_is_tried_no_more(lonely: Trade) -> None:
    customer = lonely.customer()
    lonely.issued(customer)
    faulty = runner(lonely.process(failing_on("INV-000001")))
    faulty.run_once()
    forget(lonely, customer)
    faulty.begin()
    faulty.run_once()
    assert halts.halted(lonely.database.pool()) == []


def test_what_is_wrong_with_more_than_a_document_halts_the_archivist_before_it(lonely: Trade) -> None:
    lonely.issued(lonely.customer())

    def disk_full(_: Document) -> None:
        raise OSError(28, "No space left on device")

    runner(lonely.process(Interrupted(disk_full))).run_once()
    (halted,) = halts.halted(lonely.database.pool())
    assert (halted.projection, halted.kind) == ("archivist", "OSError")
    again = runner(lonely)
    again.begin()
    again.run_once()
    assert (len(archived(lonely)), halts.halted(lonely.database.pool())) == (1, [])


def test_what_breaks_a_rule_is_neither_issued_nor_archived(lonely: Trade) -> None:
    foreign = lonely.customer("Odd Ltd", vat_id="ZZ123456789")
    invoice_id = lonely.draft(foreign).invoice_id
    found = documents.check_invoice(lonely.ports, tenant=lonely.tenant, invoice_id=invoice_id, allow=everything)
    assert [rule.id for rule in found] == ["BR-CO-09"]
    with refused_with(ErrorCode.DOCUMENT_BREAKS_RULE):
        lonely.issue(invoice_id)
    assert lonely.series() == []

    # Even if it had a number: a press that finds a rule broken has nothing archived, visibly.
    issued = lonely.issued(lonely.customer())

    def break_a_rule(_: Document) -> None:
        raise document_breaks_rule(found)

    runner(lonely.process(Interrupted(break_a_rule))).run_once()
    assert archived(lonely) == []
    assert [halt.kind for halt in halts.halted(lonely.database.pool())] == ["document_breaks_rule BR-CO-09"]
    with refused_with(ErrorCode.DOCUMENT_PENDING):
        lonely.document(issued.invoice_id)
