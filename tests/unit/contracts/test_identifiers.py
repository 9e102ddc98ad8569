"""Numbers of parties: what is refused, in which words, and what is left to whoever gave the number out."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum.de import leitweg
from stdnum.iso7064 import mod_11_10

from shared.contracts.code_lists import ADDRESS_SCHEMES, IDENTIFIER_SCHEMES
from shared.contracts.identifiers import (
    WRONG_DIGITS,
    bic_fault,
    buyer_reference_fault,
    identifier_fault,
    vat_id_fault,
)


@pytest.mark.parametrize(
    "vat_id",
    [
        *("DE123456788", "EL094259216", "XI980780684", "ATU13585627", "IE6433435F", "BE0403019261", "FR40303265045"),
        *("CHE107787577MWST", "NO995525828MVA", "IN27AAPFU0939F1ZV", "GB980780684", "US123", "SG200312345A"),
    ],
)
def test_a_vat_identifier_as_its_country_gives_them_is_taken(vat_id: str) -> None:
    assert vat_id_fault(vat_id) is None


@pytest.mark.parametrize(
    ("vat_id", "said"),
    [
        ("DE123456789", WRONG_DIGITS),
        ("DE123456878", WRONG_DIGITS),  # two digits exchanged
        ("EL123456789", WRONG_DIGITS),
        ("DE12345678", "Not how these numbers look"),
        ("GR094259216", "begin with EL"),
        ("123456788", "the two letters of the country"),
        ("DE 123456788", "without spaces"),
        ("de123456788", "the two letters of the country"),
        ("DE123456788\n", "Not a VAT identifier"),
        ("", "Not a VAT identifier"),
    ],
)
def test_a_vat_identifier_that_is_none_is_refused_in_words(vat_id: str, said: str) -> None:
    assert said in (vat_id_fault(vat_id) or "")


@given(st.integers(10_000_000, 99_999_999), st.integers(0, 7), st.integers(1, 9))
def test_a_mistyped_digit_of_a_german_vat_identifier_is_always_found(body: int, place: int, off: int) -> None:
    right = f"{body}{mod_11_10.calc_check_digit(str(body))}"
    wrong = f"{right[:place]}{(int(right[place]) + off) % 10}{right[place + 1 :]}"
    assert vat_id_fault(f"DE{right}") is None
    assert vat_id_fault(f"DE{wrong}") is not None


@pytest.mark.parametrize(
    ("scheme", "identifier"),
    [
        ("0088", "4012345500004"),
        ("0002", "732829320"),
        ("0009", "73282932000074"),
        ("0204", "991-03730-19"),
        ("0208", "0403019261"),
        ("0192", "988077917"),
        ("0184", "DK13585628"),
        ("9930", "DE123456788"),
        ("9930", "123456788"),
        ("9933", "EL094259216"),
        ("0060", "315363362"),  # DUNS: no check digits that stdnum knows
    ],
)
def test_an_identifier_as_its_scheme_gives_them_is_taken(scheme: str, identifier: str) -> None:
    assert identifier_fault(scheme, identifier) is None


@pytest.mark.parametrize(
    ("scheme", "identifier", "said"),
    [
        ("0088", "4012345500005", WRONG_DIGITS),
        ("0088", "73513537", "13 digits"),  # a GTIN of eight
        ("0002", "732829321", WRONG_DIGITS),
        ("0204", "991-03730-18", WRONG_DIGITS),
        ("9930", "DE123456789", WRONG_DIGITS),
        ("9930", "FR40303265045", "Not how these numbers look"),
        ("0208", "0403.019.261", "Without spaces"),
        ("0060", "a b", "without spaces"),
        ("0060", "<x/>", "Letters, digits"),
    ],
)
def test_an_identifier_that_its_scheme_does_not_have_is_refused_in_words(
    scheme: str, identifier: str, said: str
) -> None:
    assert said in (identifier_fault(scheme, identifier) or "")


@given(st.sampled_from(sorted(ADDRESS_SCHEMES | IDENTIFIER_SCHEMES)), st.text(max_size=40))
def test_whatever_is_typed_is_judged_without_being_quoted(scheme: str, typed: str) -> None:
    for said in (identifier_fault(scheme, typed), vat_id_fault(typed), buyer_reference_fault(typed), bic_fault(typed)):
        assert said is None or len(typed) < 4 or typed not in said


@given(st.sampled_from(["04011000", "991", "08", "12345"]), st.integers(0, 96))
def test_of_all_check_digits_of_a_leitweg_id_one_pair_is_taken(head: str, other: int) -> None:
    digits = {pair for pair in range(2, 99) if leitweg.is_valid(f"{head}-X1-{pair:02}")}
    wrong = (other + 2) not in digits
    assert len(digits) in {0, 1}
    if digits and wrong and not head.startswith("12345"):
        assert "Leitweg-ID" in (buyer_reference_fault(f"{head}-X1-{other + 2:02}") or "")
        (right,) = digits
        assert buyer_reference_fault(f"{head}-X1-{right:02}") is None


@pytest.mark.parametrize("reference", ["PO-77", "2026-42-17", "K 107", "991-03730-19"])
def test_a_buyer_reference_of_another_form_is_the_buyers_own(reference: str) -> None:
    assert buyer_reference_fault(reference) is None


@pytest.mark.parametrize(("bic", "right"), [("DEUTDEFF", True), ("DEUTDEFF500", True), ("DEUTZZFF", False)])
def test_a_bic_names_a_country_that_there_is(bic: str, right: bool) -> None:  # noqa: FBT001 -- a case
    assert (bic_fault(bic) is None) is right


@pytest.mark.parametrize("bic", ["deutdeff", "DEUT DE FF", "DEUTDEF", "DEUTDEFF\n"])
def test_a_bic_is_written_as_it_is_sent(bic: str) -> None:
    assert bic_fault(bic) is not None
