"""The auditor's own fold: sums, numbers, and what cannot have happened."""

from decimal import Decimal

import pytest

from cli.audit import amounts
from cli.audit.ledger import Ledger
from shared.eventstore.faults import Faults
from tests.audited import LINE, Business


def folded(business: Business, *, remember: bool = False) -> tuple[Ledger, Faults]:
    found = Faults()
    ledger = Ledger(found, remember=remember)
    for event in business.log.read(business.tenant):
        ledger.add(event)
    return ledger, found


def refusals(found: Faults) -> list[tuple[int | None, str]]:
    return [(fault.position, fault.reason) for fault in found.kept]


def test_totals_count_invoices_up_and_credit_notes_down_and_drafts_not_at_all() -> None:
    business = Business()
    customer = business.register(reference="K-7")
    documents = [business.draft(customer) for _ in range(3)]
    business.issue(documents[0], customer)
    business.issue(documents[1], customer)
    ledger, _ = folded(business)
    assert (ledger.sum_net, ledger.net_by_customer) == (Decimal("39.00"), {"K-7": Decimal("39.00")})
    business.issue(documents[2], customer, "CreditNoteIssued")
    ledger, found = folded(business)
    sums = ledger.totals[customer]["EUR"]
    assert (sums.invoices, sums.credit_notes, str(sums.payable)) == (2, 1, "23.21")
    assert ledger.issued == {"InvoiceIssued": 2, "CreditNoteIssued": 1}
    assert refusals(found) == []


def test_amounts_are_those_of_the_standard() -> None:
    line = {"quantity": "3", "unit_price": "0.335", "vat_category": "S", "vat_rate": "19"}
    other = line | {"vat_rate": "7"}
    totals = amounts.totals({"currency": "EUR", "lines": [line, line, other]})
    assert (totals["net"], totals["vat"], totals["payable"]) == ("3.03", "0.45", "3.48")
    assert [part["rate"] for part in totals["breakdown"]] == ["7", "19"]


def test_a_gap_in_the_numbers_is_found() -> None:
    business = Business()
    for sequence in (1, 3):
        take(business, sequence)
    assert refusals(folded(business)[1]) == [(1, "number 3 of series INV follows number 1")]


def test_every_fiscal_year_is_counted_by_itself_from_the_number_that_it_was_to_begin_with() -> None:
    business = Business()
    configure(business, first=4711, first_year=2026)
    for year, sequence in ((2026, 4711), (2027, 1), (2026, 4712), (2027, 2)):
        take(business, sequence, year=year)
    assert refusals(folded(business)[1]) == []
    take(business, 4712, year=2026)
    assert refusals(folded(business)[1]) == [(5, "number 4712 of 2026 of series INV follows number 4712")]


def test_another_first_number_after_numbers_were_given_is_found() -> None:
    business = Business()
    take(business, 1)
    configure(business, first=7)
    assert refusals(folded(business)[1]) == [(1, "it changes the first number of numbers that were given")]


def test_a_number_that_is_written_as_another_is_found() -> None:
    business = Business()
    take(business, 1, number="INV-000002")
    assert refusals(folded(business)[1]) == [(0, "what it writes is not the number that it counts")]


def take(business: Business, sequence: int, **more: object) -> None:
    number = {"series": "INV", "sequence": sequence, "number": f"INV-{sequence:06d}", "invoice_id": "a"}
    business.record("series-1", "NumberTaken", number | more)


def configure(business: Business, **more: object) -> None:
    series = {"name": "INV", "pattern": "{series}-{year}-{number:06}", "resets": "first_year" in more}
    business.record("numbering-1", "SeriesConfigured", {"series": series | more})


@pytest.mark.parametrize("remember", [False, True])
def test_a_document_that_is_issued_twice_is_found(remember: bool) -> None:  # noqa: FBT001 - a parameter of the test
    business = Business()
    customer, [document] = business.trade(1)
    business.issue(document, customer)
    assert [position for position, _ in refusals(folded(business, remember=remember)[1])] == [5]


def test_a_document_that_was_never_drafted_is_found() -> None:
    business = Business()
    business.issue("never", business.register())
    assert refusals(folded(business)[1]) == [(2, "what it issues is no draft")]


@pytest.mark.parametrize("payload", [{}, {"customer_id": 7}, {"lines": "x"}, {"invoice_id": "i", "lines": [{}]}])
def test_an_event_without_its_content_is_found_and_the_next_one_is_folded(payload: dict[str, object]) -> None:
    business = Business()
    business.record("invoice-1", "InvoiceDrafted", payload)
    business.trade(1)
    ledger, found = folded(business)
    assert [position for position, _ in refusals(found)] == [0]
    assert ledger.issued["InvoiceIssued"] == 1


def credit(business: Business, invoice: str, note: str, customer: str, **changes: object) -> None:
    """The invoice is credited by this note, as a service that keeps the rules records it."""
    part = {"category": "S", "rate": "19", "taxable_amount": "19.50"}
    said = {"number": "INV-000002", "credit": {"gross": "23.21", "parts": [part]}, "cancels": True}
    event = {"invoice_id": invoice, "credit_note_id": note, **said, **changes}
    business.record(f"invoice-{invoice}", "InvoiceCredited", event, f"customer-{customer}")


def corrected(business: Business, **changes: object) -> tuple[str, str, str]:
    customer = business.register()
    invoice, note = business.draft(customer), business.draft(customer, "credit_note")
    business.issue(invoice, customer)
    business.issue(note, customer, "CreditNoteIssued")
    credit(business, invoice, note, customer, **changes)
    return customer, invoice, note


def test_an_invoice_that_was_credited_is_cancelled() -> None:
    business = Business()
    _, invoice, note = corrected(business)
    ledger, found = folded(business, remember=True)
    assert refusals(found) == []
    assert ledger.invoices[invoice].issuing["state"] == "cancelled"
    assert ledger.invoices[invoice].issuing["version"] == 3
    credits_shown = [{"invoice_id": note, "number": "INV-000002", "gross": "23.21"}]
    assert ledger.invoices[invoice].issuing["credit_notes"] == credits_shown


@pytest.mark.parametrize(
    "changes",
    [
        {"cancels": False},
        {"number": "INV-000009"},
        {"credit": {"gross": "11.61", "parts": [{"category": "S", "rate": "19", "taxable_amount": "9.75"}]}},
        {"credit": {"gross": "23.21", "parts": [{"category": "S", "rate": "7", "taxable_amount": "19.50"}]}},
    ],
    ids=["not cancelled", "another note", "another amount", "another rate"],
)
def test_a_credit_that_is_not_what_the_amounts_say_is_found(changes: dict[str, object]) -> None:
    business = Business()
    corrected(business, **changes)
    assert {position for position, _ in refusals(folded(business, remember=True)[1])} == {7}


def test_more_credit_than_was_invoiced_is_found() -> None:
    business = Business()
    customer, invoice, note = corrected(business)
    credit(business, invoice, note, customer)
    reasons = [reason for _, reason in refusals(folded(business, remember=True)[1])]
    assert "more is credited than was invoiced" in reasons


@pytest.mark.parametrize("remember", [False, True])
def test_a_draft_that_is_changed_or_discarded_is_followed(remember: bool) -> None:  # noqa: FBT001 - a parameter of the test
    business = Business()
    customer = business.register()
    changed, gone = business.draft(customer), business.draft(customer)
    said = {"customer_id": customer, "document_type": "invoice", "issue_date": "2026-11-22", "currency": "EUR"}
    event = {"invoice_id": changed, **said, "lines": [LINE], "note": "Thank you."}
    business.record(f"invoice-{changed}", "DraftChanged", event, f"customer-{customer}")
    business.record(f"invoice-{gone}", "DraftDiscarded", {"invoice_id": gone}, f"customer-{customer}")
    business.issue(changed, customer)
    assert refusals(folded(business, remember=remember)[1]) == []
    business.issue(gone, customer)
    business.record(f"invoice-{changed}", "DraftChanged", event, f"customer-{customer}")
    wrong = [position for position, _ in refusals(folded(business, remember=remember)[1])]
    assert wrong == [8, 9]


def test_without_remembering_only_drafts_are_kept() -> None:
    business = Business()
    customer, _ = business.trade(3)
    draft = business.draft(customer)
    assert set(folded(business)[0].invoices) == {draft}
    assert len(folded(business, remember=True)[0].invoices) == 4
