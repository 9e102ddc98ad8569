"""What the auditor keeps of a document: enough to recognise it again."""

import json
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from cli.audit import invoice
from cli.audit.owed import Owed

AMOUNTS = {"net_total": "net", "vat_total": "vat", "payable": "payable"}
"""The sums of customers' totals, and what documents call them."""
_CHANGED_LATER = ("state", "customer_name", "number", "digest", "issued_at", "version", "credit_notes", "refunds")


@dataclass(slots=True)
class Folded:
    """What is kept of an invoice: enough to recognise it, a few hundred bytes whatever its length."""

    customer_id: str
    position: int
    fingerprint: bytes
    """SHA-256 of all that nothing changes after the issue."""
    totals: dict[str, str]
    """Those that customers' totals are made of."""
    all_totals: bytes
    """SHA-256 of all computed amounts."""
    issuing: dict[str, Any]
    """`state`, `version` and `customer_name`, once issued `number` and `issued_at`, `digest`, which is None until the
    document is archived, and `credit_notes` and `refunds` once there are any."""
    owed: Owed


def fingerprint(state: invoice.State) -> bytes:
    """Return the SHA-256 of a state without what issuing and crediting change."""
    return digest({name: value for name, value in state.items() if name not in _CHANGED_LATER})


def digest(value: object) -> bytes:
    """Return the SHA-256 of a JSON value."""
    return sha256(json.dumps(value, sort_keys=True).encode()).digest()


def folded(state: invoice.State, position: int, version: int) -> Folded:
    """Return what is kept of a draft."""
    totals = state["totals"]
    return Folded(
        customer_id=state["content"]["customer_id"],
        position=position,
        fingerprint=fingerprint(state),
        totals={name: totals[name] for name in AMOUNTS.values()},
        all_totals=digest(totals),
        issuing={"state": "draft", "digest": None, "version": version, **_name(state)},
        owed=Owed.of(totals["gross"], totals["breakdown"]),
    )


def _name(state: invoice.State) -> dict[str, Any]:
    return {name: value for name, value in state.items() if name == "customer_name"}
