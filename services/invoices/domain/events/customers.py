"""What can happen to customers."""

from dataclasses import dataclass

from services.invoices.domain.document.parties import Customer


@dataclass(frozen=True, slots=True)
class CustomerRegistered:
    """A customer became known."""

    customer: Customer
