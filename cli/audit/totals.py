"""What each customer owes, folded from nothing but the log's opened events."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from shared.eventstore.model import RecordedEvent
from shared.kernel.money import to_cents

_SIGN = {"InvoiceIssued": 1, "CreditNoteIssued": -1}


@dataclass
class Totals:
    """Net totals by the reference under which a customer was registered; credit notes count negative."""

    net_by_customer: dict[str, Decimal] = field(default_factory=lambda: defaultdict(Decimal))
    issued: dict[str, int] = field(default_factory=lambda: dict.fromkeys(_SIGN, 0))
    _reference: dict[str, str] = field(default_factory=dict)
    _drafts: dict[str, Mapping[str, object]] = field(default_factory=dict)

    @property
    def sum_net(self) -> Decimal:
        """Sum of line net amounts (BT-131) of what was issued, in cents."""
        return sum(self.net_by_customer.values(), Decimal("0.00"))

    def add(self, event: RecordedEvent) -> None:
        """Take the next event of the log."""
        if event.type == "CustomerRegistered":
            customer_id = event.stream.removeprefix("customer-")
            self._reference[customer_id] = str(event.payload.get("reference") or customer_id)
        elif event.type == "InvoiceDrafted":
            self._drafts[event.stream] = event.payload
        elif event.type in _SIGN:
            self._issue(event)

    def _issue(self, event: RecordedEvent) -> None:
        draft = self._drafts[event.stream]
        lines = draft["lines"]
        if not isinstance(lines, list):
            raise TypeError(f"the lines of {event.stream} are not a list")
        net = sum((_line_net(line) for line in lines), Decimal(0))
        self.issued[event.type] += 1
        self.net_by_customer[self._reference[str(draft["customer_id"])]] += _SIGN[event.type] * net


def _line_net(line: Mapping[str, object]) -> Decimal:
    return to_cents(Decimal(str(line["quantity"])) * Decimal(str(line["unit_price"])))
