"""A customer as the events left them, and what of a change a person has to prove a factor for.

Where documents go is how invoice fraud redirects them: an invoice that is read by somebody else first comes back with
another account on it. So who changes that proves a factor, and the log keeps both, what was there and who changed it.
"""

from collections.abc import Iterable

from services.invoices.domain.document.parties import Customer
from services.invoices.domain.events import CustomerChanged, CustomerRegistered, Event

_WAYS = ("email", "electronic_address", "encryption_key", "encryption_certificate", "delivery")


def fold_customer(events: Iterable[Event]) -> Customer | None:
    """Return the customer of these events; None when there are none, ValueError for any other event."""
    customer: Customer | None = None
    for event in events:
        if not isinstance(event, CustomerRegistered | CustomerChanged):
            raise ValueError(f"{type(event).__name__} does not belong to a customer")  # noqa: TRY004 -- a history that cannot be
        customer = event.customer
    return customer


def redirected(present: Customer, changed: Customer) -> tuple[str, ...]:
    """Return the fields by which documents would go elsewhere, in another way, or be read with another key."""
    return tuple(way for way in _WAYS if getattr(present, way) != getattr(changed, way))
