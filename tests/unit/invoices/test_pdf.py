"""Documents as readers get them: taken apart again by a PDF library that did not write them."""

import re
import subprocess
import sys
from dataclasses import replace
from decimal import Decimal
from io import BytesIO
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pypdf import PdfReader

from services.invoices.adapters import pdf, typeface
from services.invoices.adapters.figures import grouped, money
from services.invoices.adapters.layout import BOTTOM, FIRST_TOP, HEADS, NEXT_TOP, Block, paginate
from services.invoices.domain.document.content import DocumentType
from services.invoices.domain.document.parties import Address, Customer, Seller
from services.invoices.domain.document.vat import VatCategory
from services.invoices.domain.events import InvoiceDrafted
from tests.unit.invoices.samples import CUSTOMER, GREEK, POLISH, SELLER, draft, issue, line, lines

ROOT = Path(__file__).resolve().parents[3]


def rendered(event: InvoiceDrafted, seller: Seller = SELLER, customer: Customer = CUSTOMER) -> bytes:
    return pdf.render(event, issue(event, seller=seller, customer=customer))


def pages_of(content: bytes) -> list[str]:
    return [page.extract_text() for page in PdfReader(BytesIO(content)).pages]


def text_of(content: bytes) -> str:
    return "\n".join(pages_of(content))


def squeezed(text: str) -> str:
    """Without white space: where a line was broken does not matter."""
    return "".join(text.split())


def test_a_document_says_who_owes_whom_how_much_for_what() -> None:
    event = draft(
        [line(quantity="1200", item_reference="BL-0001"), line("Workshop hour", "1.5", "52", vat_rate=Decimal(7))],
        external_reference="RE2601",
        note="Thank you for your order.\nDelivered on 1 June.",
    )
    text = text_of(rendered(event))
    for expected in (
        *("INVOICE", "INV-000042", "2026-06-02", "K-107", "RE2601"),
        *("Fahrradteile Nord GmbH", "Speicherstraße 4", "20457 Hamburg, DE", "VAT DE123456789"),
        *("Hof van Fietsen B.V.", "Oudegracht 218", "3511 NP Utrecht, NL", "VAT NL001234567B01"),
        *("Brass bell, two-tone", "BL-0001", "1,200", "9.75", "19 %", "11,700.00"),
        *("Workshop hour", "1.5", "52.00", "7 %", "78.00"),
        *("2,223.00", "5.46"),  # VAT by rate
        *("11,778.00", "2,228.46", "14,006.46", "EUR 14,006.46"),
        *("DE02 1203 0000 0000 2020 51", "Thank you for your order.", "Delivered on 1 June."),
        "page 1 of 1",
    ):
        assert expected in text
    assert typeface.REPLACEMENT not in text


def test_a_credit_note_asks_for_no_payment() -> None:
    text = text_of(rendered(draft(document_type=DocumentType.CREDIT_NOTE)))
    assert "CREDIT NOTE" in text
    assert "CN-000042" in text
    assert "Total credit" in text
    assert "nothing is to be paid" in text
    assert "IBAN" not in text


def test_an_invoice_that_owes_the_customer_asks_for_no_payment() -> None:
    text = text_of(rendered(draft([line(quantity="-2")])))
    assert "EUR −23.21" in text  # noqa: RUF001 -- the minus sign is meant
    assert "nothing is to be paid" in text
    assert "IBAN" not in text


def test_a_reason_stands_where_no_vat_is_charged() -> None:
    free = [each for each in VatCategory if each.needs_reason]
    text = text_of(rendered(draft([line(vat_category=each, vat_rate=Decimal(0)) for each in free])))
    for reason in ("Exempt", "Reverse charge", "Intra-Community supply", "Export outside the EU", "Not subject to VAT"):
        assert reason in text


@pytest.mark.parametrize(
    "customer",
    [
        GREEK,
        POLISH,
        replace(CUSTOMER, name="Bicicleta Țării S.R.L."),
        replace(CUSTOMER, name="Велосипеды Ёлка"),
        replace(CUSTOMER, name="Xe đạp Tiến Bộ"),
    ],
    ids=["Greek", "Polish", "Romanian", "Cyrillic", "Vietnamese"],
)
def test_names_are_written_in_their_own_letters(customer: Customer) -> None:
    text = text_of(rendered(draft(), customer=customer))
    assert customer.name in text
    assert customer.address.line in text
    assert customer.address.city in text


def test_a_document_is_cut_from_the_smallest_font_that_will_do() -> None:
    sizes = [len(typeface.typeface_for(characters).code_points) for characters in ("Łódź", "Πειραιάς", "Tiến Bộ")]
    assert sizes == sorted(set(sizes))


def test_a_letter_that_the_font_lacks_is_visibly_missing() -> None:
    text = text_of(rendered(draft(), customer=replace(CUSTOMER, name="自行车 GmbH")))
    assert f"{typeface.REPLACEMENT * 3} GmbH" in text


def test_control_characters_are_visibly_replaced_and_break_nothing() -> None:
    hostile = "A\x00B\x07C\x1bD\x7fE\x85F\u202eG) Tj ET (H\\"
    event = draft([line(hostile, item_reference=hostile)], note=hostile, external_reference=hostile)
    customer = replace(CUSTOMER, name=hostile, reference=hostile, address=replace(CUSTOMER.address, line=hostile))
    text = squeezed(text_of(rendered(event, customer=customer)))
    assert text.count("A�B�C�D�E�F�G)TjET(H\\") == 7
    assert not any(character in text for character in "\x00\x07\x1b\x7f\u202e")


@pytest.mark.parametrize(
    "event",
    [draft(), draft(lines(60)), draft(document_type=DocumentType.CREDIT_NOTE)],
    ids=["invoice", "long invoice", "credit note"],
)
def test_the_same_events_give_the_same_bytes(event: InvoiceDrafted) -> None:
    assert rendered(event) == rendered(event)


def test_another_process_draws_the_same_bytes() -> None:
    program = (
        "import sys, hashlib\n"
        "from services.invoices.adapters import pdf\n"
        "from tests.unit.invoices.samples import GREEK, draft, issue, lines\n"
        "event = draft(lines(20))\n"
        "print(hashlib.sha256(pdf.render(event, issue(event))).hexdigest())\n"
        "print(hashlib.sha256(pdf.render(event, issue(event, customer=GREEK))).hexdigest())\n"
    )
    # Another hash seed, time zone and locale: none of them may show.
    printed = [
        subprocess.run(
            [sys.executable, "-c", program],
            cwd=ROOT,
            env={"PYTHONHASHSEED": seed, "TZ": zone, "LC_ALL": "C.UTF-8"},
            check=True,
            capture_output=True,
            text=True,
        ).stdout
        for seed, zone in (("1", "Asia/Kolkata"), ("2", "America/Lima"))
    ]
    assert printed[0] == printed[1]
    assert len(printed[0].splitlines()) == 2


def test_the_documents_own_date_is_when_it_was_issued() -> None:
    metadata = PdfReader(BytesIO(rendered(draft()))).metadata
    assert metadata is not None
    assert metadata.title == "Invoice INV-000042"
    assert metadata.creation_date_raw == "D:20261122090000Z"


def test_a_document_runs_nothing_and_points_nowhere() -> None:
    content = rendered(draft([line("https://evil.example/ javascript:alert(1)")]))
    assert b"/ObjStm" not in content, "every object stands outside the streams"
    # Inside there are compressed drawings and fonts, in which three letters turn up by chance.
    content = re.sub(rb"\bstream\r?\n.*?endstream", b"", content, flags=re.DOTALL)
    assert b"/Page" in content
    for dangerous in (b"/JavaScript", b"/JS", b"/OpenAction /", b"/URI", b"/Launch", b"/EmbeddedFile", b"/AcroForm"):
        assert dangerous not in content


@pytest.mark.parametrize(("count", "expected_pages"), [(1, 1), (20, 2), (46, 2), (1000, 30)])
def test_many_lines_break_over_pages_and_none_is_lost(count: int, expected_pages: int) -> None:
    pages = pages_of(rendered(draft(lines(count))))
    text = "\n".join(pages)
    for each in lines(count):
        assert text.count(each.name) == 1
    for index, page in enumerate(pages, start=1):
        assert f"page {index} of {len(pages)}" in page
        assert "INV-000042" in page
    assert len(pages) == expected_pages
    assert "Total with VAT" in pages[-1]


WIDE = "W" * 200
FAR = Address(WIDE, "C" * 100, "P" * 20, "GB")


def test_long_texts_of_the_parties_are_written_small_and_whole() -> None:
    seller = replace(SELLER, name=f"Seller {WIDE}", address=replace(FAR, city="S" * 100))
    customer = replace(CUSTOMER, name=f"Buyer {WIDE}", address=FAR, reference="R" * 100)
    text = squeezed(text_of(rendered(draft(), seller=seller, customer=customer)))
    place = f"{WIDE}{'P' * 20}"
    for expected in (f"Seller{WIDE}", f"{place}{'S' * 100},GB", f"Buyer{WIDE}", f"{place}{'C' * 100},GB", "R" * 100):
        assert expected in text


def test_a_long_line_is_written_whole() -> None:
    event = draft([line("D" * 500, item_reference="I" * 100)], external_reference="E" * 100)
    text = squeezed(text_of(rendered(event)))
    for expected in ("D" * 500, "I" * 100, "E" * 100):
        assert expected in text


def test_a_note_of_many_short_lines_goes_on_over_pages() -> None:
    note = "\n".join(f"{index}." for index in range(300))
    pages = pages_of(rendered(draft(note=note)))
    assert len(pages) > 3
    written = [text for page in pages for text in page.splitlines()]
    assert [text for text in written if text.removesuffix(".").isdigit() and text.endswith(".")] == note.splitlines()


def test_a_hundred_vat_rates_are_all_listed() -> None:
    many = [line(vat_rate=Decimal(rate)) for rate in range(1, 101)]
    text = text_of(rendered(draft(many)))
    for rate in range(1, 101):
        assert len(re.findall(rf"(?<!\d){rate} %", text)) == 2  # on its line and in the breakdown


def test_the_largest_amounts_are_written_whole() -> None:
    event = draft([line(quantity="999999999.9999", price="999999999.9999")])
    text = text_of(rendered(event))
    for expected in ("999,999,999.9999", "999,999,999,999,800,000.00", "EUR 1,189,999,999,999,762,000.00"):
        assert expected in text


HEIGHTS = st.floats(1, BOTTOM - NEXT_TOP)


@given(st.lists(st.tuples(HEIGHTS, st.booleans()), max_size=60))
def test_blocks_are_placed_in_order_and_never_over_one_another_or_the_edge(sizes: list[tuple[float, bool]]) -> None:
    blocks = [Block(height, lambda _: None, in_table=in_table) for height, in_table in sizes]
    pages = paginate(blocks)
    assert [placed.block for page in pages for placed in page] == blocks
    for page in pages:
        for placed in page:
            assert placed.bottom <= BOTTOM
        for above, below in pairwise(page):
            assert below.top == above.bottom
    for page in pages[1:]:
        assert page[0].top == (NEXT_TOP if page[0].block.in_table else NEXT_TOP - HEADS)
    assert all(page[0].top == FIRST_TOP for page in pages[:1] if page)


def test_what_belongs_together_is_not_parted_by_a_page() -> None:
    room = BOTTOM - FIRST_TOP
    first, second = Block(room - 10, lambda _: None), Block(8, lambda _: None, together=5)
    assert [[placed.block for placed in page] for page in paginate([first, second])] == [[first], [second]]


@pytest.mark.parametrize(
    ("value", "least", "expected"),
    [
        ("0", 2, "0.00"),
        ("1234.5", 2, "1,234.50"),
        ("1234567.1250", 2, "1,234,567.125"),
        ("12.0000", 0, "12"),
        ("-3", 0, "−3"),  # noqa: RUF001 -- the minus sign is meant
    ],
)
def test_numbers_are_grouped_for_people(value: str, least: int, expected: str) -> None:
    assert grouped(Decimal(value), least=least) == expected


@given(st.decimals(-(10**12), 10**12, places=2, allow_nan=False, allow_infinity=False))
def test_money_can_be_read_back(amount: Decimal) -> None:
    written = money(amount, "EUR").removeprefix("EUR ").replace(",", "").replace("−", "-")  # noqa: RUF001 -- as above
    assert Decimal(written) == amount


@settings(max_examples=40)
@given(st.text(max_size=60), st.text(max_size=60))
def test_no_text_whatever_breaks_the_drawing(name: str, note: str) -> None:
    content = rendered(draft([line(name)] if name.strip() else None, note=note), customer=replace(CUSTOMER, name=name))
    assert len(pages_of(content)) >= 1
