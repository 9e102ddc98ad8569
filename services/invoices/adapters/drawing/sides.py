"""The two parties, and what the document refers to."""

from datetime import date

from services.invoices.adapters.drawing.printable import printable
from services.invoices.adapters.drawing.wording import Pairs, Wording
from services.invoices.domain.document.content import Delivery, DocumentType
from services.invoices.domain.document.issued import Document, Offer
from services.invoices.domain.document.parties import (
    Address,
    Contact,
    Customer,
    ElectronicAddress,
    Registration,
    Seller,
)


def address_lines(wording: Wording, address: Address) -> list[str]:
    """Return a postal address, line by line, the country's name last."""
    texts = (address.line, address.line_2, address.line_3, f"{address.post_code} {address.city}", address.subdivision)
    return [*(printable(text) for text in texts if text), wording.figures.country(address.country_code)]


def seller_facts(wording: Wording, seller: Seller) -> Pairs:
    """Return who the seller is to offices and registers, and whom to ask."""
    return wording.pairs(
        ("vat_id", seller.vat_id),
        ("tax_number", seller.tax_number),
        ("registration", _registration(seller.registration)),
        *_contact(seller.contact),
        ("email", seller.email),
        ("electronic_address", _electronic(seller.electronic_address)),
    )


def customer_facts(wording: Wording, customer: Customer) -> Pairs:
    """Return who the customer is to offices and registers, and whom it is for."""
    return wording.pairs(
        *_contact(customer.contact),
        ("vat_id", customer.vat_id),
        ("registration", _registration(customer.registration)),
        ("electronic_address", _electronic(customer.electronic_address)),
    )


def facts(wording: Wording, document: Document) -> Pairs:
    """Return what stands beside the address: number, days, references."""
    content, customer = document.content, document.customer
    delivery, period = content.delivery, content.period
    preceding = "corrects" if content.document_type is DocumentType.CREDIT_NOTE else "refers_to"
    return wording.pairs(
        ("number", document.number),
        ("issue_date", content.issue_date),
        *_offered(document.offer),
        ("delivery_date", None if delivery is None else delivery.day),
        ("period", None if period is None else wording.period(period)),
        (
            "tax_point",
            content.tax_point_date or (content.tax_point and wording.words[f"tax_point_{content.tax_point}"]),
        ),
        ("delivered_to", None if delivery is None else _delivered_to(wording, delivery)),
        ("customer_number", customer.reference),
        ("buyer_reference", content.buyer_reference or customer.buyer_reference),
        ("order_reference", content.order_reference),
        ("contract_reference", content.contract_reference),
        ("project_reference", content.project_reference),
        ("our_reference", content.external_reference),
        *(
            (
                preceding,
                wording.say("number_of_day", number=each.number, date=wording.figures.day(each.issue_date))
                if each.issue_date
                else each.number,
            )
            for each in content.preceding
        ),
    )


def _offered(offer: Offer | None) -> tuple[tuple[str, str | date | None], ...]:
    if offer is None:
        return ()
    return ("valid_until", offer.valid_until), ("revision", str(offer.revision) if offer.revision > 1 else None)


def _delivered_to(wording: Wording, delivery: Delivery) -> str:
    place = " ".join(text for text in (delivery.post_code, delivery.city) if text)
    country = delivery.country_code and wording.figures.country(delivery.country_code)
    return ", ".join(text for text in (delivery.name, delivery.line, place, country) if text)


def _registration(registration: Registration | None) -> str | None:
    return None if registration is None else registration.identifier


def _electronic(address: ElectronicAddress | None) -> str | None:
    return None if address is None else address.identifier


def _contact(contact: Contact | None) -> tuple[tuple[str, str | None], ...]:
    if contact is None:
        return ()
    return ("contact", contact.name), ("telephone", contact.telephone), ("email", contact.email)
