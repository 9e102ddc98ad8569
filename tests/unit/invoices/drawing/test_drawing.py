"""Drawn documents as readers get them: taken apart again by libraries that did not write them."""

import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date
from decimal import Decimal
from io import BytesIO
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pypdf import PdfReader

from services.invoices.adapters.drawing.draw import draw
from services.invoices.adapters.drawing.printable import REPLACEMENT
from services.invoices.domain.document.content import DocumentType, Prices, TaxPoint
from services.invoices.domain.document.issued import Document
from services.invoices.domain.document.parties import Address, Customer
from services.invoices.domain.document.vat import VatCategory
from tests.unit.invoices.drawing.papers import CUSTOMER, SELLER, XML, document, full_document, line, lines

ROOT = Path(__file__).resolve().parents[4]
GREEK = replace(
    CUSTOMER,
    name="Ποδήλατα Αιγαίο Ε.Ε.",  # noqa: RUF001 -- Greek letters are meant
    address=Address("Ερμού 15", "Πειραιάς", "185 31", "GR"),
)
POLISH = replace(CUSTOMER, name="Rowerownia Łódź sp. z o.o.", address=Address("ul. Żółta 86", "Łódź", "90-103", "PL"))


def pages_of(drawn: bytes) -> list[str]:
    return [page.extract_text() for page in PdfReader(BytesIO(drawn)).pages]


def squeezed(text: str) -> str:
    """Without white space: where a line was broken does not matter."""
    return "".join(text.split())


def shown(paper: Document) -> str:
    return squeezed("".join(pages_of(draw(paper, XML))))


def shows(paper: Document, *expected: str) -> bool:
    text = shown(paper)
    missing = [each for each in expected if squeezed(each) not in text]
    assert missing == [], text
    return True


def test_a_document_says_who_owes_whom_how_much_for_what() -> None:
    rows = [line(quantity="1200", item_reference="BL-0001"), line("Workshop hour", "1.5", "52", vat_rate=Decimal(7))]
    assert shows(
        document(rows, external_reference="RE2601", note="Thank you for your order.\nDelivered on 1 June."),
        *("Invoice", "INV-000042", "2 June 2026", "K-107", "RE2601"),
        *("Fahrradteile Nord GmbH", "Speicherstraße 4", "20457 Hamburg", "Germany", "DE123456789"),
        *("Hof van Fietsen B.V.", "Oudegracht 218", "3511 NP Utrecht", "Netherlands", "NL001234567B01"),
        *("Brass bell, two-tone", "BL-0001", "1,200", "9.75", "19 %", "11,700.00"),
        *("Workshop hour", "1.5", "52.00", "7 %", "78.00", "2,223.00", "5.46"),
        *("11,778.00", "2,228.46", "14,006.46", "14,006.46 €"),
        *(
            "DE02 1203 0000 0000 2020 51",
            "our account since 1 March 2026",
            "Thank you for your order.",
            "Delivered on 1 June.",
        ),
        "Page 1 of 1",
    )


def test_nothing_that_a_document_can_say_is_left_out() -> None:
    assert shows(
        full_document(),
        *("Nordrad", "HRB 12345", "12/345/67890", "Geschäftsführerin: Ada Hansen", "Amtsgericht Hamburg"),
        *("DE123456789-EAS", "Bo Ahlers", "+49 40 1234", "bo@fahrradteile-nord.example"),
        *("Fahrradteile Nord Konto", "BYLADEM1001", "De Fietshof", "KVK 87654321", "Cas de Vries", "+31 30 4321"),
        *("cas@hofvanfietsen.example", "Achterhuis", "Etage 2", "Utrecht (provincie)"),
        *("1,200 kg", "per 100 kg", "Polished, with a spring made of steel", "Packed in twelve boxes", "HVF-99"),
        *("Discount 2.5 % (Loyal customer): −2.93", "Surcharge (Engraving): 1.00"),  # noqa: RUF001 -- a minus sign
        *("1 May 2026 – 31 May 2026", "Order line 7", "04012345678901", "Japan", "1.5 hrs"),  # noqa: RUF001 -- a dash
        *("VAT-exempt intra-Community supply", "Discount (Spring sale), 19 %", "Surcharge (Freight), 19 %"),
        *("Already paid", "−100.00", "Payable by 2 July 2026.", "Title is kept until paid."),  # noqa: RUF001 -- a minus
        *("Paid by 12 June 2026, less 2 % discount: 147.38 €", "150.39 €"),
        *("1 EUR = 11.2345 SEK", "ECB", "1 June 2026", "29 May 2026", "Depot Zuid, Havenlaan 1, 9000 Gent, Belgium"),
        *("INV-000007 of 3 April 2026", "04011000-12345-67", "PO-5521", "C-2026-9", "P-31", "RE2601"),
        *("Thank you for your order.", "A-1", "Hours worked"),
    )


def test_a_document_says_when_the_vat_becomes_due() -> None:
    assert shows(document(tax_point_date=date(2026, 5, 28)), "VAT point", "28 May 2026")
    german = replace(CUSTOMER, language="de")
    assert shows(document(tax_point=TaxPoint.PAYMENT, customer=german), "Steuerentstehung", "mit der Zahlung")


def test_a_deposit_says_that_it_is_one() -> None:
    assert shows(document(document_type=DocumentType.PREPAYMENT_INVOICE), "Deposit invoice")


def test_a_credit_note_asks_for_no_payment() -> None:
    paper = document(document_type=DocumentType.CREDIT_NOTE, number="CN-000042")
    assert shows(paper, "Credit note", "CN-000042", "Total credit", "nothing is to be paid")
    assert "IBAN" not in shown(paper)


def test_an_invoice_that_owes_the_customer_asks_for_no_payment() -> None:
    paper = document([line(quantity="-2")])
    assert shows(paper, "−23.21 €", "nothing is to be paid")  # noqa: RUF001 -- the minus sign is meant
    assert "IBAN" not in shown(paper)


def test_prices_with_vat_say_so_and_what_they_are_without() -> None:
    assert shows(document([line(price="11.90")], prices=Prices.GROSS), "Unit price incl. VAT", "11.90", "net 10.00")


def test_a_reason_stands_where_no_vat_is_charged() -> None:
    free = [each for each in VatCategory if each.needs_reason]
    assert shows(
        document([line(vat_category=each, vat_rate=Decimal(0)) for each in free]),
        *("Exempt from VAT", "Reverse charge", "intra-Community supply", "export outside the EU", "Not subject to VAT"),
    )


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
    assert shows(document(customer=customer), customer.name, customer.address.line, customer.address.city)


def test_a_letter_that_the_font_lacks_is_visibly_missing() -> None:
    assert shows(document(customer=replace(CUSTOMER, name="自行车 GmbH")), f"{REPLACEMENT * 3} GmbH")


def test_control_characters_are_visibly_replaced_and_break_nothing() -> None:
    hostile = "A\x00B\x07C\x1bD\x7fE\x9fF\u202eG\ue000) Tj ET (H\\"
    address = replace(CUSTOMER.address, line=hostile)
    customer = replace(CUSTOMER, name=hostile, reference=hostile, address=address)
    text = shown(document([line(hostile, item_reference=hostile)], customer=customer, note=hostile))
    assert text.count("A�B�C�D�E�F�G�)TjET(H\\") == 6
    assert not any(character in text for character in "\x00\x07\x1b\x7f\u202e\ue000")


MARKUP = '#panic("x") *bold* _it_ $x^2$ `raw` <l> @ref = head - item \\u{41} https://e.example // #read("/etc/passwd")'


def test_what_anybody_wrote_is_text_and_never_markup_or_code() -> None:
    address = Address(MARKUP, MARKUP, "1", "DE")
    customer = replace(CUSTOMER, name=MARKUP, address=address, reference=MARKUP)
    seller = replace(SELLER, name=MARKUP, legal_information=MARKUP)
    rows = [line(MARKUP, description=MARKUP, note=MARKUP, item_reference=MARKUP, unit=MARKUP)]
    drawn = draw(document(rows, customer=customer, seller=seller, note=MARKUP, buyer_reference=MARKUP), XML)
    assert "".join(squeezed(page) for page in pages_of(drawn)).count(squeezed(MARKUP)) >= 11
    assert b"/URI" not in drawn


def test_a_document_runs_nothing_and_points_nowhere() -> None:
    drawn = draw(document([line("https://evil.example/ javascript:alert(1)")]), XML)
    assert b"/ObjStm" not in drawn, "every object stands outside the streams"
    outside = re.sub(rb"\bstream\r?\n.*?endstream", b"", drawn, flags=re.DOTALL)
    assert b"/Page" in outside
    for dangerous in (b"/JavaScript", b"/JS", b"/OpenAction", b"/URI", b"/Launch", b"/AcroForm"):
        assert dangerous not in outside


@pytest.mark.parametrize(
    "paper", [document(), document(lines(60)), full_document()], ids=["invoice", "long invoice", "everything"]
)
def test_equal_documents_give_equal_bytes(paper: Document) -> None:
    first = draw(paper, XML)
    assert draw(document(number="another in between"), XML) != first
    assert draw(paper, XML) == first


def test_another_process_draws_the_same_bytes() -> None:
    program = (
        "import hashlib\n"
        "from services.invoices.adapters.drawing.draw import draw\n"
        "from tests.unit.invoices.drawing.papers import XML, document, full_document, lines\n"
        "for paper in (document(lines(20)), full_document(language='pl')):\n"
        "    print(hashlib.sha256(draw(paper, XML)).hexdigest())\n"
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


def test_threads_that_draw_at_the_same_time_mix_nothing() -> None:
    papers = [document(lines(20), number=f"INV-{index:06d}") for index in range(12)]
    one_by_one = [draw(paper, XML) for paper in papers]
    with ThreadPoolExecutor(4) as threads:
        assert list(threads.map(lambda paper: draw(paper, XML), papers)) == one_by_one


@pytest.mark.parametrize("count", [1, 20, 46, 1000])
def test_many_lines_break_over_pages_and_none_is_lost(count: int) -> None:
    pages = pages_of(draw(document(lines(count)), XML))
    text = "\n".join(pages)
    for each in lines(count):
        assert text.count(each.name) == 1
    for index, page in enumerate(pages, start=1):
        assert f"Page {index} of {len(pages)}" in page
        assert ("continued" in page) == (index > 1)
    assert "Total with VAT" in text


WIDE = "W" * 200
FAR = Address(WIDE, "C" * 100, "P" * 20, "GB")


def test_long_texts_are_written_whole_and_inside_the_page() -> None:
    seller = replace(SELLER, name=f"Seller{WIDE}", address=replace(FAR, city="S" * 100))
    customer = replace(CUSTOMER, name=f"Buyer{WIDE}", address=FAR, reference="R" * 100)
    rows = [line("D" * 500, item_reference="I" * 100, description="m" * 300)]
    drawn = draw(document(rows, seller=seller, customer=customer, external_reference="E" * 100), XML)
    text = squeezed("".join(pages_of(drawn)))
    for expected in (f"Seller{WIDE}", f"Buyer{WIDE}", "S" * 100, "C" * 100, *(each * 100 for each in "RIE"), "D" * 500):
        assert expected in text
    for page in PdfReader(BytesIO(drawn)).pages:
        places: list[float] = []
        page.extract_text(visitor_text=lambda _text, _cm, tm, _font, _size, at=places: at.append(tm[4]))  # type: ignore[misc]
        assert max(places) < float(page.mediabox.width) - 50


def test_a_note_of_many_short_lines_goes_on_over_pages() -> None:
    note = "\n".join(f"Sentence {index}." for index in range(300))
    pages = pages_of(draw(document(note=note), XML))
    assert len(pages) > 3
    assert re.findall(r"Sentence \d+\.", "\n".join(pages)) == note.splitlines()


def test_a_hundred_vat_rates_are_all_listed() -> None:
    text = "\n".join(pages_of(draw(document([line(vat_rate=Decimal(rate)) for rate in range(1, 101)]), XML)))
    for rate in range(1, 101):
        assert len(re.findall(rf"(?<!\d){rate}\s%", text)) == 2  # on its line and in the breakdown


def test_the_largest_amounts_are_written_whole() -> None:
    assert shows(
        document([line(quantity="999999999.9999", price="999999999.9999")]),
        *("999,999,999.9999", "999,999,999,999,800,000.00", "1,189,999,999,999,762,000.00 €"),
    )


@pytest.mark.parametrize(
    ("language", "country", "expected"),
    [
        ("en", "NL", ("Invoice", "2 June 2026", "14,006.46 €")),
        ("en", "US", ("June 2, 2026", "€14,006.46")),
        ("de", "DE", ("Rechnung", "2. Juni 2026", "14.006,46 €", "Deutschland")),
        ("de", "CH", ("EUR 14\u2019006.46",)),
        ("fr", "FR", ("Facture", "2 juin 2026", "14 006,46 €")),
        ("pl", "PL", ("Faktura", "2 czerwca 2026", "Termin płatności: 1 lipca 2026")),
        ("el", "GR", ("Invoice", "2 June 2026")),
    ],
)
def test_words_and_figures_are_those_of_language_and_country(
    language: str, country: str, expected: tuple[str, ...]
) -> None:
    address = replace(CUSTOMER.address, country_code=country)
    rows = [line(quantity="1200"), line("Workshop hour", "1.5", "52", vat_rate=Decimal(7))]
    paper = document(rows, customer=replace(CUSTOMER, language=language, address=address), due_date=date(2026, 7, 1))
    assert shows(paper, *expected)


def test_the_documents_own_language_goes_before_the_customers() -> None:
    assert shows(document(customer=replace(CUSTOMER, language="fr"), language="nl"), "Factuur")


@settings(max_examples=25, deadline=None)
@given(st.text(max_size=60), st.text(max_size=60))
def test_no_text_whatever_breaks_the_drawing(name: str, note: str) -> None:
    assert len(pages_of(draw(document([line(name)], note=note, customer=replace(CUSTOMER, name=name)), XML))) >= 1
