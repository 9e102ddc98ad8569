"""Documents in batches: each has an outcome of its own, and none is issued twice, however the batches are cut."""

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from services.invoices.commands.customers import ChangeCustomer, RegisterCustomer
from services.invoices.commands.importing import ImportDocuments, ImportedDocument, Keyed
from services.invoices.domain.document.content import Content, DocumentType, Preceding
from services.invoices.domain.document.parties import DeliveryPreference
from services.invoices.handlers import importing
from services.invoices.handlers.customers import change_customer
from services.invoices.handlers.imported import ImportedNames
from services.invoices.history import customer_stream
from services.invoices.replies import Outcome
from shared.contracts.decision import Allow, Facts
from shared.contracts.errors import ErrorCode, PublicError
from shared.eventstore.model import CommandId
from shared.kernel.ids import new_id
from tests.integration.invoices.trade import (
    ADA,
    ADDRESS,
    BOB,
    Trade,
    command_id,
    everything,
    line,
    refused_with,
)

pytestmark = pytest.mark.integration
CUSTOMERS = {key: RegisterCustomer(f"Customer {key}", "buyer@customers.example", ADDRESS) for key in ("a", "b")}


def document(
    key: str,
    customer: str = "a",
    price: str = "9.75",
    earlier: tuple[Preceding | Keyed, ...] = (),
    **changes: Any,  # noqa: ANN401 -- as the content's
) -> ImportedDocument:
    content = Content(DocumentType.INVOICE, "", date(2026, 6, 2), "EUR", (line(price=price),))
    return ImportedDocument(key, customer, replace(content, **changes), earlier)


CREDIT: dict[str, Any] = {"document_type": DocumentType.CREDIT_NOTE}


def imported(
    trade: Trade,
    *documents: ImportedDocument | PublicError,
    by: CommandId | None = None,
    allow: Allow = everything,
    customers: Any = CUSTOMERS,  # noqa: ANN401 -- as the command's
    dry_run: bool = False,
    mail: bool = True,
) -> list[Outcome]:
    command = ImportDocuments(customers, documents, dry_run, mail)
    return importing.import_documents(
        trade.ports, command, tenant=trade.tenant, command_id=by or command_id(), allow=allow
    )


def numbers(outcomes: Sequence[Outcome]) -> list[str]:
    return [each.numbered.number if each.numbered else "" for each in outcomes]


def codes(outcomes: Sequence[Outcome]) -> list[str]:
    return [each.refusal.code.value if each.refusal else "" for each in outcomes]


def told(outcomes: Sequence[Outcome]) -> list[dict[str, Any]]:
    return [each.as_reply() for each in outcomes]


def size(trade: Trade) -> int:
    return trade.ports.log.head(trade.tenant).size


def test_a_batch_gets_its_numbers_in_order_and_its_customers_once(trade: Trade) -> None:
    before = size(trade)
    outcomes = imported(trade, document("1"), document("2", "b"), document("3", **CREDIT), document("4"))
    assert numbers(outcomes) == ["INV-000001", "INV-000002", "CN-000001", "INV-000003"]
    written = [event.type for event in trade.ports.log.read(trade.tenant, before - 1)]
    assert written.count("CustomerRegistered") == len(CUSTOMERS)
    assert trade.series() == [1, 2, 3]
    assert trade.series("CN") == [1]


def test_what_is_imported_reads_like_what_was_drafted_and_issued(trade: Trade) -> None:
    (outcome,) = imported(trade, document("1"))
    assert outcome.numbered is not None
    trade.archive(outcome.numbered.invoice_id)
    assert trade.document(outcome.numbered.invoice_id).recipient_name == "Customer a"
    assert trade.issued(trade.customer()).number == "INV-000002"


def test_a_batch_credits_none_of_our_invoices_by_its_number(trade: Trade) -> None:
    ours = trade.issued(trade.customer()).number
    in_the_batch, itself, later, earlier = (
        Preceding(None, number) for number in ("INV-000002", "CN-000001", "INV-000031", "2019/7")
    )
    outcomes = imported(
        trade,
        document("1", earlier=(Preceding(None, ours),), **CREDIT),
        document("2"),
        document("3", earlier=(in_the_batch,), **CREDIT),
        document("4", earlier=(itself,), **CREDIT),
        document("5", earlier=(later,), **CREDIT),
        document("6", earlier=(earlier,), **CREDIT),
    )
    assert codes(outcomes) == ["document_invalid", "", *["document_invalid"] * 3, ""]


def test_a_document_that_is_refused_holds_up_no_other(trade: Trade) -> None:
    empty = document("2", lines=())
    elsewhere = PublicError(ErrorCode.MALFORMED_REQUEST, "The request is malformed.")
    outcomes = imported(trade, document("1"), empty, document("3", "nobody"), elsewhere, document("5"))
    assert numbers(outcomes) == ["INV-000001", "", "", "", "INV-000002"]
    assert codes(outcomes) == ["", "invoice_empty", "malformed_request", "malformed_request", ""]


def test_a_customer_who_is_malformed_refuses_their_own_documents_only(trade: Trade) -> None:
    customers = {**CUSTOMERS, "b": PublicError(ErrorCode.MALFORMED_REQUEST, "The request is malformed.")}
    outcomes = imported(trade, document("1", "b"), document("2"), customers=customers)
    assert numbers(outcomes) == ["", "INV-000001"]


def test_a_customer_of_whom_nothing_is_issued_is_not_registered(trade: Trade) -> None:
    before = size(trade)
    assert codes(imported(trade, document("1", lines=()))) == ["invoice_empty"]
    assert size(trade) == before


def test_the_same_batch_again_gets_the_same_answer_and_writes_nothing(trade: Trade) -> None:
    batch = [document("1"), document("2", lines=()), document("3", **CREDIT)]
    first, written = told(imported(trade, *batch)), size(trade)
    assert told(imported(trade.process(), *batch)) == first
    assert size(trade) == written


@pytest.mark.parametrize("cut", [1, 2, 5])
def test_batches_that_are_cut_in_another_way_issue_nothing_twice(trade: Trade, cut: int) -> None:
    documents = [document(str(number), "ab"[number % 2]) for number in range(7)]
    first = imported(trade, *documents[:4])  # and then the importer was killed
    again = [
        outcome for start in range(0, 7, cut) for outcome in imported(trade.process(), *documents[start : start + cut])
    ]
    assert again[:4] == first
    assert numbers(again) == [f"INV-{number:06d}" for number in range(1, 8)]


def test_a_key_that_comes_twice_in_one_batch_is_one_document(trade: Trade) -> None:
    first, second, other = imported(trade, document("1"), document("1"), document("1", price="1.00"))
    assert first == second
    assert codes([other]) == ["idempotency_conflict"]
    assert trade.series() == [1]


def test_other_content_under_a_used_key_is_refused(trade: Trade) -> None:
    imported(trade, document("1"))
    moved = {**CUSTOMERS, "b": CUSTOMERS["b"], "a": replace(CUSTOMERS["a"], name="Somebody else")}
    assert codes(imported(trade, document("1", price="1.00"))) == ["idempotency_conflict"]
    assert codes(imported(trade, document("1", "b"))) == ["idempotency_conflict"]
    assert codes(imported(trade, document("2"), customers=moved)) == ["idempotency_conflict"]


def test_batches_that_race_issue_every_document_once(trade: Trade) -> None:
    documents = [document(str(number)) for number in range(6)]
    cuts = [documents[:4], documents[2:], documents, documents[::-1]]
    with ThreadPoolExecutor(len(cuts)) as threads:
        answers = list(threads.map(lambda batch: imported(trade.process(), *batch), cuts))
    numbered = {
        (asked.key, number)
        for batch, answer in zip(cuts, answers, strict=True)
        for asked, number in zip(batch, numbers(answer), strict=True)
    }
    assert len(numbered) == len(documents)
    assert trade.series() == [1, 2, 3, 4, 5, 6]


def test_a_batch_says_its_customers_as_they_are_when_it_is_written(
    trade: Trade, monkeypatch: pytest.MonkeyPatch
) -> None:
    imported(trade, document("1"))
    append, log = type(trade.ports.log).append, trade.ports.log
    first = next(event for event in log.read(trade.tenant) if event.type == "CustomerRegistered")
    asked = ChangeCustomer(str(first.payload["customer_id"]), 1, replace(CUSTOMERS["a"], name="Renamed"))

    def late(*arguments: object, **named: object) -> object:
        monkeypatch.setattr(type(log), "append", append)
        sent = {"tenant": trade.tenant, "command_id": command_id(), "allow": everything}
        change_customer(trade.ports, asked, require_step_up=lambda: None, **sent)  # type: ignore[arg-type]  # as named
        return append(*arguments, **named)  # type: ignore[arg-type]  # handed on

    monkeypatch.setattr(type(log), "append", late)
    imported(trade, document("2"))
    *_, issued = (event for event in log.read(trade.tenant) if event.type == "InvoiceIssued")
    assert issued.payload["customer"]["name"] == "Renamed"  # type: ignore[index]  # as it was written


def test_a_customer_whose_key_goes_at_this_moment_holds_up_no_other(trade: Trade) -> None:
    imported(trade, document("1"), document("2", "b"))
    names = ImportedNames(trade.tenant, trade.ports.keyring.index_key(trade.tenant))
    trade.ports.keyring.shred(trade.tenant, customer_stream(names.customer("a")))

    outcomes = imported(trade, document("3"), document("4", "b"))

    assert codes(outcomes) == ["key_shredded", ""]
    assert numbers(outcomes) == ["", "INV-000003"]


def test_an_import_beside_ordinary_issuing_leaves_no_gap(trade: Trade) -> None:
    drafts = [trade.draft(trade.customer()).invoice_id for _ in range(4)]

    def bulk(start: int) -> None:
        imported(trade.process(), *(document(f"{start}-{number}") for number in range(5)))

    def single(invoice_id: str) -> None:
        trade.process().issue(invoice_id)

    with ThreadPoolExecutor(4) as threads:
        done = [threads.submit(bulk, start) for start in range(2)] + [threads.submit(single, each) for each in drafts]
        for each in done:
            each.result()
    assert trade.series() == list(range(1, 15))


def test_a_dry_run_judges_everything_and_records_nothing(trade: Trade) -> None:
    imported(trade, document("1"))
    before = size(trade)
    outcomes = imported(trade, document("1"), document("2"), document("3", lines=()), dry_run=True)
    assert [each.state for each in outcomes] == ["issued", "acceptable", "refused"]
    assert size(trade) == before


def deliveries(trade: Trade, outcomes: Sequence[Outcome]) -> list[str]:
    """How the documents leave the business, as the notifier is told."""
    archived = [each.numbered.invoice_id for each in outcomes if each.numbered]
    for each in archived:
        with suppress(PublicError):  # one that is archived already
            trade.archive(each)
    return [trade.document(each).delivery.value for each in archived]


def test_what_is_imported_is_mailed_unless_it_was_imported_without_mail(trade: Trade) -> None:
    customers = {**CUSTOMERS, "b": replace(CUSTOMERS["b"], delivery=DeliveryPreference.NONE)}
    mailed = imported(trade, document("1"), document("2", "b"), customers=customers)
    silent = imported(trade, document("3"), document("4", **CREDIT), customers=customers, mail=False)
    assert deliveries(trade, mailed + silent) == ["mail", "none", "none", "none"]
    assert [each.mailed for each in mailed + silent] == [True, False, False, False]
    assert trade.issued(trade.customer()).number == "INV-000004"


@pytest.mark.parametrize("first", [True, False])
def test_a_second_import_changes_nothing_of_what_is_mailed(trade: Trade, *, first: bool) -> None:
    asked = document("1")
    once, written = imported(trade, asked, mail=first), size(trade)
    assert imported(trade.process(), asked, mail=not first) == once
    assert size(trade) == written
    assert deliveries(trade, once) == ["mail" if first else "none"]


def test_a_dry_run_says_what_would_be_mailed(trade: Trade) -> None:
    foreseen = [imported(trade, document("1"), dry_run=True, mail=mail) for mail in (True, False)]
    assert [outcome.mailed for (outcome,) in foreseen] == [True, False]


def up_to_twenty(facts: Facts) -> None:
    if facts.amount is None or facts.amount > 20 or facts.registered_by != BOB.id:
        raise PublicError(ErrorCode.PERMISSION_DENIED, "no")


def test_what_grants_are_limited_to_is_judged_document_by_document(trade: Trade) -> None:
    documents = [document("1", price="5.00"), document("2", price="50.00"), document("3", price="5.00")]
    outcomes = imported(trade, *documents, by=command_id(BOB), allow=up_to_twenty)
    assert codes(outcomes) == ["", "permission_denied", ""]
    assert numbers(outcomes) == ["INV-000001", "", "INV-000002"]


def test_what_a_colleague_imported_is_shown_to_whom_it_may_be_shown(trade: Trade) -> None:
    asked = document("1", price="5.00")
    first = imported(trade, asked, by=command_id(ADA))
    assert imported(trade, asked, by=command_id(BOB)) == first
    assert codes(imported(trade, asked, by=command_id(BOB), allow=up_to_twenty)) == ["permission_denied"]


def test_nobody_imports_before_the_business_said_who_it_is(stranger: Trade) -> None:
    with refused_with(ErrorCode.SELLER_MISSING):
        imported(stranger, document("1"))


def test_the_log_names_imported_documents_by_what_nobody_can_try_out(trade: Trade) -> None:
    (here,) = imported(trade, document("1"))
    other = replace(trade, tenant=new_id())
    other.open_for_business()
    (there,) = imported(other, document("1"))
    assert here.numbered is not None
    assert there.numbered is not None
    assert here.numbered.invoice_id != there.numbered.invoice_id


def test_the_key_of_a_batch_is_no_command(trade: Trade) -> None:
    """What was refused may be taken when the same batch comes again: an idempotency key remembers no refusal."""
    command = CommandId(new_id(), os.urandom(32), ADA)
    asked = document("1", price="50.00")
    assert codes(imported(trade, asked, by=command, allow=up_to_twenty)) == ["permission_denied"]
    assert numbers(imported(trade, asked, by=command)) == ["INV-000001"]
