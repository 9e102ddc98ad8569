"""What a payment is suggested for: by number, by reference, by amount, and never beyond what there is."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.invoices.domain.matching import Candidate, Ground, suggest

CENTS = st.integers(1, 50_000).map(lambda cents: Decimal(cents) / 100)
NUMBERS = st.integers(1, 999_999).map(lambda sequence: f"INV-{sequence:06d}")
CANDIDATES = st.lists(
    st.builds(Candidate, st.uuids().map(str), NUMBERS, CENTS, st.lists(st.text(max_size=8), max_size=2).map(tuple)),
    max_size=6,
    unique_by=lambda each: each.number,
)


def candidate(number: str, owed: str = "23.20", *references: str) -> Candidate:
    return Candidate(f"id of {number}", number, Decimal(owed), references)


@pytest.mark.parametrize(
    "remittance",
    [
        "INV-000042",
        "Rechnung inv 000042 vom 2.6.",
        "your invoice INV000042, thanks",
        "INV\N{FULLWIDTH HYPHEN-MINUS}000042",
    ],
)
def test_a_number_is_found_however_it_is_written(remittance: str) -> None:
    (found,) = suggest(Decimal(10), remittance, [candidate("INV-000042"), candidate("INV-000043")])
    assert (found.number, found.amount, found.grounds) == ("INV-000042", Decimal(10), (Ground.NUMBER,))


@pytest.mark.parametrize("remittance", ["INV-0000421", "XINV-000042", "000042", "", None])
def test_another_number_is_not_taken_for_it(remittance: str | None) -> None:
    assert suggest(Decimal(10), remittance, [candidate("INV-000042")]) == ()


def test_a_customers_own_reference_is_a_ground_unless_it_is_too_short_to_mean_anything() -> None:
    orders = [candidate("INV-000001", "5.00", "PO 4711"), candidate("INV-000002", "5.00", "47")]
    (found,) = suggest(Decimal(10), "PO-4711 / 47", orders)
    assert (found.number, found.grounds) == ("INV-000001", (Ground.REFERENCE,))


def test_an_exact_amount_is_a_ground_and_the_number_a_better_one() -> None:
    invoices = [candidate("INV-000001", "10.00"), candidate("INV-000002", "4.00")]
    found = suggest(Decimal(10), "INV-000002", invoices)
    assert [(each.number, each.amount, each.grounds) for each in found] == [
        ("INV-000002", Decimal("4.00"), (Ground.NUMBER,)),
        ("INV-000001", Decimal("6.00"), (Ground.AMOUNT,)),
    ]


def test_several_invoices_in_one_text_are_all_suggested() -> None:
    invoices = [candidate(f"INV-00000{each}", "4.00") for each in (1, 2, 3)]
    found = suggest(Decimal(8), "INV-000001 + INV-000003", invoices)
    assert [(each.number, each.amount) for each in found] == [("INV-000001", Decimal(4)), ("INV-000003", Decimal(4))]


@given(CENTS, st.text(max_size=60), CANDIDATES)
def test_suggestions_never_exceed_what_is_free_or_owed_and_always_have_a_ground(
    free: Decimal, remittance: str, candidates: list[Candidate]
) -> None:
    found = suggest(free, remittance, candidates)
    owed = {each.invoice_id: each.owed for each in candidates}
    assert sum(each.amount for each in found) <= free
    assert all(0 < each.amount <= owed[each.invoice_id] and each.grounds for each in found)
    assert len({each.invoice_id for each in found}) == len(found)


@given(CENTS, CANDIDATES.filter(bool), st.data())
def test_a_payer_who_names_an_invoice_gets_it_first(
    free: Decimal, candidates: list[Candidate], data: st.DataObject
) -> None:
    named = data.draw(st.sampled_from(candidates))
    before, after = data.draw(st.tuples(*[st.sampled_from(["", "Rg. ", "/ ", "pay "])] * 2))
    found = suggest(free, f"{before}{named.number} {after}", candidates)
    assert found[0].invoice_id == named.invoice_id
    assert Ground.NUMBER in found[0].grounds
