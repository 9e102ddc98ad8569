"""Whoever may do something under conditions does it within them and not beyond, whatever the endpoint."""

from collections.abc import Mapping
from typing import Any

import pytest

from shared.contracts.conditions import Condition
from shared.contracts.errors import ErrorCode, PublicError
from shared.contracts.permissions import Permission
from shared.kernel.ids import new_id
from shared.messaging.command_hash import Retry
from tests.integration.invoices.endpoints import VALID
from tests.integration.invoices.judged_requests import (
    CUSTOMERS,
    DRAFT,
    LIFE,
    PAYMENTS,
    QUOTES,
    Request,
    declared,
    drafting,
    shown,
    uploading,
)
from tests.integration.invoices.judged_shop import (
    DRAFTS,
    ENOUGH,
    OWN,
    SMALL,
    Claim,
    Shop,
    permission_of,
    reasons,
)
from tests.integration.invoices.running import CUSTOMER, SELLER, Caller

pytestmark = pytest.mark.integration

_EACH = [(Condition.OWN_CUSTOMERS, OWN, "not_own_customer"), (Condition.AMOUNT, SMALL, "amount_above_limit")]
# Every endpoint and condition that it judges: conditions, what they do not cover, what they do, and the reason given.
REFUSED: dict[tuple[str, Condition], tuple[Claim, Request, str]] = {
    ("draft_invoice", Condition.OWN_CUSTOMERS): (OWN, drafting, "not_own_customer"),
    ("draft_invoice", Condition.AMOUNT): (SMALL, drafting, "amount_above_limit"),
    **{(method, each): (claim, request, why) for method, request in LIFE.items() for each, claim, why in _EACH},
    ("issue_invoice", Condition.OWN_CUSTOMERS): (OWN, lambda of: {"invoice_id": of["draft"]}, "not_own_customer"),
    ("issue_invoice", Condition.AMOUNT): (SMALL, lambda of: {"invoice_id": of["draft"]}, "amount_above_limit"),
    ("explain_totals", Condition.OWN_CUSTOMERS): (OWN, lambda of: {"content": drafting(of)}, "not_own_customer"),
    ("explain_totals", Condition.STATES): (DRAFTS, lambda of: {"invoice_id": of["issued"]}, "state_not_covered"),
    ("get_invoice", Condition.OWN_CUSTOMERS): (OWN, lambda of: {"invoice_id": of["draft"]}, "not_own_customer"),
    ("get_invoice", Condition.STATES): (DRAFTS, lambda of: {"invoice_id": of["issued"]}, "state_not_covered"),
    ("customer_totals", Condition.OWN_CUSTOMERS): (OWN, lambda of: {"customer_id": of["customer"]}, "not_own_customer"),
    ("customer_totals", Condition.STATES): (DRAFTS, lambda of: {"customer_id": of["customer"]}, "state_not_covered"),
    ("get_attachment", Condition.OWN_CUSTOMERS): (OWN, shown("draft"), "not_own_customer"),
    ("get_attachment", Condition.STATES): (DRAFTS, shown("issued"), "state_not_covered"),
    ("upload_attachment", Condition.OWN_CUSTOMERS): (OWN, uploading, "not_own_customer"),
    ("check_invoice", Condition.OWN_CUSTOMERS): (OWN, lambda of: {"invoice_id": of["draft"]}, "not_own_customer"),
    ("check_invoice", Condition.STATES): (DRAFTS, lambda of: {"invoice_id": of["issued"]}, "state_not_covered"),
    **{(method, Condition.OWN_CUSTOMERS): (OWN, request, "not_own_customer") for method, request in PAYMENTS.items()},
    **{(method, Condition.OWN_CUSTOMERS): (OWN, request, "not_own_customer") for method, request in CUSTOMERS.items()},
    ("get_document", Condition.OWN_CUSTOMERS): (OWN, lambda of: {"invoice_id": of["issued"]}, "not_own_customer"),
}  # fmt: skip
# A search leaves out what is not covered; and whoever registers a customer is whose customer it is.
SEARCHES = {
    ("list_invoices", Condition.OWN_CUSTOMERS), ("list_invoices", Condition.STATES),
    ("find_customers", Condition.OWN_CUSTOMERS), ("register_customer", Condition.OWN_CUSTOMERS),
    *((method, Condition.OWN_CUSTOMERS) for method in ("list_payments", "list_open_items", "aging")),
    ("list_quotes", Condition.OWN_CUSTOMERS),
}  # fmt: skip
# A batch is judged document by document: a refusal is an outcome.
IN_BATCHES = {("import_documents", Condition.OWN_CUSTOMERS), ("import_documents", Condition.AMOUNT)}

WITHIN_EVERY_LIMIT = {("upload_attachment", Condition.AMOUNT)}


def test_every_condition_that_an_endpoint_declares_is_tried_here() -> None:
    judged = {(name, condition) for name, endpoint in declared().items() for condition in endpoint.judges}
    assert judged == set(REFUSED) | set(QUOTES) | SEARCHES | IN_BATCHES | WITHIN_EVERY_LIMIT


@pytest.mark.parametrize(("method", "condition"), REFUSED)
def test_what_the_conditions_do_not_cover_is_refused_and_nothing_is_recorded(
    shop: Shop, method: str, condition: Condition
) -> None:
    claim, request, reason = REFUSED[method, condition]
    assert shop.refuses_bob(method, claim, request(shop.of(shop.ada))) == [reason]


@pytest.mark.parametrize(("method", "condition"), REFUSED)
def test_what_the_conditions_cover_is_done(shop: Shop, method: str, condition: Condition) -> None:
    claim, request, _ = REFUSED[method, condition]
    wide = {Condition.AMOUNT: ENOUGH, Condition.STATES: {"states": ["draft", "issued"]}}.get(condition, claim)
    assert shop.as_bob(method, permission_of(method), wide, request(shop.of(shop.bob)))


def test_a_file_costs_nothing_and_is_uploaded_under_any_limit(shop: Shop) -> None:
    assert shop.as_bob("upload_attachment", Permission.INVOICE_DRAFT, SMALL, uploading(shop.of(shop.bob)))["digest"]


@pytest.mark.parametrize("method", sorted(name for name, endpoint in declared().items() if endpoint.judges))
def test_a_condition_that_the_endpoint_cannot_judge_is_a_refusal(shop: Shop, method: str) -> None:
    endpoint = declared()[method]
    claims = {Condition.OWN_CUSTOMERS: OWN, Condition.AMOUNT: ENOUGH, Condition.STATES: DRAFTS}
    for condition in claims.keys() - endpoint.judges:
        with pytest.raises(PublicError) as refused:
            shop.as_bob(method, permission_of(method), claims[condition], {})
        assert reasons(refused) == ["condition_not_judged"]


def test_a_list_shows_own_customers_only(shop: Shop) -> None:
    of_ada, of_bob = shop.of(shop.ada), shop.of(shop.bob)
    read = Permission.INVOICE_READ
    shown = shop.as_bob("list_invoices", read, OWN, {})["invoices"]
    assert [each["invoice_id"] for each in shown] == [of_bob["draft"], of_bob["issued"]]
    shown = shop.as_bob("list_invoices", read, DRAFTS, {})["invoices"]
    assert [each["invoice_id"] for each in shown] == [of_ada["draft"], of_bob["draft"]]
    shown = shop.as_bob("list_invoices", read, {**OWN, **DRAFTS}, {})["invoices"]
    assert [each["invoice_id"] for each in shown] == [of_bob["draft"]]


def test_what_one_of_two_grants_covers_is_shown_page_by_page(shop: Shop) -> None:
    of_ada, of_bob = shop.of(shop.ada), shop.of(shop.bob)
    grants = [["invoice:read", dict(OWN)], ["invoice:read", dict(DRAFTS)]]
    token = shop.bob.token(Permission.INVOICE_READ, grants=grants)
    seen: list[str] = []
    request: dict[str, object] = {"limit": 1}
    while True:
        page = shop.bob.client.call("invoices", "list_invoices", request, token=token)
        seen += [each["invoice_id"] for each in page["invoices"]]
        if "next_page" not in page:
            break
        request["page_after"] = page["next_page"]
    assert seen == [of_ada["draft"], of_bob["draft"], of_bob["issued"]]


def test_a_search_for_customers_finds_own_ones_only(shop: Shop) -> None:
    shop.of(shop.ada)
    own = shop.of(shop.bob)["customer"]
    found = shop.as_bob("find_customers", Permission.CUSTOMER_WRITE, OWN, {"name": CUSTOMER["name"]})["customers"]
    assert [each["customer_id"] for each in found] == [own]


def test_who_registers_a_customer_has_a_customer_of_their_own(shop: Shop) -> None:
    registered = shop.as_bob("register_customer", Permission.CUSTOMER_WRITE, OWN, CUSTOMER)
    request = {"customer_id": registered["customer_id"], **DRAFT}
    assert shop.as_bob("draft_invoice", Permission.INVOICE_DRAFT, OWN, request)["totals"]["payable"] == "23.21"


def test_an_amount_in_another_currency_is_not_covered(shop: Shop) -> None:
    request = {"customer_id": shop.bob.customer(), **DRAFT, "currency": "JPY"}
    with pytest.raises(PublicError) as refused:
        shop.as_bob("draft_invoice", Permission.INVOICE_DRAFT, ENOUGH, request)
    assert reasons(refused) == ["currency_not_covered"]


def test_a_retry_gets_its_first_answer_also_when_the_grant_has_become_smaller(shop: Shop) -> None:
    invoice_id, key = shop.of(shop.ada)["draft"], new_id()
    issue = Permission.INVOICE_ISSUE
    call = shop.bob.client.call
    token = shop.bob.token(issue)
    first = call("invoices", "issue_invoice", {"invoice_id": invoice_id}, token=token, idempotency_key=key)
    smaller = shop.bob.token(issue, grants=[[issue.value, dict(OWN)]])
    assert call("invoices", "issue_invoice", {"invoice_id": invoice_id}, token=smaller, idempotency_key=key) == first


def imported_as_bob(shop: Shop, claim: Claim) -> list[dict[str, Any]]:
    reply = shop.as_bob("import_documents", Permission.INVOICE_IMPORT, claim, VALID["import_documents"])
    outcomes: list[dict[str, Any]] = reply["outcomes"]
    return outcomes


def told_to_bob(outcomes: list[dict[str, Any]]) -> list[str]:
    (refused,) = outcomes
    assert refused["refusal"]["code"] == "permission_denied"
    return [reason["code"] for reason in refused["refusal"]["details"]["reasons"]]


def test_what_is_imported_is_judged_by_its_amount_and_only_that_document_is_refused(shop: Shop) -> None:
    size = shop.ada.ask("checkpoint")["size"]
    assert told_to_bob(imported_as_bob(shop, SMALL)) == ["amount_above_limit"]
    assert shop.ada.ask("checkpoint")["size"] == size
    assert imported_as_bob(shop, ENOUGH)[0]["number"] == "INV-000001"


def test_whoever_imports_for_own_customers_may_register_them_and_gets_no_colleagues(shop: Shop) -> None:
    first = shop.ada.order("import_documents", **VALID["import_documents"])
    assert told_to_bob(imported_as_bob(shop, OWN)) == ["not_own_customer"]
    other = Shop(shop.ada, Caller(shop.bob.bus, shop.bob.client))
    other.bob.order("configure_seller", **SELLER)
    assert imported_as_bob(other, OWN)[0]["state"] == first["outcomes"][0]["state"] == "issued"


def test_one_malformed_document_of_a_batch_is_refused_by_itself(shop: Shop) -> None:
    (good,) = VALID["import_documents"]["documents"]
    batch = {**VALID["import_documents"], "documents": [{**good, "key": "RE-2", "colour": "red"}, good, {}]}
    outcomes = shop.ada.order("import_documents", **batch)["outcomes"]
    assert [each["state"] for each in outcomes] == ["refused", "issued", "refused"]
    assert outcomes[0]["refusal"]["details"] == {"fields": {"colour": ["Unknown field."]}}


def _registering(_: Mapping[str, str]) -> Mapping[str, Any]:
    return CUSTOMER


# What a colleague may go on with: conditions that do not cover the first answer, and the request.
RETRIED: dict[str, tuple[tuple[Claim, ...], Request]] = {
    "register_customer": ((OWN,), _registering),
    "draft_invoice": ((OWN, SMALL), drafting),
    "issue_invoice": ((OWN, SMALL), lambda of: {"invoice_id": of["draft"]}),
}


def test_only_commands_that_judge_colleagues_are_retried_by_them() -> None:
    shared = {name for name, endpoint in declared().items() if endpoint.retry is Retry.BY_ANYBODY}
    assert shared == {*RETRIED, "import_documents"}
    assert all(declared()[name].judges for name in shared)


@pytest.mark.parametrize("method", RETRIED)
def test_a_colleague_who_sends_the_same_again_gets_the_first_answer_and_nothing_is_recorded(
    shop: Shop, method: str
) -> None:
    request, key = RETRIED[method][1](shop.of(shop.ada)), new_id()
    first = shop.ada.order(method, key=key, **request)
    if method == "issue_invoice":
        shop.ada.document(first["invoice_id"])
    size = shop.ada.ask("checkpoint")["size"]
    assert shop.bob.order(method, key=key, **request) == first
    assert shop.ada.ask("checkpoint")["size"] == size


@pytest.mark.parametrize("method", RETRIED)
def test_a_colleague_gets_no_answer_that_their_grants_do_not_cover(shop: Shop, method: str) -> None:
    claims, request = RETRIED[method]
    asked, key = request(shop.of(shop.ada)), new_id()
    shop.ada.order(method, key=key, **asked)
    permission = permission_of(method)
    for claim in claims:
        token = shop.bob.token(permission, grants=[[permission.value, dict(claim)]])
        with pytest.raises(PublicError) as refused:
            shop.bob.client.call("invoices", method, dict(asked), token=token, idempotency_key=key)
        assert refused.value.code is ErrorCode.PERMISSION_DENIED


def test_what_a_colleague_sends_under_a_used_key_is_refused_when_it_is_another_request(shop: Shop) -> None:
    key = new_id()
    shop.ada.order("register_customer", key=key, **CUSTOMER)
    with pytest.raises(PublicError) as refused:
        shop.bob.order("register_customer", key=key, **{**CUSTOMER, "name": "Canary Others"})
    assert refused.value.code is ErrorCode.IDEMPOTENCY_CONFLICT


def test_the_key_of_a_command_that_is_ones_own_is_nobody_elses(shop: Shop) -> None:
    key, name = new_id(), {**SELLER, "name": "Canary Sellers and Daughters"}
    shop.ada.order("configure_seller", key=key, **name)
    with pytest.raises(PublicError) as refused:
        shop.bob.order("configure_seller", key=key, **name)
    assert refused.value.code is ErrorCode.IDEMPOTENCY_CONFLICT


def test_a_service_owns_no_customers(shop: Shop) -> None:
    grants = [["invoice:read", dict(OWN)]]
    token = shop.bob.token(kind="service", sub="notifier", tenant=None, amr=[], grants=grants)
    shop.of(shop.ada)
    listed = shop.bob.client.call("invoices", "list_invoices", {}, token=token, tenant=shop.bob.tenant)
    assert listed["invoices"] == []
