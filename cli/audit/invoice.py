"""An invoice as its events left it, with the fields of `get_invoice`: worked out here from the log alone.

The amounts are computed again (amounts.py), not copied: that is what an auditor compares.
"""

from collections.abc import Callable, Mapping
from typing import Any

from cli.audit.amounts import totals

Payload = Mapping[str, Any]
State = dict[str, Any]


def drafted(payload: Payload, customer_name: str | None) -> State:
    """Return the state after `InvoiceDrafted`."""
    content = {name: value for name, value in payload.items() if name not in {"invoice_id", "quote_id"}}
    state: State = {"invoice_id": payload["invoice_id"], "state": "draft", "content": content}
    if customer_name is not None:
        state["customer_name"] = customer_name
    return state | {"totals": totals(content)}


def changed(state: State, payload: Payload) -> State:
    """Return the state after `DraftChanged`."""
    content = {name: value for name, value in payload.items() if name != "invoice_id"}
    return state | {"content": content, "totals": totals(content)}


def discarded(state: State) -> State:
    """Return the state after `DraftDiscarded`."""
    return state | {"state": "discarded"}


def credited(state: State, payload: Payload) -> State:
    """Return the state after `InvoiceCredited`."""
    note = {
        "invoice_id": payload["credit_note_id"],
        "number": payload["number"],
        "gross": payload["credit"]["gross"],
    }
    came_to = "cancelled" if payload.get("cancels") else "partly_credited"
    return state | {"state": came_to, "credit_notes": [*state.get("credit_notes", []), note]}


def issued(state: State, payload: Payload) -> State:
    """Return the state after `InvoiceIssued` or `CreditNoteIssued`."""
    number, issued_at, name = payload["number"], payload["issued_at"], payload["customer"]["name"]
    return state | {"state": "issued", "number": number, "issued_at": issued_at, "customer_name": name}


def archived(state: State, digest: str | None) -> State:
    """Return the state after `DocumentArchived`."""
    return state | {"digest": digest}


CHANGES: Mapping[str, Callable[[State, Payload], State]] = {
    "DraftChanged": changed,
    "DraftDiscarded": lambda state, _: discarded(state),
    "InvoiceIssued": issued,
    "CreditNoteIssued": issued,
    "InvoiceCredited": credited,
}
"""What an event's content makes of a state."""


def flat(value: object, path: str = "") -> dict[str, str]:
    """Return every single value of a state under its path, e.g. `lines[0].quantity`."""
    match value:
        case dict():
            items = [(f"{path}.{name}" if path else str(name), element) for name, element in value.items()]
        case list():
            items = [(f"{path}[{index}]", element) for index, element in enumerate(value)]
        case _:
            return {path: str(value)}
    return {name: text for start, element in items for name, text in flat(element, start).items()}
