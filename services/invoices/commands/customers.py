"""What callers ask about customers."""

from dataclasses import dataclass

from services.invoices.domain.document.parties import (
    Address,
    Contact,
    Customer,
    DeliveryPreference,
    ElectronicAddress,
    Profile,
    Registration,
)


@dataclass(frozen=True, slots=True)
class RegisterCustomer:
    """Make a customer known; the fields are the customer's."""

    name: str
    email: str
    address: Address
    vat_id: str | None = None
    reference: str | None = None
    trading_name: str | None = None
    registration: Registration | None = None
    electronic_address: ElectronicAddress | None = None
    contact: Contact | None = None
    buyer_reference: str | None = None
    language: str | None = None
    currency: str | None = None
    payment_days: int | None = None
    profile: Profile = Profile.PEPPOL
    encryption_key: str | None = None
    encryption_certificate: str | None = None
    delivery: DeliveryPreference = DeliveryPreference.MAIL

    def named(self, customer_id: str) -> Customer:
        """Return the customer of this id that is described."""
        return Customer(
            customer_id=customer_id,
            name=self.name,
            email=self.email,
            address=self.address,
            vat_id=self.vat_id,
            reference=self.reference,
            trading_name=self.trading_name,
            registration=self.registration,
            electronic_address=self.electronic_address,
            contact=self.contact,
            buyer_reference=self.buyer_reference,
            language=self.language,
            currency=self.currency,
            payment_days=self.payment_days,
            profile=self.profile,
            encryption_key=self.encryption_key,
            encryption_certificate=self.encryption_certificate,
            delivery=self.delivery,
        )


@dataclass(frozen=True, slots=True)
class ChangeCustomer:
    """Have a customer be described otherwise: all of it."""

    customer_id: str
    expected_version: int
    particulars: RegisterCustomer
