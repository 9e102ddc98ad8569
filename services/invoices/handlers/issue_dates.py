"""When documents were issued to a customer, from the log itself: no read model decides about destruction."""

from dataclasses import dataclass, field
from datetime import date

from services.invoices.domain.events import DraftChanged, InvoiceDrafted, Issued
from services.invoices.history import decode
from shared.eventstore.log import TenantLog
from shared.kernel.clock import from_rfc3339


@dataclass(slots=True)
class IssueDates:
    """One customer's issued documents, as far as the log was read; asking again reads only what is new.

    The first look is one pass over the tenant's log, of which only this customer's events are opened: seconds for a
    million events, for something that happens a few times a year and cannot be undone.
    """

    log: TenantLog
    tenant: str
    subject: str
    _position: int = field(default=-1, init=False)
    _drafted: dict[str, date] = field(default_factory=dict, init=False)
    _latest: date | None = field(default=None, init=False)

    def latest(self) -> date | None:
        """Return the day of the latest issued document, None without any; raises as `TenantLog.load`."""
        end = self.log.head(self.tenant).size - 1
        for recorded in self.log.about(self.tenant, self.subject, self._position):
            match decode(recorded):
                case InvoiceDrafted() | DraftChanged() as draft:
                    self._drafted[draft.invoice_id] = draft.content.issue_date
                case Issued() as issued:
                    self._issued(issued)
                case _:
                    pass
            end = max(end, recorded.position)
        self._position = end
        return self._latest

    def _issued(self, issued: Issued) -> None:
        # The date on the document, or the day it was really issued if that is later: setting a date back ends nothing.
        day = max(self._drafted[issued.invoice_id], from_rfc3339(issued.issued_at).date())
        self._latest = day if self._latest is None else max(self._latest, day)
