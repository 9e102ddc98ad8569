"""What requests may say of customers and of the seller."""

import pytest

from shared.contracts import customers, sellers
from tests.unit.invoices.samples import CUSTOMER_ID
from tests.unit.invoices.test_contracts import ADDRESS, CUSTOMER, SELLER, fields_refused

EVERYTHING = {
    **CUSTOMER,
    "address": {**ADDRESS, "line_2": "Hof 2", "line_3": "Aufgang C", "subdivision": "HH"},
    "vat_id": "DE123456788",
    "trading_name": "Hof",
    "registration": {"identifier": "732829320", "scheme": "0002"},
    "electronic_address": {"scheme": "0088", "identifier": "4012345500004"},
    "contact": {"name": "Zoë", "telephone": "+49 (40) 123-456", "email": "zoe@example.org"},
    "buyer_reference": "991-03730-19",
    "language": "de",
    "currency": "EUR",
    "payment_days": 30,
    "profile": "xrechnung",
    "delivery": "none",
    "encryption_key": "age1qqqq",
    "encryption_certificate": "-----BEGIN CERTIFICATE-----",
}


def test_everything_that_can_be_said_of_a_customer_is_taken() -> None:
    changed = {"customer_id": CUSTOMER_ID, "expected_version": 1, "particulars": EVERYTHING}
    assert fields_refused(customers.RegisterCustomerRequest, EVERYTHING) == set()
    assert fields_refused(customers.ChangeCustomerRequest, changed) == set()
    assert fields_refused(customers.ChangeCustomerRequest, {**changed, "tenant": "another"}) == {"tenant"}


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"vat_id": "DE123456789"}, "vat_id"),
        ({"registration": {"identifier": "732829321", "scheme": "0002"}}, "identifier"),
        ({"registration": {"identifier": "HRB 1", "scheme": "9930"}}, "scheme"),
        ({"electronic_address": {"scheme": "0088", "identifier": "4012345500005"}}, "identifier"),
        ({"electronic_address": {"scheme": "EM", "identifier": "nobody"}}, "identifier"),
        ({"electronic_address": {"scheme": "9999", "identifier": "1"}}, "scheme"),
        ({"electronic_address": {"identifier": "1"}}, "scheme"),
        ({"contact": {"telephone": "call me"}}, "telephone"),
        ({"contact": {"email": "nobody"}}, "email"),
        ({"buyer_reference": "991-03730-18"}, "buyer_reference"),
        ({"language": "deu"}, "language"),
        ({"currency": "EURO"}, "currency"),
        ({"payment_days": -1}, "payment_days"),
        ({"payment_days": 3651}, "payment_days"),
        ({"profile": "edifact"}, "profile"),
        ({"delivery": "pigeon"}, "delivery"),
    ],
)
def test_what_a_customer_cannot_be_is_refused_by_its_name(change: dict[str, object], field: str) -> None:
    assert fields_refused(customers.RegisterCustomerRequest, {**EVERYTHING, **change}) == {field}


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"vat_id": "DE123456789"}, "vat_id"),
        ({"bic": "deutdeff"}, "bic"),
        ({"bic": "DEUTZZFF"}, "bic"),
        ({"colour": "#0B5C8F"}, "colour"),
        ({"colour": "red"}, "colour"),
        ({"language": "german"}, "language"),
        ({"small_business": "yes"}, "small_business"),
        ({"electronic_address": {"scheme": "9930", "identifier": "DE123456789"}}, "identifier"),
        ({"legal_information": "\u202eGmbH"}, "legal_information"),
        ({"logo": "0" * 64}, "logo"),
        ({"account_since": "2020-01-01"}, "account_since"),
    ],
)
def test_what_a_seller_cannot_be_is_refused_by_its_name(change: dict[str, object], field: str) -> None:
    assert fields_refused(sellers.ConfigureSellerRequest, {**SELLER, **change}) == {field}


def test_a_seller_without_vat_identifier_is_one() -> None:
    small = {**SELLER, "tax_number": "22/815", "small_business": True}
    del small["vat_id"]
    assert fields_refused(sellers.ConfigureSellerRequest, small) == set()


def test_only_what_goes_to_an_authority_has_to_be_a_leitweg_id() -> None:
    loose = {**EVERYTHING, "profile": "peppol", "buyer_reference": "991-03730-18"}
    assert fields_refused(customers.RegisterCustomerRequest, loose) == set()
