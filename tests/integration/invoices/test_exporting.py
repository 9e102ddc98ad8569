"""Everything that was issued comes out, page by page, and goes into an empty business with the same sums."""

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from services.invoices.commands.exporting import Holder, Wanted
from services.invoices.commands.importing import ImportDocuments
from services.invoices.domain.document.content import DocumentType, PaymentTerms, Preceding
from services.invoices.domain.document.lines import AdjustmentKind, DocumentAdjustment
from services.invoices.domain.document.vat import VatCategory
from services.invoices.entrypoints.importing import imported_customer, imported_document
from services.invoices.handlers import exporting, importing, permit
from services.invoices.history import customer_stream
from services.invoices.read_models.issued_rows import IssuedRowsOfReadModel
from services.invoices.replies import Outcome
from shared.contracts.errors import ErrorCode
from shared.contracts.exporting import ExportPageReply
from shared.crypto.keyring import TENANT_SUBJECT
from shared.kernel.ids import new_id
from tests.integration.invoices.test_importing import document, imported
from tests.integration.invoices.trade import Trade, command_id, everything, line, refused_with

pytestmark = pytest.mark.integration
ANNA = Holder(new_id(), new_id())


def rows(trade: Trade) -> IssuedRowsOfReadModel:
    return IssuedRowsOfReadModel(trade.database.pool(), trade.runner)


def begun(trade: Trade, wanted: Wanted = Wanted(), holder: Holder = ANNA) -> exporting.Begun:  # noqa: B008 -- frozen
    trade.runner.run_once()
    return exporting.begin_export(trade.ports, rows(trade), wanted, tenant=trade.tenant, holder=holder)


def page(trade: Trade, export: str, page_after: int = -1, holder: Holder = ANNA) -> dict[str, Any]:
    found = exporting.export_page(trade.ports, rows(trade), export, page_after, tenant=trade.tenant, holder=holder)
    dumped: dict[str, Any] = ExportPageReply().dump(found)
    return dumped


def exported(trade: Trade, wanted: Wanted = Wanted()) -> list[dict[str, Any]]:  # noqa: B008 -- frozen
    """All pages, as they leave the service."""
    export = begun(trade, wanted).export
    documents, place = [], -1
    while True:
        found = page(trade, export, place)
        documents += found["documents"]
        if "next_page" not in found:
            return documents
        place = found["next_page"]


def keys(documents: list[dict[str, Any]]) -> list[str]:
    return [each["key"] for each in documents]


def take_in(trade: Trade, documents: list[dict[str, Any]]) -> list[Outcome]:
    """Import an export, read as the interface reads it."""
    customers = [imported_customer(each["customer"]) for each in documents]
    asked = ImportDocuments(
        {key: customer for key, customer in customers if key is not None},
        [
            imported_document({"key": each["key"], "customer": each["customer"]["key"], "content": each["content"]})
            for each in documents
        ],
    )
    outcomes = importing.import_documents(
        trade.ports, asked, tenant=trade.tenant, command_id=command_id(), allow=everything
    )
    assert {each.state for each in outcomes} == {"issued"}, [each.refusal for each in outcomes]
    return outcomes


def test_what_was_issued_comes_out_in_full_and_drafts_do_not(trade: Trade) -> None:
    customer = trade.customer("Hof van Fietsen B.V.", reference="K-7")
    sent = trade.sent(customer, line("3", "1.25"))
    trade.draft(customer)
    credited = trade.issued(customer, document_type=DocumentType.CREDIT_NOTE)
    first, second = exported(trade)
    assert (first["key"], second["key"]) == ("INV-000001", credited.number)
    assert first["customer"]["key"] == customer
    assert (first["customer"]["particulars"]["name"], first["customer"]["particulars"]["reference"]) == (
        "Hof van Fietsen B.V.",
        "K-7",
    )
    assert first["content"]["lines"][0]["unit_price"] == "1.25"
    assert (first["issued"]["digest"], first["issued"]["totals"]["net"]) == (sent.digest, "3.75")
    assert "digest" not in second["issued"]
    assert (second["issued"]["invoice_id"], second["issued"]["position"]) == (credited.invoice_id, credited.position)


def test_pages_follow_one_another_without_gaps_or_doubles(trade: Trade, monkeypatch: pytest.MonkeyPatch) -> None:
    imported(trade, *(document(str(number)) for number in range(7)))
    whole = keys(exported(trade))
    assert whole == [f"INV-{number:06d}" for number in range(1, 8)]
    monkeypatch.setattr(exporting, "_MOST_CHARACTERS", 3000)
    assert keys(exported(trade)) == whole
    monkeypatch.setattr(exporting, "_MOST_LOOKED_AT", 1)
    assert keys(exported(trade)) == whole


def test_days_and_customers_limit_what_comes_out(trade: Trade) -> None:
    ours, theirs = trade.customer(), trade.customer()
    for day in (1, 2, 3):
        trade.issued(ours, issue_date=date(2026, 6, day))
    trade.issued(theirs, issue_date=date(2026, 6, 2))
    of_two_days = exported(trade, Wanted(date(2026, 6, 2), date(2026, 6, 3)))
    assert keys(of_two_days) == ["INV-000002", "INV-000003", "INV-000004"]
    assert keys(exported(trade, Wanted(until=date(2026, 6, 1)))) == ["INV-000001"]
    assert keys(exported(trade, Wanted(since=date(2026, 6, 2), customer_id=theirs))) == ["INV-000004"]
    assert begun(trade, Wanted(customer_id=theirs)).documents == 1
    with refused_with(ErrorCode.CUSTOMER_UNKNOWN):
        begun(trade, Wanted(customer_id=new_id()))


def test_what_is_issued_after_an_export_began_is_not_part_of_it(trade: Trade) -> None:
    customer = trade.customer()
    drafted = trade.draft(customer).invoice_id
    trade.issued(customer)
    export = begun(trade).export
    trade.issue(drafted)
    trade.runner.run_once()
    assert keys(page(trade, export)["documents"]) == ["INV-000001"]


def test_a_business_that_issued_nothing_exports_nothing(stranger: Trade) -> None:
    found = exporting.begin_export(stranger.ports, rows(stranger), Wanted(), tenant=stranger.tenant, holder=ANNA)
    assert found.documents == 0
    assert page(stranger, found.export) == {"documents": [], "looked_at": 0}


def test_an_export_is_good_for_one_session_in_one_business_for_an_hour(
    trade: Trade, monkeypatch: pytest.MonkeyPatch
) -> None:
    trade.issued(trade.customer())
    export = begun(trade).export
    other = replace(trade, tenant=new_id())
    other.open_for_business()
    wrong = [
        (trade, export, replace(ANNA, session=new_id())),
        (trade, export, replace(ANNA, id=new_id())),
        (other, export, ANNA),
        *((trade, spoilt, ANNA) for spoilt in ("", "é", "none", export[:-8], export[:30] + "A" * 90)),
    ]
    for business, shown, holder in wrong:
        with refused_with(ErrorCode.EXPORT_INVALID):
            page(business, shown, holder=holder)
    trade.rotate(TENANT_SUBJECT)
    assert keys(page(trade, export)["documents"]) == ["INV-000001"]
    monkeypatch.setattr(permit, "from_rfc3339", lambda _: datetime(2020, 1, 1, tzinfo=UTC))
    with refused_with(ErrorCode.EXPORT_INVALID):
        page(trade, export)


def test_an_export_goes_into_an_empty_business_with_the_same_sums(trade: Trade) -> None:
    for who in ("Ada", "Bob"):
        customer = trade.customer(who, reference=who)
        discount = DocumentAdjustment(
            kind=AdjustmentKind.ALLOWANCE,
            percentage=Decimal(2),
            reason="loyal",
            vat_category=VatCategory.STANDARD,
            vat_rate=Decimal(19),
        )
        trade.issued(customer, line("3", "1.2525"), line("1", "9"), adjustments=(discount,))
        terms = PaymentTerms(days=14)
        sold = trade.issued(customer, line("7", "4.50"), payment_terms=terms, note="Mind the step")
        named = (Preceding(sold.invoice_id, sold.number, None),)
        trade.issued(customer, line("1", "4.50"), document_type=DocumentType.CREDIT_NOTE, preceding=named)
    there = exported(trade)
    other = replace(trade, tenant=new_id())
    other.open_for_business()
    other.configure_series("INV", "NEW-{number}", serves=(DocumentType.INVOICE,))
    numbers = [each.numbered.number for each in take_in(other, there) if each.numbered]
    here = exported(other)
    assert keys(here) == numbers != keys(there)
    assert [each["issued"]["totals"] for each in here] == [each["issued"]["totals"] for each in there]
    assert [each["issued"]["state"] for each in here] == [each["issued"]["state"] for each in there]
    assert [each["customer"]["particulars"] for each in here] == [each["customer"]["particulars"] for each in there]
    assert [without_links(each) for each in here] == [without_links(each) for each in there]
    assert links(here) == links(there) == {2: [1], 5: [4]}
    assert [each["issued"]["state"] for each in here].count("partly_credited") == len(links(here))


def without_links(document: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in document["content"].items() if name != "preceding"}


def links(documents: list[dict[str, Any]]) -> dict[int, list[int]]:
    """Which documents name which: their places, because their keys are each business's own numbers."""
    place = {each["key"]: index for index, each in enumerate(documents)}
    named = {index: each["content"].get("preceding", ()) for index, each in enumerate(documents)}
    return {index: [place[each["key"]] for each in earlier] for index, earlier in named.items() if earlier}


def test_who_was_forgotten_is_not_exported(trade: Trade) -> None:
    leaving, staying = trade.customer(), trade.customer()
    trade.issued(leaving)
    trade.issued(staying)
    export = begun(trade).export
    trade.ports.keyring.shred(trade.tenant, customer_stream(leaving))
    assert keys(page(trade, export)["documents"]) == ["INV-000002"]
