"""Reminders as readers get them: taken apart again by a library that did not write them."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from io import BytesIO

import pikepdf
import pytest
from pypdf import PdfReader

from services.invoices.adapters.drawing.draw import draw_letter
from services.invoices.adapters.drawing.texts import languages
from services.invoices.domain.events.reminders import Reminded, ReminderWritten
from services.invoices.domain.interest import InterestLine
from tests.unit.invoices.samples import CUSTOMER, ISSUED_AT, SELLER

REMINDER = Reminded(
    "i1",
    "r1",
    2,
    date(2026, 7, 31),
    date(2026, 8, 7),
    Decimal("1000.00"),
    fee=Decimal("5.00"),
    interest=Decimal("8.49"),
    compensation=Decimal("40.00"),
)
LINE = InterestLine(date(2026, 7, 1), date(2026, 7, 31), Decimal("1000.00"), Decimal(1), Decimal(10), Decimal("8.49"))
WRITTEN = ReminderWritten(
    REMINDER,
    "INV-000042",
    date(2026, 6, 16),
    date(2026, 6, 30),
    "EUR",
    SELLER,
    CUSTOMER,
    ISSUED_AT,
    "en",
    lines=(LINE,),
    earlier=Decimal("2.50"),
)


def text_of(written: ReminderWritten) -> str:
    return " ".join(" ".join(page.extract_text().split()) for page in PdfReader(BytesIO(draw_letter(written))).pages)


def test_a_letter_says_what_is_owed_and_what_it_claims() -> None:
    text = text_of(WRITTEN)
    for words in (
        *("Payment reminder no. 2", "INV-000042", "30 June 2026", "by 7 August 2026", "Hof van Fietsen B.V."),
        *("Reminder fee 5.00", "Interest on late payment 8.49", "Compensation for recovery costs 40.00"),
        *("Owed from earlier reminders 2.50", "1,055.99", "DE02 1203 0000 0000 2020 51"),
        *("31 1,000.00 10 % 8.49",),
    ):
        assert words in text.replace("\N{NO-BREAK SPACE}", " ")


def test_a_letter_leaves_out_what_is_nothing() -> None:
    plain = replace(REMINDER, level=1, fee=Decimal(0), interest=Decimal(0), compensation=Decimal(0))
    text = text_of(replace(WRITTEN, reminder=plain, lines=(), earlier=Decimal(0)))
    assert "Payment reminder" in text
    assert not any(words in text for words in ("fee", "Interest", "Compensation", "no. 1"))


def test_a_letter_has_the_businesss_own_words_and_no_markup() -> None:
    text = text_of(replace(WRITTEN, title="#panic() *Pay*", text='Dear [friend],\n#read("letter.typ")'))
    assert "#panic() *Pay*" in text
    assert '#read("letter.typ")' in text


def test_what_earlier_reminders_claimed_of_the_interest_is_said() -> None:
    reminder = replace(REMINDER, interest=Decimal("3.49"))
    words = "earlier reminders asked for 5.00"
    assert words in text_of(replace(WRITTEN, reminder=reminder))


@pytest.mark.parametrize("language", sorted(languages()))
def test_a_letter_is_pdf_a_3b_and_pdf_ua_1_in_every_language_and_the_same_bytes_each_time(language: str) -> None:
    drawn = draw_letter(replace(WRITTEN, language=language))
    assert drawn == draw_letter(replace(WRITTEN, language=language))
    with pikepdf.open(BytesIO(drawn)) as pdf, pdf.open_metadata() as metadata:
        assert (metadata["pdfaid:part"], metadata["pdfaid:conformance"], metadata["pdfuaid:part"]) == ("3", "B", "1")
        assert pdf.Root.Lang == language
