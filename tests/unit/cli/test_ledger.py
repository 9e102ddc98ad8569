"""The auditor's own fold: sums, numbers, and what cannot have happened."""

from decimal import Decimal

import pytest

from cli.audit import amounts
from cli.audit.ledger import Ledger
from shared.eventstore.faults import Faults
from tests.audited import Business


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


def test_without_remembering_only_drafts_are_kept() -> None:
    business = Business()
    customer, _ = business.trade(3)
    draft = business.draft(customer)
    assert set(folded(business)[0].invoices) == {draft}
    assert len(folded(business, remember=True)[0].invoices) == 4
