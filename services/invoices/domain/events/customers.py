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


@dataclass(frozen=True, slots=True)
class CustomerRedirected:
    """With the change that was told just before, a customer's documents go elsewhere, or are read with another key.

    In a stream of its own, so that a customer's has one event for each version.
    """

    customer_id: str
    ways: tuple[str, ...]
    """The fields that were changed, e.g. `email`."""
