"""A document as text in its places: what the template lays out. All words, figures and decisions are made here."""

from collections.abc import Collection
from dataclasses import dataclass

from services.invoices.adapters.drawing.giro import giro_svg
from services.invoices.adapters.drawing.head import Head, Picture, head_of
from services.invoices.adapters.drawing.paying import Section, payment, sections
from services.invoices.adapters.drawing.rows import Row, breakdown_rows, due_row, line_rows, total_rows
from services.invoices.adapters.drawing.sides import facts
from services.invoices.adapters.drawing.wording import Pairs, Wording
from services.invoices.domain.document.content import Prices
from services.invoices.domain.document.issued import Document


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

    head: Head
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


def sheet_of(document: Document, logo: bytes | None, embedded: Collection[str] = ()) -> Sheet:
    """Write the document's sheet; LogoRefused. `embedded`: digests of the attachments that are files of the PDF."""
    wording = Wording.of(document)
    content, seller, words = document.content, document.seller, wording.words
    how_to_pay, account = payment(wording, document)
    code = giro_svg(document) if account else None
    since = wording.figures.day(seller.account_since) if account and seller.account_since else None
    price = "unit_price_gross" if content.prices is Prices.GROSS else "unit_price"
    return Sheet(
        head=head_of(
            wording,
            document,
            kind=words[content.document_type.value if document.offer is None else "quote"],
            facts=facts(wording, document),
            logo=logo,
            bill_to="bill_to" if document.offer is None else "offered_to",
        ),
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
    )
