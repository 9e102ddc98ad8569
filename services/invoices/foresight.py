"""Foresight: what issuing a draft will ask the log for next, so that the first look takes it in.

Whose a draft is, is sealed: a process that has not written it does not know. A guess is used where it turns out to be
what was needed, and is otherwise as if it had not been made; what was read counts like all that is read, by the
versions in the append.
"""

import threading
from collections import OrderedDict

_KEPT = 10_000


class Foresight:
    """Remembers the customers of drafts and the series that numbers were taken from; the oldest are forgotten first."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._known: OrderedDict[tuple[str, str], str] = OrderedDict()

    def drafted(self, tenant: str, invoice_id: str, customer_id: str) -> None:
        """Remember whose a draft is."""
        self._remember(tenant, invoice_id, customer_id)

    def numbered(self, tenant: str, series: str) -> None:
        """Remember which stream gave the last number."""
        self._remember(tenant, "", series)

    def customer(self, tenant: str, invoice_id: str) -> str | None:
        """Return whose the draft probably is; None: nobody knows here."""
        return self._known.get((tenant, invoice_id))

    def series(self, tenant: str) -> list[str]:
        """Return which stream will probably give the next number, if one did before."""
        known = self._known.get((tenant, ""))
        return [] if known is None else [known]

    def _remember(self, tenant: str, what: str, known: str) -> None:
        with self._lock:
            self._known[tenant, what] = known
            self._known.move_to_end((tenant, what))
            if len(self._known) > _KEPT:
                self._known.popitem(last=False)
