"""When a document is to be paid and how that reads: BT-9 and BT-20, which every form says in the same way."""

from datetime import date, timedelta

from services.invoices.domain.document.content import Content, EarlyPayment, PaymentTerms
from services.invoices.domain.document.parties import Customer, Profile

_TERM_BY_LAW = timedelta(days=30)


def due_date(content: Content, customer: Customer) -> date:
    """Return the payment due date (BT-9).

    It is the document's own; else as many days after the issue date as its terms, else as the customer's terms say;
    else the issue date: what was agreed nowhere is due at once.
    """
    return agreed_due_date(content) or content.issue_date + timedelta(days=customer.payment_days or 0)


def agreed_due_date(content: Content) -> date | None:
    """Return the payment due date as far as the document itself says it; None where it is the customer's to say."""
    if content.due_date is not None or content.payment_terms is None or content.payment_terms.days is None:
        return content.due_date
    return content.issue_date + timedelta(days=content.payment_terms.days)


def last_day_to_pay(content: Content, customer: Customer) -> date:
    """Return the day after which whoever has not paid is late.

    It is the due date, where one was agreed; else thirty days after the issue date (Directive 2011/7/EU, article 3(3);
    § 286(3) BGB): what is due at once is not late at once.
    """
    if agreed_due_date(content) is None and customer.payment_days is None:
        return content.issue_date + _TERM_BY_LAW
    return due_date(content, customer)


def terms_in_words(content: Content, customer: Customer) -> str | None:
    """Return the payment terms (BT-20); None when there is nothing to say beside the due date.

    XRechnung 3.0 wants discounts in a notation of its own, each in a line that ends in a line feed (BR-DE-18).
    """
    terms = content.payment_terms
    if terms is None:
        return None
    if customer.profile is Profile.XRECHNUNG:
        lines = [_skonto(discount) for discount in terms.discounts]
        return "\n".join([*_own_words(terms), *lines, ""]) if lines else terms.text
    return "\n".join([*(_discount(discount) for discount in terms.discounts), *_own_words(terms)]) or None


def _own_words(terms: PaymentTerms) -> list[str]:
    return [] if terms.text is None else [terms.text]


def _skonto(discount: EarlyPayment) -> str:
    return f"#SKONTO#TAGE={discount.days}#PROZENT={discount.percentage:.2f}#"


def _discount(discount: EarlyPayment) -> str:
    percentage = f"{discount.percentage:f}"
    shortest = percentage.rstrip("0").rstrip(".") if "." in percentage else percentage
    return f"{shortest} % discount if paid within {discount.days} days"
