"""Numbers are gapless and never used twice, whoever issues at the same time and whatever fails on the way."""

import random
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest

from services.invoices.domain.document.content import DocumentType
from shared.contracts.errors import ErrorCode, PublicError
from shared.eventstore.log import Seen, TenantLog
from shared.eventstore.model import RecordedEvent
from shared.eventstore.store import VersionConflict
from shared.kernel.ids import new_id
from tests.integration.invoices.trade import Trade, command_id, refused_with

pytestmark = pytest.mark.integration
ISSUERS = 8


class Failure(Exception):
    """What goes wrong with an append."""


class FailingNowAndThen:
    """A log that dies at a third of the appends, with their number decided on: before they are made, or after."""

    def __init__(self, log: TenantLog, seed: int) -> None:
        self._log = log
        self._dice = random.Random(seed)  # noqa: S311 -- which appends fail is no secret

    def append(self, *arguments: Any, **options: Any) -> list[RecordedEvent]:  # noqa: ANN401 -- whatever it is given
        fate = self._dice.random()
        if fate < 1 / 6:
            raise Failure
        done = self._log.append(*arguments, **options)
        if fate > 5 / 6:
            raise Failure  # the answer is lost
        return done

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 -- everything else is the log's
        return getattr(self._log, name)


def failing(trade: Trade, seed: int) -> Trade:
    """A process of the same business whose appends fail now and then."""
    process = trade.process()
    log: Any = FailingNowAndThen(process.ports.log, seed)
    return replace(process, ports=replace(process.ports, log=log))


def issue_all(trade: Trade, invoice_ids: list[str]) -> list[str]:
    """Issue them one by one, each again, by the same command, until there is an answer."""
    numbers = []
    waiting = [(invoice_id, command_id()) for invoice_id in invoice_ids]
    while waiting:
        try:
            numbers.append(trade.issue(*waiting[0]).number)
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
    processes = [failing(trade, seed) for seed in range(ISSUERS)]
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


def test_a_process_that_remembers_what_it_needs_does_not_look_and_another_one_looks_twice(
    trade: Trade, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks: list[list[str]] = []
    look = TenantLog.look

    def counted(log: TenantLog, tenant: str, streams: list[str], *arguments: Any) -> Seen:  # noqa: ANN401 -- as `look`
        looks.append(streams)
        return look(log, tenant, streams, *arguments)

    monkeypatch.setattr(TenantLog, "look", counted)
    customer = trade.customer()
    numbers, counts = [], []
    # The first number of all: nobody knows the series yet. The last: another process took the one that was remembered.
    for process in (trade, trade, trade.process(), trade):
        drafted = trade.draft(customer)
        looks.clear()
        numbers.append(process.issue(drafted.invoice_id).number)
        counts.append(len(looks))
    assert numbers == [f"INV-{place:06}" for place in (1, 2, 3, 4)]
    assert counts == [2, 0, 2, 2]
