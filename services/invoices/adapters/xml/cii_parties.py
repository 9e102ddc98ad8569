"""Who sells, who buys and where it went, in CII."""

from services.invoices.adapters.xml import facts
from services.invoices.adapters.xml.cii_values import moment
from services.invoices.adapters.xml.facts import Identifiers
from services.invoices.adapters.xml.tree import Node, always, branch, leaf
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
        "ram:SellerTradeParty",
        leaf("ram:ID", identifiers.seller_id),  # BT-29
        leaf("ram:Name", seller.name),  # BT-27
        leaf("ram:Description", seller.legal_information),  # BT-33
        _organisation(seller.registration, seller.trading_name),  # BT-30, BT-28
        _contact(facts.contact(seller)),  # BG-6
        _address(seller.address),  # BG-5
        _electronic_address(facts.electronic_address(seller)),  # BT-34
        _registered(identifiers.seller_vat_id, "VA"),  # BT-31
        _registered(seller.tax_number, "FC"),  # BT-32
    )


def buyer(customer: Customer, identifiers: Identifiers) -> Node:
    """Return the buyer (BG-7)."""
    return branch(
        "ram:BuyerTradeParty",
        leaf("ram:ID", customer.reference),  # BT-46
        leaf("ram:Name", customer.name),  # BT-44
        _organisation(customer.registration, customer.trading_name),  # BT-47, BT-45
        _contact(facts.contact(customer)),  # BG-9
        _address(customer.address),  # BG-8
        _electronic_address(facts.electronic_address(customer)),  # BT-49
        _registered(identifiers.buyer_vat_id, "VA"),  # BT-48
    )


def delivered_to(delivery: Delivery | None) -> Node:
    """Return where and when it was delivered (BG-13); the schema wants the element even with nothing to say."""
    said = delivery or Delivery()
    address = branch(
        "ram:PostalTradeAddress",  # BG-15
        leaf("ram:PostcodeCode", said.post_code),  # BT-78
        leaf("ram:LineOne", said.line),  # BT-75
        leaf("ram:CityName", said.city),  # BT-77
        leaf("ram:CountryID", said.country_code),  # BT-80
    )
    return always(
        "ram:ApplicableHeaderTradeDelivery",
        branch("ram:ShipToTradeParty", leaf("ram:Name", said.name), address),  # BT-70
        branch(
            "ram:ActualDeliverySupplyChainEvent",
            branch("ram:OccurrenceDateTime", moment(said.day)),  # BT-72
        ),
    )


def _organisation(registration: Registration | None, trading_name: str | None) -> Node:
    identifier, scheme = facts.registered(registration)
    return branch(
        "ram:SpecifiedLegalOrganization",
        leaf("ram:ID", identifier, schemeID=scheme),
        leaf("ram:TradingBusinessName", trading_name),
    )


def _contact(contact: Contact) -> Node:
    return branch(
        "ram:DefinedTradeContact",
        leaf("ram:PersonName", contact.name),  # BT-41, BT-56
        branch("ram:TelephoneUniversalCommunication", leaf("ram:CompleteNumber", contact.telephone)),  # BT-42, BT-57
        branch("ram:EmailURIUniversalCommunication", leaf("ram:URIID", contact.email)),  # BT-43, BT-58
    )


def _address(address: Address) -> Node:
    return branch(
        "ram:PostalTradeAddress",
        leaf("ram:PostcodeCode", address.post_code),  # BT-38, BT-53
        leaf("ram:LineOne", address.line),  # BT-35, BT-50
        leaf("ram:LineTwo", address.line_2),  # BT-36, BT-51
        leaf("ram:LineThree", address.line_3),  # BT-162, BT-163
        leaf("ram:CityName", address.city),  # BT-37, BT-52
        leaf("ram:CountryID", address.country_code),  # BT-40, BT-55
        leaf("ram:CountrySubDivisionName", address.subdivision),  # BT-39, BT-54
    )


def _electronic_address(address: ElectronicAddress) -> Node:
    return branch("ram:URIUniversalCommunication", leaf("ram:URIID", address.identifier, schemeID=address.scheme))


def _registered(identifier: str | None, scheme: str) -> Node:
    return branch("ram:SpecifiedTaxRegistration", leaf("ram:ID", identifier, schemeID=scheme))
