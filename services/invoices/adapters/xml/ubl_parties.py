"""Who sells, who buys and where it went, in UBL."""

from services.invoices.adapters.xml import facts
from services.invoices.adapters.xml.facts import Identifiers
from services.invoices.adapters.xml.tree import Node, branch, iso_day, leaf
from services.invoices.domain.document.content import Delivery
from services.invoices.domain.document.parties import (
    Address,
    Contact,
    Customer,
    ElectronicAddress,
    Registration,
    Seller,
)


def seller(seller: Seller, identifiers: Identifiers) -> Node:
    """Return the seller (BG-4)."""
    return branch(
        "cac:AccountingSupplierParty",
        branch(
            "cac:Party",
            _endpoint(facts.electronic_address(seller)),  # BT-34
            branch("cac:PartyIdentification", leaf("cbc:ID", identifiers.seller_id)),  # BT-29
            branch("cac:PartyName", leaf("cbc:Name", seller.trading_name)),  # BT-28
            _address(seller.address),  # BG-5
            _registered(identifiers.seller_vat_id, "VAT"),  # BT-31
            _registered(seller.tax_number, "FC"),  # BT-32
            _legal_entity(seller.name, seller.registration, seller.legal_information),  # BT-27, BT-30, BT-33
            _contact(facts.contact(seller)),  # BG-6
        ),
    )


def buyer(customer: Customer, identifiers: Identifiers) -> Node:
    """Return the buyer (BG-7)."""
    return branch(
        "cac:AccountingCustomerParty",
        branch(
            "cac:Party",
            _endpoint(facts.electronic_address(customer)),  # BT-49
            branch("cac:PartyIdentification", leaf("cbc:ID", customer.reference)),  # BT-46
            branch("cac:PartyName", leaf("cbc:Name", customer.trading_name)),  # BT-45
            _address(customer.address),  # BG-8
            _registered(identifiers.buyer_vat_id, "VAT"),  # BT-48
            _legal_entity(customer.name, customer.registration),  # BT-44, BT-47
            _contact(facts.contact(customer)),  # BG-9
        ),
    )


def delivered_to(delivery: Delivery | None) -> Node:
    """Return where and when it was delivered (BG-13)."""
    if delivery is None:
        return None
    return branch(
        "cac:Delivery",
        leaf("cbc:ActualDeliveryDate", iso_day(delivery.day)),  # BT-72
        branch(
            "cac:DeliveryLocation",
            branch(
                "cac:Address",  # BG-15
                leaf("cbc:StreetName", delivery.line),  # BT-75
                leaf("cbc:CityName", delivery.city),  # BT-77
                leaf("cbc:PostalZone", delivery.post_code),  # BT-78
                branch("cac:Country", leaf("cbc:IdentificationCode", delivery.country_code)),  # BT-80
            ),
        ),
        branch("cac:DeliveryParty", branch("cac:PartyName", leaf("cbc:Name", delivery.name))),  # BT-70
    )


def _endpoint(address: ElectronicAddress) -> Node:
    return leaf("cbc:EndpointID", address.identifier, schemeID=address.scheme)


def _address(address: Address) -> Node:
    return branch(
        "cac:PostalAddress",
        leaf("cbc:StreetName", address.line),  # BT-35, BT-50
        leaf("cbc:AdditionalStreetName", address.line_2),  # BT-36, BT-51
        leaf("cbc:CityName", address.city),  # BT-37, BT-52
        leaf("cbc:PostalZone", address.post_code),  # BT-38, BT-53
        leaf("cbc:CountrySubentity", address.subdivision),  # BT-39, BT-54
        branch("cac:AddressLine", leaf("cbc:Line", address.line_3)),  # BT-162, BT-163
        branch("cac:Country", leaf("cbc:IdentificationCode", address.country_code)),  # BT-40, BT-55
    )


def _registered(identifier: str | None, scheme: str) -> Node:
    if identifier is None:
        return None
    return branch(
        "cac:PartyTaxScheme",
        leaf("cbc:CompanyID", identifier),
        branch("cac:TaxScheme", leaf("cbc:ID", scheme)),
    )


def _legal_entity(name: str, registration: Registration | None, legal_form: str | None = None) -> Node:
    identifier, scheme = facts.registered(registration)
    return branch(
        "cac:PartyLegalEntity",
        leaf("cbc:RegistrationName", name),
        leaf("cbc:CompanyID", identifier, schemeID=scheme),
        leaf("cbc:CompanyLegalForm", legal_form),
    )


def _contact(contact: Contact) -> Node:
    return branch(
        "cac:Contact",
        leaf("cbc:Name", contact.name),  # BT-41, BT-56
        leaf("cbc:Telephone", contact.telephone),  # BT-42, BT-57
        leaf("cbc:ElectronicMail", contact.email),  # BT-43, BT-58
    )
