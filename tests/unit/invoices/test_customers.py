"""Customers who are described otherwise: what changes with them, and what does not."""

from collections.abc import Callable
from dataclasses import fields, replace
from datetime import timedelta
from typing import Any

import pytest

from services.invoices.commands.customers import RegisterCustomer
from services.invoices.domain.customer import fold_customer, redirected
from services.invoices.domain.document.parties import (
    Address,
    Contact,
    Customer,
    DeliveryPreference,
    ElectronicAddress,
    Profile,
    Registration,
)
from services.invoices.domain.events import CustomerChanged, CustomerRedirected, CustomerRegistered
from services.invoices.handlers import customers
from services.invoices.history import customer_stream, decode, redirects_stream
from shared.contracts.errors import ErrorCode, PublicError
from shared.crypto.age import new_identity
from shared.kernel.ids import new_id
from tests.certificates import NOW, certificate
from tests.unit.invoices.contents import content
from tests.unit.invoices.samples import CUSTOMER, SELLER, draft
from tests.unit.invoices.shop import Shop, command_id, everything

KEY = new_identity()[1]
FULL = RegisterCustomer(
    "Stadt Utrecht",
    "rekeningen@utrecht.example",
    Address("Stadsplateau 1", "Utrecht", "3521 AZ", "NL", "Toren", "Kamer 7", "UT"),
    vat_id="NL004495445B01",
    reference="K-9",
    trading_name="Gemeente",
    registration=Registration("12345678", "0106"),
    electronic_address=ElectronicAddress("0088", "4012345500004"),
    contact=Contact("Zoë", "+31 30 1234567", "zoe@utrecht.example"),
    buyer_reference="PO-7",
    language="nl",
    currency="EUR",
    payment_days=30,
    profile=Profile.XRECHNUNG,
    encryption_key=KEY,
    encryption_certificate=certificate(address="rekeningen@utrecht.example"),
    delivery=DeliveryPreference.NONE,
)


class StepUpAsked(Exception):
    """Somebody has to prove a factor."""


def _asks() -> None:
    raise StepUpAsked


@pytest.fixture
def shop() -> Shop:
    return Shop()


def _refusal(refused: pytest.ExceptionInfo[PublicError]) -> ErrorCode:
    return refused.value.code


def test_everything_that_is_said_of_a_customer_is_kept() -> None:
    named = FULL.named("someone")
    assert {field.name for field in fields(Customer)} == {"customer_id", *(field.name for field in fields(FULL))}
    assert all(getattr(named, field.name) == getattr(FULL, field.name) for field in fields(FULL))


def test_a_changed_customer_is_what_the_next_document_says(shop: Shop) -> None:
    drafted = shop.draft(content(customer_id=shop.customer)).invoice_id
    earlier = shop.issue(shop.draft(content(customer_id=shop.customer)).invoice_id).invoice_id
    changed = shop.change_customer(1, name="Hof van Fietsen N.V.", payment_days=14, delivery=DeliveryPreference.NONE)
    assert changed.version == 2
    shop.issue(drafted)
    before, after = shop.found(earlier).issued, shop.found(drafted).issued
    assert before is not None
    assert after is not None
    assert (before.customer.name, before.customer.delivery) == (CUSTOMER.name, DeliveryPreference.MAIL)
    assert (after.customer.name, after.customer.delivery) == ("Hof van Fietsen N.V.", DeliveryPreference.NONE)


RENAMED = "Nova B.V."


@pytest.mark.parametrize(
    ("rename", "who"),
    [
        (lambda shop: shop.change_customer(1, name=RENAMED), "customer"),
        (lambda shop: shop.configure(replace(SELLER, name=RENAMED)), "seller"),
    ],
)
def test_a_document_never_comes_after_a_change_of_its_parties_that_it_does_not_say(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, rename: Callable[[Shop], object], who: str
) -> None:
    drafted = shop.draft(content(customer_id=shop.customer)).invoice_id
    append, log = type(shop.ports.log).append, shop.ports.log

    def late(*arguments: object) -> object:
        monkeypatch.setattr(type(log), "append", append)
        rename(shop)
        return append(*arguments)  # type: ignore[arg-type]  # handed on

    monkeypatch.setattr(type(log), "append", late)
    shop.issue(drafted)
    assert getattr(shop.found(drafted).issued, who).name == RENAMED


def test_a_change_that_read_another_version_is_refused(shop: Shop) -> None:
    shop.change_customer(1, name="A")
    with pytest.raises(PublicError) as refused:
        shop.change_customer(1, name="B")
    assert _refusal(refused) is ErrorCode.CONCURRENT_CHANGE
    assert customers.get_customer(shop.ports, shop.customer, tenant=shop.tenant, allow=everything).customer.name == "A"


def test_a_change_that_is_sent_twice_happens_once_and_asks_for_one_proof(shop: Shop) -> None:
    command = command_id()
    first = shop.change_customer(1, command, email="other@hof.example")
    assert shop.change_customer(1, command, require_step_up=_asks, email="other@hof.example") == first


def test_somebody_who_is_no_customer_is_not_changed(shop: Shop) -> None:
    shop.customer = new_id()
    with pytest.raises(PublicError) as refused:
        shop.change_customer(1, name="A")
    assert _refusal(refused) is ErrorCode.CUSTOMER_UNKNOWN


@pytest.mark.parametrize(
    "change",
    [
        {"email": "other@hof.example"},
        {"electronic_address": ElectronicAddress("0088", "4012345500004")},
        {"encryption_key": KEY},
        {"encryption_certificate": certificate(address=CUSTOMER.email)},
        {"delivery": DeliveryPreference.NONE},
    ],
    ids=lambda change: next(iter(change)),
)
def test_where_documents_go_is_changed_with_a_fresh_proof(shop: Shop, change: dict[str, Any]) -> None:
    with pytest.raises(StepUpAsked):
        shop.change_customer(1, require_step_up=_asks, **change)
    assert len(shop.ports.log.load(shop.tenant, customer_stream(shop.customer))) == 1
    assert not shop.ports.log.load(shop.tenant, redirects_stream(shop.customer))
    shop.change_customer(1, **change)
    [told] = shop.ports.log.load(shop.tenant, redirects_stream(shop.customer))
    assert decode(told) == CustomerRedirected(shop.customer, tuple(change))


def test_nothing_else_takes_a_proof(shop: Shop) -> None:
    unchanged = {"email": CUSTOMER.email, "electronic_address": None}
    no_keys = {"encryption_key": None, "encryption_certificate": None}
    others = {field.name: getattr(FULL, field.name) for field in fields(FULL)} | unchanged | no_keys
    shop.change_customer(1, require_step_up=_asks, **{**others, "delivery": DeliveryPreference.MAIL})
    assert not shop.ports.log.load(shop.tenant, redirects_stream(shop.customer))


def test_the_log_has_both_and_who_changed_it(shop: Shop) -> None:
    shop.change_customer(1, email="other@hof.example")
    registered, changed = shop.ports.log.load(shop.tenant, customer_stream(shop.customer))
    assert (registered.payload["email"], changed.payload["email"]) == (CUSTOMER.email, "other@hof.example")
    assert changed.by is not None
    assert changed.by.kind == "person"


_NO_KEYS = {
    "short": "age1qqqq",
    "capitals": KEY.upper(),
    "space": f" {KEY}",
    "line": f"{KEY}\n",
    "cut": KEY[:-1],
    "secret": new_identity()[0],
    "ssh": "ssh-ed25519 AAAA",
    "empty": "",
}


@pytest.mark.parametrize("key", list(_NO_KEYS.values()), ids=list(_NO_KEYS))
def test_a_key_that_nothing_can_be_encrypted_to_is_refused_and_not_quoted(shop: Shop, key: str) -> None:
    with pytest.raises(PublicError) as refused:
        shop.change_customer(1, encryption_key=key)
    assert _refusal(refused) is ErrorCode.MALFORMED_REQUEST
    assert list(refused.value.details["fields"]["particulars"]) == ["encryption_key"]  # type: ignore[index]  # as JSON
    assert not key or key not in str(refused.value.details)


def test_a_certificate_for_another_address_is_refused_where_it_stands_in_the_request(shop: Shop) -> None:
    with pytest.raises(PublicError) as refused:
        shop.change_customer(1, encryption_certificate=certificate(address="other@hof.example"))
    assert _refusal(refused) is ErrorCode.MALFORMED_REQUEST
    said = "This certificate is for another e-mail address than the customer's."
    assert refused.value.details["fields"] == {"particulars": {"encryption_certificate": [said]}}


def test_a_new_address_takes_a_new_certificate(shop: Shop) -> None:
    pem = certificate(address=CUSTOMER.email)
    shop.change_customer(1, encryption_certificate=pem)
    with pytest.raises(PublicError):
        shop.change_customer(2, encryption_certificate=pem, email="other@hof.example")
    shop.change_customer(2, encryption_certificate=None, email="other@hof.example")


def test_an_expired_certificate_is_refused(shop: Shop) -> None:
    pem = certificate(address=CUSTOMER.email, until=NOW - timedelta(hours=1))
    with pytest.raises(PublicError):
        shop.change_customer(1, encryption_certificate=pem)


def test_a_key_of_a_new_customer_is_judged_too(shop: Shop) -> None:
    call = {"tenant": shop.tenant, "allow": everything}
    with pytest.raises(PublicError):
        customers.register_customer(shop.ports, replace(FULL, encryption_key="x"), command_id=command_id(), **call)  # type: ignore[arg-type]  # as keywords
    registered = customers.register_customer(shop.ports, FULL, command_id=command_id(), **call)  # type: ignore[arg-type]  # as keywords
    found = customers.get_customer(shop.ports, registered.customer_id, **call)  # type: ignore[arg-type]  # as keywords
    assert (found.customer, found.version) == (FULL.named(registered.customer_id), 1)


def test_only_a_customers_own_events_make_a_customer() -> None:
    later = replace(CUSTOMER, name="Later")
    assert fold_customer([]) is None
    assert fold_customer([CustomerRegistered(CUSTOMER), CustomerChanged(later)]) == later
    with pytest.raises(ValueError, match="does not belong to a customer"):
        fold_customer([draft()])


def test_a_name_is_no_way_for_documents_to_go() -> None:
    assert redirected(CUSTOMER, replace(CUSTOMER, name="Later", reference="x")) == ()
