"""A document as text in its places: what the template lays out. All words, figures and decisions are made here."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, fields, is_dataclass

from services.invoices.adapters.drawing.colour import readable
from services.invoices.adapters.drawing.giro import giro_svg
from services.invoices.adapters.drawing.logo import logo_svg
from services.invoices.adapters.drawing.paying import Section, payment, sections
from services.invoices.adapters.drawing.printable import printable
from services.invoices.adapters.drawing.rows import Row, breakdown_rows, due_row, line_rows, total_rows
from services.invoices.adapters.drawing.sides import address_lines, customer_facts, facts, seller_facts
from services.invoices.adapters.drawing.wording import Pairs, Wording
from services.invoices.domain.document.content import Prices
from services.invoices.domain.document.issued import Document
from services.invoices.domain.document.parties import Customer, Seller

_ALWAYS_FITS, _FITS = 20, 34
"""Characters of a word that needs no look at its letters, and what such a look may add up to."""
_WIDE = frozenset("mw@%&\u2014")


@dataclass(frozen=True, slots=True)
class Side:
    """A party."""

    name: str
    trading_name: str | None
    address: list[str]
    facts: Pairs


@dataclass(frozen=True, slots=True)
class Picture:
    """An SVG of ours and what it shows, in words."""

    svg: str
    alt: str


@dataclass(frozen=True, slots=True)
class AttachedFile:
    """A file in the PDF, as readers list it."""

    name: str
    media_type: str
    description: str
    digest: str
    """SHA-256 (hex): what stands for its content until the PDF is written."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """Everything that is drawn."""

    language: str
    kind: str
    title: str
    accent: str
    seller: Side
    customer: Side
    logo: Picture | None
    facts: Pairs
    heads: list[str]
    lines: list[Row]
    breakdown_heads: list[str]
    breakdown: list[tuple[str, str, str]]
    totals: Pairs
    due: tuple[str, str]
    payment: Section
    account: Pairs
    account_since: str | None
    code: Picture | None
    scan: str
    sections: list[Section]
    files: list[AttachedFile]
    bill_to: str
    continued: str
    page: str
    long_words: bool


def sheet_of(document: Document, logo: bytes | None, embedded: Collection[str] = ()) -> Sheet:
    """Write the document's sheet; LogoRefused. `embedded`: digests of the attachments that are files of the PDF."""
    wording = Wording.of(document)
    content, seller, customer, words = document.content, document.seller, document.customer, wording.words
    how_to_pay, account = payment(wording, document)
    code = giro_svg(document) if account else None
    since = wording.figures.day(seller.account_since) if account and seller.account_since else None
    kind = words[content.document_type.value if document.offer is None else "quote"]
    price = "unit_price_gross" if content.prices is Prices.GROSS else "unit_price"
    return Sheet(
        language=wording.language,
        kind=kind,
        title=f"{kind} {printable(document.number)}",
        accent=readable(seller.colour),
        seller=side_of(wording, seller, seller_facts(wording, seller)),
        customer=side_of(wording, customer, customer_facts(wording, customer)),
        logo=None if logo is None else Picture(logo_svg(logo), wording.say("logo_alt", name=seller.name)),
        facts=facts(wording, document),
        heads=[
            "#",
            *(words[name] for name in ("item", "quantity", price, "vat")),
            f"{words['amount']} {content.currency}",
        ],
        lines=line_rows(wording, document),
        breakdown_heads=[words[name] for name in ("vat", "taxable", "vat_amount")],
        breakdown=breakdown_rows(wording, document),
        totals=total_rows(wording, document),
        due=due_row(wording, document),
        payment=how_to_pay,
        account=account,
        account_since=since and wording.say("account_since", date=since),
        code=None if code is None else Picture(code, wording.say("code_alt", name=seller.name, number=document.number)),
        scan=words["scan"],
        sections=sections(wording, document),
        files=[
            AttachedFile(each.file_name, each.media_type, each.description or each.reference, each.digest)
            for each in content.attachments
            if each.digest in embedded
        ],
        bill_to=words["bill_to" if document.offer is None else "offered_to"],
        continued=words["continued"],
        page=words["page"],
        long_words=has_long_words(document),
    )


def side_of(wording: Wording, party: Seller | Customer, known_as: Pairs) -> Side:
    """Return a party and what it is known as."""
    trading_name = party.trading_name and printable(party.trading_name)
    return Side(printable(party.name), trading_name, address_lines(wording, party.address), known_as)


def has_long_words(value: object) -> bool:
    """Tell whether anything that somebody wrote has a word that may be wider than the narrowest column of text."""
    return any(_is_long(word) for text in _written(value) for word in text.split())


def _written(value: object) -> Iterator[str]:
    """Yield every text that somebody wrote, however deep it lies."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, tuple):
        for each in value:
            yield from _written(each)
    elif is_dataclass(value):
        for field in fields(value):
            yield from _written(getattr(value, field.name))


def _is_long(word: str) -> bool:
    """Tell whether it may be wider than the narrowest column of text; capitals and the like count for more."""
    return len(word) > _ALWAYS_FITS and sum(1.6 if each in _WIDE or each.isupper() else 1 for each in word) > _FITS
