"""What can happen to customers."""

from dataclasses import dataclass

from services.invoices.domain.document.parties import Customer


@dataclass(frozen=True, slots=True)
class CustomerRegistered:
    """A customer became known."""

    customer: Customer


@dataclass(frozen=True, slots=True)
class CustomerChanged:
    """A customer is described otherwise from here on, for documents that are not issued yet; the last one counts."""

    customer: Customer
