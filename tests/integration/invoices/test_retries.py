"""A command that comes again gets its first answer, whatever happened in between, and is carried out once."""

import os
from collections.abc import Callable, Collection
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date

import pytest

from services.invoices.commands.customers import RegisterCustomer
from services.invoices.commands.documents import DraftInvoice, IssueInvoice
from services.invoices.domain.document.content import Content, DocumentType
from services.invoices.handlers import customers, drafts, issuing
from shared.eventstore.log import Seen
from shared.eventstore.model import CommandId
from shared.eventstore.store import IdempotencyConflict
from shared.kernel.ids import new_id
from tests.integration.invoices.trade import ADDRESS, SELLER, Trade, command_id, everything, line

pytestmark = pytest.mark.integration
AT_ONCE = 6
Order = Callable[[Trade, CommandId], object]


def configure(trade: Trade, command: CommandId) -> object:
    return trade.configure(command=command)


def register(trade: Trade, command: CommandId) -> object:
    asked = RegisterCustomer("Hof van Fietsen B.V.", "administratie@hofvanfietsen.example", ADDRESS)
    return customers.register_customer(trade.ports, asked, tenant=trade.tenant, command_id=command, allow=everything)


def draft_for(customer_id: str) -> Order:
    def draft(trade: Trade, command: CommandId) -> object:
        asked = DraftInvoice(Content(DocumentType.INVOICE, customer_id, date(2026, 6, 2), "EUR", (line(),)))
        return drafts.draft_invoice(trade.ports, asked, tenant=trade.tenant, command_id=command, allow=everything)

    return draft


def issue_of(invoice_id: str) -> Order:
    def issue(trade: Trade, command: CommandId) -> object:
        return issuing.issue_invoice(
            trade.ports, IssueInvoice(invoice_id), tenant=trade.tenant, command_id=command, allow=everything
        )

    return issue


def orders(trade: Trade) -> list[Order]:
    """One of every command that the service knows."""
    customer = trade.customer()
    return [configure, register, draft_for(customer), issue_of(trade.draft(customer).invoice_id)]


def test_a_retry_gets_the_first_answer_and_writes_nothing(trade: Trade) -> None:
    for order in orders(trade):
        command = command_id()
        first = order(trade, command)
        size = trade.ports.log.head(trade.tenant).size
        assert order(trade.process(), command) == first
        assert trade.ports.log.head(trade.tenant).size == size


def test_a_retry_gets_the_first_answer_after_everything_moved_on(trade: Trade) -> None:
    answered = [(order, command := command_id(), order(trade, command)) for order in orders(trade)]
    elsewhere = replace(SELLER, name="Fahrradteile Süd GmbH")
    trade.configure(elsewhere)
    for _ in range(3):
        trade.issued(trade.customer())
    for order, command, first in answered:
        assert order(trade, command) == first


def test_a_command_that_races_itself_is_carried_out_once(trade: Trade) -> None:
    for order in orders(trade):
        command, before = command_id(), trade.ports.log.head(trade.tenant).size
        processes = [trade.process() for _ in range(AT_ONCE)]
        with ThreadPoolExecutor(AT_ONCE) as threads:
            answers = list(threads.map(order, processes, [command] * AT_ONCE))
        assert answers == [answers[0]] * AT_ONCE
        written = list(trade.ports.log.read(trade.tenant, before - 1))
        assert len({event.stream for event in written}) == len(written) <= 2


def test_a_command_that_another_process_finishes_meanwhile_gets_its_answer(
    trade: Trade, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The other process is done just after this one has asked whether anybody was, and before this one decides."""
    command, here = command_id(), trade.process()
    order = issue_of(trade.draft(trade.customer()).invoice_id)
    first: list[object] = []
    look = here.ports.log.look

    def look_and_be_overtaken(
        tenant: str, streams: Collection[str], versions: Collection[str] = (), command: CommandId | None = None
    ) -> Seen:
        seen = look(tenant, streams, versions, command)
        if command is not None:
            first.append(order(trade, command))
        return seen

    monkeypatch.setattr(here.ports.log, "look", look_and_be_overtaken)
    assert [order(here, command)] == first


def test_the_key_of_another_request_is_refused(trade: Trade) -> None:
    used = command_id()
    register(trade, used)
    size = trade.ports.log.head(trade.tenant).size
    for order in orders(trade.process()):
        with pytest.raises(IdempotencyConflict):
            order(trade, CommandId(used.key, os.urandom(32)))
    drafts_and_customers_of_the_orders = 2
    assert trade.ports.log.head(trade.tenant).size == size + drafts_and_customers_of_the_orders


def test_the_same_key_of_another_business_is_another_command(trade: Trade) -> None:
    used = command_id()
    first = register(trade, used)
    other = replace(trade, tenant=new_id())
    assert register(other, used) != first


def test_what_was_issued_stays_as_it_was_sent(trade: Trade) -> None:
    first, second = trade.issued(trade.customer()), trade.issued(trade.customer())
    trade.archive(first.invoice_id)
    before, unmoved = trade.document(first.invoice_id), trade.process()
    trade.configure(replace(SELLER, name="Fahrradteile Süd GmbH"))
    trade.approve_account(trade.request_account("GB33BUKB20201555555555"))
    assert trade.document(first.invoice_id) == before
    # What was drawn after the change is, too, what was issued before it.
    unmoved.archive(second.invoice_id)
    assert unmoved.document(second.invoice_id).subject.endswith("from Fahrradteile Nord GmbH")
    assert trade.issued(trade.customer()).number == "INV-000003"
