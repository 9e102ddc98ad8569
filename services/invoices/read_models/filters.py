"""Which documents somebody looks for: what the database can tell, and what is told once a brief was opened."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from services.invoices.domain.receivable import Standing, standing
from services.invoices.read_models import search
from services.invoices.read_models.briefs import receivable_of
from services.invoices.read_models.search import SearchIndex

CREDIT_NOTE, CANCELLED = "credit_note", "cancelled"


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which documents; what is not said filters nothing. Days and amounts are included in what they bound."""

    customer_id: str | None = None
    customer_name: str | None = None
    number: str | None = None
    reference: str | None = None
    states: tuple[str, ...] = ()
    document_types: tuple[str, ...] = ()
    payment_states: tuple[str, ...] = ()
    """How they stand on `day`; only issued invoices stand at all."""
    currency: str | None = None
    issue_from: str | None = None
    issue_to: str | None = None
    due_from: str | None = None
    due_to: str | None = None
    amount_from: str | None = None
    amount_to: str | None = None
    issued_only: bool = False

    def clear(self, index: SearchIndex, tenant: str) -> dict[str, object]:
        """Return what the database filters by."""
        asked: dict[str, object] = {}
        if self.customer_id is not None:
            asked["customer_id"] = self.customer_id
        if self.states:
            asked["states"] = list(self.states)
        if self.issued_only:
            asked["issued_only"] = True
        if self.customer_name is not None:
            asked["customer_name"] = index.of(tenant, search.NAME, self.customer_name)
        if self.number is not None:
            asked["number"] = index.of(tenant, search.NUMBER, self.number)
        if self.reference is not None:
            asked["reference"] = [index.of_reference(tenant, name, self.reference) for name in search.REFERENCES]
        return asked

    def fits(self, found: "Found", day: date) -> bool:
        """Tell whether an opened document is wanted."""
        brief = found.brief
        if not (
            (self.currency is None or self.currency == brief["currency"])
            and (not self.document_types or brief["document_type"] in self.document_types)
            and _between(self.issue_from, brief["issue_date"], self.issue_to)
            and _between(self.due_from, brief["due_date"], self.due_to)
            and self._payable_fits(brief["payable"])
        ):
            return False
        if not self.payment_states:
            return True
        stands = found.standing(day)
        return stands is not None and stands.state.value in self.payment_states

    def _payable_fits(self, payable: str) -> bool:
        least, most = self.amount_from, self.amount_to
        return (least is None or Decimal(payable) >= Decimal(least)) and (
            most is None or Decimal(payable) <= Decimal(most)
        )


@dataclass(frozen=True, slots=True)
class Found:
    """A document that was opened."""

    position: int
    invoice_id: str
    customer_id: str
    state: str
    issued: int | None
    brief: Mapping[str, Any] = field(repr=False)

    @property
    def is_credit_note(self) -> bool:
        """Tell whether it is owed to the customer."""
        return bool(self.brief["document_type"] == CREDIT_NOTE)

    def standing(self, day: date) -> Standing | None:
        """Return how it stands on a day; None for what is owed nothing: drafts and credit notes."""
        if self.issued is None or self.is_credit_note:
            return None
        cancelled = self.state == CANCELLED
        return standing(receivable_of(self.invoice_id, self.customer_id, self.brief, cancelled=cancelled), day)


ANY = Wanted()


def _between(least: str | None, value: str, most: str | None) -> bool:
    return (least is None or least <= value) and (most is None or value <= most)
