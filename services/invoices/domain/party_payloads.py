"""The parties of an invoice to and from the JSON values that the log seals; see payloads.py."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from services.invoices.domain.party import Address, Customer, Seller

Payload = Mapping[str, Any]


def present(**fields: object) -> dict[str, object]:
    """Return the fields that have a value: absent is absent."""
    return {name: value for name, value in fields.items() if value is not None}


def customer_to(customer: Customer) -> dict[str, object]:
    """Write a customer."""
    return present(
        customer_id=customer.customer_id,
        name=customer.name,
        email=customer.email,
        address=_address_to(customer.address),
        vat_id=customer.vat_id,
        reference=customer.reference,
    )


def customer_from(payload: Payload) -> Customer:
    """Read a customer."""
    return Customer(
        customer_id=payload["customer_id"],
        name=payload["name"],
        email=payload["email"],
        address=Address(**payload["address"]),
        vat_id=payload.get("vat_id"),
        reference=payload.get("reference"),
    )


def seller_to(seller: Seller) -> dict[str, object]:
    """Write a seller."""
    return present(
        name=seller.name,
        vat_id=seller.vat_id,
        address=_address_to(seller.address),
        email=seller.email,
        iban=seller.iban,
        account_since=None if seller.account_since is None else seller.account_since.isoformat(),
    )


def seller_from(payload: Payload) -> Seller:
    """Read a seller."""
    since = payload.get("account_since")
    return Seller(
        name=payload["name"],
        vat_id=payload["vat_id"],
        address=Address(**payload["address"]),
        email=payload["email"],
        iban=payload["iban"],
        account_since=None if since is None else date.fromisoformat(since),
    )


def _address_to(address: Address) -> dict[str, object]:
    return {
        "line": address.line,
        "city": address.city,
        "post_code": address.post_code,
        "country_code": address.country_code,
    }
