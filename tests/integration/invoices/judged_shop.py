"""A business with two people who have customers of their own, for what one of them may do under conditions."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pytest

from shared.contracts.errors import ErrorCode, PublicError
from shared.contracts.permissions import Permission
from shared.kernel.ids import new_id
from tests.integration.invoices.endpoints import COMMANDS
from tests.integration.invoices.judged_requests import FILE, PAID, declared, offering
from tests.integration.invoices.running import Caller

Claim = Mapping[str, object]
OWN: Claim = {"own_customers": True}
SMALL: Claim = {"amount_up_to": {"amount": "23.20", "currency": "EUR"}}
ENOUGH: Claim = {"amount_up_to": {"amount": "23.21", "currency": "EUR"}}
DRAFTS: Claim = {"states": ["draft"]}


@dataclass
class Shop:
    """A business with a customer of Ada's and one of Bob's, each with documents or quotes."""

    ada: Caller
    bob: Caller

    def of(self, who: Caller) -> dict[str, str]:
        """A customer with a draft, an issued invoice, a payment, a reminder and a file."""
        customer = who.customer()
        file = who.order("upload_attachment", customer_id=customer, **FILE)["digest"]
        attached = {"reference": "A", "file_name": "a.csv", "media_type": "text/csv", "digest": file}
        drafted, issued = (who.draft(customer, attachments=[attached]) for _ in range(2))
        position = who.order("issue_invoice", invoice_id=issued)["position"]
        who.ask("get_invoice", invoice_id=issued, after=position)  # the read model has it
        who.document(issued)
        share = {"invoice_id": issued, "amount": "1.00"}
        payment = who.order("record_payment", customer_id=customer, allocations=[share], **PAID)["payment_id"]
        reminder = who.order("remind_invoice", invoice_id=issued)["reminders"][0]["reminder_id"]
        who.letter(reminder)
        names = {"customer": customer, "file": file, "draft": drafted, "issued": issued, "payment": payment}
        return {**names, "reminder": reminder}

    def quotes_of(self, who: Caller) -> dict[str, str]:
        """A customer with an open quote and an accepted one, both drawn: nothing more is recorded by itself."""
        customer = who.customer()
        opened, accepted = (who.order("make_quote", **offering({"customer": customer}))["quote_id"] for _ in range(2))
        for each in (opened, accepted):
            who.offer(each)
        who.order("accept_quote", quote_id=accepted, accepted_by="Canary Buyer")
        return {"customer": customer, "open": opened, "accepted": accepted}

    def as_bob(self, method: str, permission: Permission, claim: Claim, request: Mapping[str, Any]) -> dict[str, Any]:
        """Call as Bob, who has one grant with conditions and no other."""
        token = self.bob.token(permission, grants=[[permission.value, dict(claim)]])
        key = {"idempotency_key": new_id()} if method in COMMANDS else {}
        return self.bob.client.call("invoices", method, dict(request), token=token, **key)

    def refuses_bob(self, method: str, claim: Claim, request: Mapping[str, Any]) -> list[str]:
        """Call as Bob; the reasons for which that is refused, when nothing was recorded of it."""
        size = self.ada.ask("checkpoint")["size"]
        with pytest.raises(PublicError) as refused:
            self.as_bob(method, permission_of(method), claim, request)
        assert self.ada.ask("checkpoint")["size"] == size
        return reasons(refused)


def permission_of(method: str) -> Permission:
    """The permission that an endpoint needs."""
    permission = declared()[method].permission
    assert isinstance(permission, Permission)
    return permission


def reasons(refused: pytest.ExceptionInfo[PublicError]) -> list[str]:
    """The codes that say which condition did not cover it."""
    assert refused.value.code is ErrorCode.PERMISSION_DENIED
    told = refused.value.details["reasons"]
    assert isinstance(told, list)
    return [reason["code"] for reason in told]
