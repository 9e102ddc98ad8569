"""Numbers are gapless and never used twice, whoever issues at the same time and whatever fails on the way."""

import random
from concurrent.futures import ThreadPoolExecutor

import pytest

from services.invoices.adapters import pdf
from services.invoices.domain.events import InvoiceDrafted, Issued
from services.invoices.domain.series import DocumentType
from services.invoices.ports import Renderer
from shared.contracts.errors import ErrorCode, PublicError
from shared.eventstore.store import VersionConflict
from shared.kernel.ids import new_id
from tests.integration.invoices.trade import Trade, command_id, line, refused_with

pytestmark = pytest.mark.integration
ISSUERS = 8


class Failure(Exception):
    """What goes wrong between the decision and the append."""


def failing_now_and_then(seed: int) -> Renderer:
    """A renderer that dies on a third of the documents, with their number decided on."""
    dice = random.Random(seed)  # noqa: S311 -- which documents fail is no secret

    def render(draft: InvoiceDrafted, issued: Issued) -> bytes:
        if dice.random() < 1 / 3:
            raise Failure
        return pdf.render(draft, issued)

    return render


def issue_all(trade: Trade, invoice_ids: list[str]) -> list[str]:
    """Issue them one by one, each again until it worked."""
    numbers = []
    waiting = list(invoice_ids)
    while waiting:
        try:
            numbers.append(trade.issue(waiting[0]).number)
        except (Failure, VersionConflict):
            continue
        waiting.pop(0)
    return numbers


def test_invoices_and_credit_notes_count_from_one_each_in_their_own_series(trade: Trade) -> None:
    customer = trade.customer()
    kinds = [DocumentType.INVOICE, DocumentType.CREDIT_NOTE, DocumentType.INVOICE]
    numbers = [trade.issued(customer, document_type=kind).number for kind in kinds]
    assert numbers == ["INV-000001", "CN-000001", "INV-000002"]


def test_every_business_has_a_series_of_its_own(trade: Trade) -> None:
    other = trade.process()
    other.tenant = new_id()
    other.open_for_business()
    assert trade.issued(trade.customer()).number == other.issued(other.customer()).number == "INV-000001"


def test_eight_issuers_with_failures_leave_no_gap_and_use_no_number_twice(trade: Trade) -> None:
    customer = trade.customer()
    each = 3
    drafts = [[trade.draft(customer).invoice_id for _ in range(each)] for _ in range(ISSUERS)]
    processes = [trade.process(failing_now_and_then(seed)) for seed in range(ISSUERS)]
    with ThreadPoolExecutor(ISSUERS) as threads:
        numbers = [number for taken in threads.map(issue_all, processes, drafts) for number in taken]
    everything = range(1, ISSUERS * each + 1)
    assert sorted(numbers) == [f"INV-{sequence:06d}" for sequence in everything]
    assert trade.series() == list(everything)


def test_two_who_issue_the_same_draft_at_once_give_it_one_number(trade: Trade) -> None:
    invoice_id = trade.draft(trade.customer()).invoice_id

    def attempt(process: Trade) -> str:
        try:
            return process.issue(invoice_id).number
        except PublicError as refusal:
            return refusal.code

    with ThreadPoolExecutor(ISSUERS) as threads:
        answers = list(threads.map(attempt, [trade.process() for _ in range(ISSUERS)]))
    assert sorted(answers) == ["INV-000001", *[ErrorCode.INVOICE_ALREADY_ISSUED] * (ISSUERS - 1)]
    assert trade.series() == [1]


def test_what_fails_after_its_document_was_stored_leaves_an_orphan_and_no_number(trade: Trade) -> None:
    customer = trade.customer()
    first, second = (trade.draft(customer, line(quantity)).invoice_id for quantity in "12")
    hasty = trade.process()

    def overtaken(draft: InvoiceDrafted, issued: Issued) -> bytes:
        if trade.series() == []:
            hasty.issue(second)  # takes the number that this document is drawn with
        return pdf.render(draft, issued)

    assert trade.process(overtaken).issue(first).number == "INV-000002"
    assert trade.series() == [1, 2]
    documents = trade.count("SELECT count(*) FROM app.documents WHERE tenant = %s")
    assert documents == 3  # two that were issued, one that was drawn for the number that was gone


def test_issuing_twice_is_refused(trade: Trade) -> None:
    invoice_id = trade.draft(trade.customer()).invoice_id
    trade.issue(invoice_id)
    with refused_with(ErrorCode.INVOICE_ALREADY_ISSUED):
        trade.issue(invoice_id)
    assert trade.series() == [1]


def test_a_retried_command_gets_the_first_answer_and_takes_no_second_number(trade: Trade) -> None:
    invoice_id = trade.draft(trade.customer()).invoice_id
    command = command_id()
    first = trade.issue(invoice_id, command)
    assert trade.process().issue(invoice_id, command) == first
    assert trade.series() == [1]


def test_a_command_that_is_sent_eight_times_at_once_is_carried_out_once(trade: Trade) -> None:
    invoice_id, command = trade.draft(trade.customer()).invoice_id, command_id()
    processes = [trade.process() for _ in range(ISSUERS)]
    with ThreadPoolExecutor(ISSUERS) as threads:
        answers = set(threads.map(lambda process: process.issue(invoice_id, command), processes))
    assert [answer.number for answer in answers] == ["INV-000001"]


def test_an_unknown_invoice_is_refused(trade: Trade) -> None:
    with refused_with(ErrorCode.INVOICE_UNKNOWN):
        trade.issue(new_id())


def test_another_business_cannot_issue_the_invoice(trade: Trade) -> None:
    invoice_id = trade.draft(trade.customer()).invoice_id
    other = trade.process()
    other.tenant = new_id()
    other.open_for_business()
    with refused_with(ErrorCode.INVOICE_UNKNOWN):
        other.issue(invoice_id)


def test_nobody_issues_before_saying_who_they_are(stranger: Trade) -> None:
    invoice_id = stranger.draft(stranger.customer()).invoice_id
    with refused_with(ErrorCode.SELLER_MISSING):
        stranger.issue(invoice_id)
    assert stranger.series() == []
