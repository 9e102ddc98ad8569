"""The rows of claims: what each is over, and what became of it."""

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

import psycopg

from services.invoices.codec import written
from services.invoices.domain.events import ClaimEvent, ReceivableEvent
from services.invoices.domain.events.claims import ClaimRaised
from services.invoices.domain.receivable import Receivable
from services.invoices.read_models.cells import Cells
from services.invoices.read_models.customers import CustomerRows
from services.invoices.read_models.owing import became, happened_on
from services.invoices.read_models.versions import Versions, version_id
from shared.eventstore.model import RecordedEvent

CLAIMS = "claims"

_VERSIONS = Versions(CLAIMS, "claim_id", ("customer_id", "position"))
_ZERO = Decimal("0.00")
_Change = Callable[[Mapping[str, Any]], Mapping[str, object]]


class ClaimRows:
    """Part of the projection; the claims on a customer who is forgotten have no rows."""

    def __init__(self, cells: Cells, customers: CustomerRows) -> None:
        self._cells, self._customers = cells, customers

    def apply(self, cursor: psycopg.Cursor, event: RecordedEvent, happened: ClaimEvent) -> None:
        """Write a claim down, with what the customer is called then; or note what was given up of it."""
        if not isinstance(happened, ClaimRaised):
            given_up = {"amount": str(happened.amount), **happened_on(event)}
            self._change(cursor, event, happened.claim_id, lambda claim: _waived(claim, given_up))
            return
        customer = self._customers.stored(cursor, event.tenant, happened.customer_id)
        if customer is None:
            return
        claim = {**written(happened), "customer_name": customer["name"]}
        place = version_id(happened.claim_id, event.position)
        cell = self._cells.seal(CLAIMS, event.tenant, place, event.key, claim)
        _VERSIONS.add(cursor, event, happened.claim_id, cell, happened.customer_id, event.position)

    def receive(self, cursor: psycopg.Cursor, event: RecordedEvent, happened: ReceivableEvent) -> None:
        """Note what was paid of a claim, or written off."""
        self._change(cursor, event, happened.invoice_id, lambda claim: became(claim, event, happened))

    def _change(self, cursor: psycopg.Cursor, event: RecordedEvent, claim_id: str, change: _Change) -> None:
        standing = _VERSIONS.standing(cursor, event.tenant, claim_id)
        if standing is None:
            return
        since, cell = standing
        claim = self._cells.open(CLAIMS, event.tenant, version_id(claim_id, since), cell)
        changed = {**claim, **change(claim)}
        cell = self._cells.seal(CLAIMS, event.tenant, version_id(claim_id, event.position), event.key, changed)
        _VERSIONS.change(cursor, event, claim_id, cell)


def receivable_of(claim: Mapping[str, Any]) -> Receivable:
    """Return what a claim is owed, as its row has it."""
    return Receivable(
        claim["claim_id"],
        claim["customer_id"],
        claim["currency"],
        date.fromisoformat(claim["due"]),
        Decimal(claim["amount"]),
        received={each: Decimal(amount) for each, amount in claim.get("received", {}).items()},
        written_off=_sum(claim.get("write_offs", ())),
        waived=_sum(claim.get("waivers", ())),
    )


def _waived(claim: Mapping[str, Any], given_up: Mapping[str, object]) -> dict[str, object]:
    return {"waivers": [*claim.get("waivers", ()), given_up]}


def _sum(entries: Iterable[Mapping[str, Any]]) -> Decimal:
    return sum((Decimal(each["amount"]) for each in entries), _ZERO)
