"""What callers ask about customers."""

from dataclasses import dataclass, fields

from services.invoices.domain.document.parties import Customer, CustomerParticulars


@dataclass(frozen=True, slots=True)
class RegisterCustomer(CustomerParticulars):
    """Make a customer known."""

    def named(self, customer_id: str) -> Customer:
        """Return the customer of this id that is described."""
        return Customer(customer_id=customer_id, **{each.name: getattr(self, each.name) for each in fields(self)})


@dataclass(frozen=True, slots=True)
class ChangeCustomer:
    """Have a customer be described otherwise: all of it."""

    customer_id: str
    expected_version: int
    particulars: RegisterCustomer
