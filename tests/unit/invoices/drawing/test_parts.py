"""Words, colours, logos and codes of drawn documents, each by itself."""

import re
from dataclasses import replace
from decimal import Decimal
from io import BytesIO
from string import Formatter

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from services.invoices.adapters.drawing.colour import DEFAULT, LEAST_CONTRAST, contrast_with_white, readable
from services.invoices.adapters.drawing.giro import giro_payload, giro_svg
from services.invoices.adapters.drawing.logo import MAX_BYTES, LogoRefused, logo_svg
from services.invoices.adapters.drawing.texts import languages, texts_in
from services.invoices.domain.document.content import DocumentType
from tests.unit.invoices.drawing.papers import FULL_SELLER, SELLER, document, line


def places_in(words: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(words) if name}


def test_documents_speak_at_least_seven_languages() -> None:
    assert languages() >= {"en", "de", "fr", "nl", "es", "it", "pl"}


@pytest.mark.parametrize("language", sorted(languages()))
def test_every_catalogue_has_all_words_with_the_same_places(language: str) -> None:
    words, english = texts_in(language), texts_in("en")
    assert words.keys() == english.keys()
    assert {name: places_in(each) for name, each in words.items()} == {
        name: places_in(each) for name, each in english.items()
    }
    assert all(each.strip() for each in words.values())


@given(st.integers(0, 0xFFFFFF))
def test_every_colour_can_be_read_on_white_and_under_it(colour: int) -> None:
    red, green, blue = bytes.fromhex(readable(f"#{colour:06x}")[1:])
    assert contrast_with_white(red, green, blue) >= LEAST_CONTRAST


def test_a_dark_colour_stays_as_it_is() -> None:
    assert readable("#7a1f3d") == "#7a1f3d"


@pytest.mark.parametrize("colour", [None, "", "red", "#fff", '#000000"); panic("x'])
def test_what_is_no_colour_is_ours(colour: str | None) -> None:
    assert readable(colour) == DEFAULT


def picture(kind: str, size: tuple[int, int] = (40, 10)) -> bytes:
    encoded = BytesIO()
    Image.new("RGB", size, "#aa3322").save(encoded, kind)
    return encoded.getvalue()


@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
def test_a_logo_is_drawn_from_its_pixels_alone(kind: str) -> None:
    content = picture(kind)
    svg = logo_svg(content)
    assert re.fullmatch(r"<svg [^<]*><image [^<]*/></svg>", svg)
    assert "data:image/png;base64," in svg


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"<svg xmlns='http://www.w3.org/2000/svg'><image href='/etc/passwd'/></svg>",
        picture("GIF"),
        picture("PNG")[:40],
        b"\x89PNG\r\n\x1a\n" + b"\x00" * MAX_BYTES,
        picture("PNG", (5000, 4000)),
    ],
    ids=["nothing", "SVG", "GIF", "half a PNG", "too many bytes", "too many pixels"],
)
def test_another_kind_of_logo_is_refused(content: bytes) -> None:
    with pytest.raises(LogoRefused):
        logo_svg(content)


def test_a_banking_app_reads_the_whole_transfer() -> None:
    payload = giro_payload(document(seller=FULL_SELLER))
    assert payload is not None
    assert payload.decode().split("\n") == [
        *("BCD", "002", "1", "SCT", "BYLADEM1001", "Fahrradteile Nord Konto", "DE02120300000000202051", "EUR23.21"),
        *("", "", "INV-000042"),
    ]


def test_a_name_cannot_name_another_account() -> None:
    payload = giro_payload(document(seller=replace(SELLER, name="Honest\nGB33BUKB20201555555555\nEUR9999")))
    assert payload is not None
    assert payload.decode().split("\n")[6] == SELLER.iban


@pytest.mark.parametrize(
    "paper",
    [
        document(document_type=DocumentType.CREDIT_NOTE),
        document([line(quantity="-1")]),
        document(currency="SEK"),
        document([line(price="999999999", quantity="9")]),
        document(seller=replace(SELLER, iban="TR330006100519786457841326")),
        document(prepaid=Decimal("23.21")),
    ],
    ids=["credit", "owed to the customer", "not euros", "too much", "not SEPA", "paid"],
)
def test_there_is_no_code_where_no_sepa_transfer_is_due(paper: object) -> None:
    assert giro_svg(paper) is None  # type: ignore[arg-type]  # parametrised
