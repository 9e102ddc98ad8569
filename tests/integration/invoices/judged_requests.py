"""Requests about what belongs to somebody's customer, for whoever may deal with own ones only."""

from collections.abc import Callable, Mapping
from typing import Any

from services.invoices.service import InvoicesService
from shared.contracts.conditions import Condition
from shared.messaging.endpoints import Endpoint
from tests.integration.invoices.running import CUSTOMER, ISSUE_DATE, LATER, LINE, UNTIL

Request = Callable[[Mapping[str, str]], Mapping[str, Any]]
"""Makes a request of the names of what there is."""
DRAFT = {"document_type": "invoice", "issue_date": ISSUE_DATE, "currency": "EUR", "lines": [LINE]}
FILE = {"media_type": "text/csv", "content_base64": "YTtiCg=="}
PAID = {"amount": "9.00", "currency": "EUR", "value_date": ISSUE_DATE, "method": "transfer"}
PAYMENTS: dict[str, Request] = {
    "record_payment": lambda of: {"customer_id": of["customer"], **PAID},
    "allocate_payment": lambda of: {
        "payment_id": of["payment"], "allocations": [{"invoice_id": of["issued"], "amount": "1.00"}]
    },
    "undo_allocation": lambda of: {"payment_id": of["payment"], "invoice_id": of["issued"], "reason": "asked to"},
    "reverse_payment": lambda of: {"payment_id": of["payment"], "value_date": ISSUE_DATE, "reason": "no funds"},
    "get_payment": lambda of: {"payment_id": of["payment"]},
    "suggest_allocations": lambda of: {"payment_id": of["payment"]},
    "get_reminder": lambda of: {"reminder_id": of["reminder"]},
    "late_interest": lambda of: {"invoice_id": of["issued"]},
    "get_statement": lambda of: {"customer_id": of["customer"]},
    "get_receivable": lambda of: {"invoice_id": of["issued"]},
}  # fmt: skip
CUSTOMERS: dict[str, Request] = {
    "get_customer": lambda of: {"customer_id": of["customer"]},
    "change_customer": lambda of: {
        "customer_id": of["customer"], "expected_version": 1, "particulars": {**CUSTOMER, "reference": "K-1"}
    },
}  # fmt: skip


def drafting(of: Mapping[str, str]) -> Mapping[str, Any]:
    """A draft for the customer."""
    return {"customer_id": of["customer"], **DRAFT}


def uploading(of: Mapping[str, str]) -> Mapping[str, Any]:
    """A file for the customer."""
    return {"customer_id": of["customer"], **FILE}


def shown(document: str) -> Request:
    """The file of one of the documents."""
    return lambda of: {"invoice_id": of[document], "digest": of["file"]}


LIFE: dict[str, Request] = {
    "change_draft": lambda of: {"invoice_id": of["draft"], "expected_version": 1, "content": drafting(of)},
    **dict.fromkeys(("discard_draft", "duplicate_invoice"), lambda of: {"invoice_id": of["draft"]}),
    **dict.fromkeys(("credit_invoice", "replace_invoice"), lambda of: {"invoice_id": of["issued"]}),
}


def offering(of: Mapping[str, str], **line: object) -> Mapping[str, Any]:
    """An offer to the customer."""
    content = {"customer_id": of["customer"], "issue_date": ISSUE_DATE, "currency": "EUR", "lines": [{**LINE, **line}]}
    return {"content": content, "valid_until": UNTIL}


_QUOTE_COMMANDS: dict[str, Request] = {
    "make_quote": offering,
    "change_quote": lambda of: {"quote_id": of["open"], "expected_version": 1, **offering(of)},
    "extend_quote": lambda of: {"quote_id": of["open"], "valid_until": LATER},
    "accept_quote": lambda of: {"quote_id": of["open"], "accepted_by": "Canary Buyer"},
    "decline_quote": lambda of: {"quote_id": of["open"], "reason": "canary price"},
    "invoice_quote": lambda of: {"quote_id": of["accepted"]},
}
_QUOTE_QUERIES = ("get_quote", "get_quote_document")
QUOTES: dict[tuple[str, Condition], Request] = {
    **{(method, Condition.OWN_CUSTOMERS): request for method, request in _QUOTE_COMMANDS.items()},
    **{(method, Condition.AMOUNT): request for method, request in _QUOTE_COMMANDS.items()},
    **{(method, Condition.OWN_CUSTOMERS): lambda of: {"quote_id": of["open"]} for method in _QUOTE_QUERIES},
}


def declared() -> dict[str, Endpoint]:
    """Every method of the service, as it declares itself."""
    members = {name: getattr(InvoicesService, name) for name in dir(InvoicesService)}
    return {name: member.endpoint for name, member in members.items() if hasattr(member, "endpoint")}
