"""How and when to pay, and everything else that stands under the totals."""

from datetime import timedelta
from decimal import ROUND_HALF_UP, Decimal

from services.invoices.adapters.drawing.printable import printable
from services.invoices.adapters.drawing.wording import Pairs, Wording
from services.invoices.domain.document.content import DocumentType, PaymentTerms
from services.invoices.domain.document.issued import Document, Offer
from services.invoices.domain.document.parties import Seller
from services.invoices.domain.document.terms import due_date

Section = tuple[str, list[str]]
"""A title and paragraphs."""


def payment(wording: Wording, document: Document) -> tuple[Section, Pairs]:
    """Return sentences on when to pay, and the account to pay to; nothing owed: no account that could be paid to."""
    content, totals, terms = document.content, document.totals, document.content.payment_terms
    own_terms = paragraphs(terms.text if terms else None)
    if document.offer is not None:
        return (wording.say("offer_title"), _offered(wording, document.offer, terms) + own_terms), []
    if content.document_type is DocumentType.CREDIT_NOTE or totals.payable <= 0:
        return (wording.say("credit"), [wording.say("nothing_due"), *own_terms]), []
    due = due_date(content, document.customer)
    on_receipt = due <= content.issue_date
    sentences = [wording.say("pay_now") if on_receipt else wording.say("pay_by", date=wording.figures.day(due))]
    sentences += [
        wording.say(
            "early_payment",
            percentage=wording.figures.percentage(each.percentage),
            date=wording.figures.day(content.issue_date + timedelta(days=each.days)),
            amount=wording.figures.money(_discounted(totals.payable, each.percentage)),
        )
        for each in (terms.discounts if terms else ())
    ]
    return (wording.say("payment"), sentences + own_terms), account(wording, document.seller, document.number)


def _offered(wording: Wording, offer: Offer, terms: PaymentTerms | None) -> list[str]:
    """Return until when an offer stands, and how an invoice of it would be paid."""
    sentences = [wording.say("offer_until", date=wording.figures.day(offer.valid_until))]
    if terms is not None:
        sentences += [wording.say("offer_days", days=str(terms.days))] if terms.days else []
        sentences += [
            wording.say("offer_discount", percentage=wording.figures.percentage(each.percentage), days=str(each.days))
            for each in terms.discounts
        ]
    return sentences


def sections(wording: Wording, document: Document) -> list[Section]:
    """Return what follows the payment: notes, tax in the accounting currency, attachments, legal information."""
    content = document.content
    named = [f"{each.reference} – {each.description or each.file_name}" for each in content.attachments]  # noqa: RUF001
    candidates = [
        ("accounting_title", _accounting(wording, document)),
        ("note", paragraphs(content.note)),
        ("attachments", [printable(each) for each in named]),
        ("legal", paragraphs(document.seller.legal_information)),
    ]
    return [(wording.say(name), texts) for name, texts in candidates if texts]


def paragraphs(text: str | None) -> list[str]:
    """Return a text's lines that say something."""
    return [printable(line) for line in (text or "").splitlines() if line.strip()]


def _discounted(payable: Decimal, percentage: Decimal) -> Decimal:
    return (payable * (1 - percentage / 100)).quantize(Decimal("0.01"), ROUND_HALF_UP)


def account(wording: Wording, seller: Seller, reference: str) -> Pairs:
    """Return where to pay to, and under which reference."""
    return wording.pairs(
        ("account_name", seller.account_name or seller.name),
        ("iban", "\N{NO-BREAK SPACE}".join(seller.iban[at : at + 4] for at in range(0, len(seller.iban), 4))),
        ("bic", seller.bic),
        ("payment_reference", reference),
    )


def _accounting(wording: Wording, document: Document) -> list[str]:
    rate, vat = document.content.exchange_rate, document.totals.accounting_vat
    if rate is None or vat is None:
        return []
    return [
        wording.say(
            "accounting_vat",
            amount=f"{rate.currency}\N{NO-BREAK SPACE}{wording.figures.amount(vat)}",
            currency=document.content.currency,
            rate=f"{wording.figures.number(rate.rate)}\N{NO-BREAK SPACE}{rate.currency}",
            source=rate.source,
            date=wording.figures.day(rate.day),
        )
    ]
