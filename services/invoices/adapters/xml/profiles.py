"""Which specification a form says that it follows (BT-24), and in which business process it stands (BT-23)."""

from services.invoices.domain.document.parties import Customer, Profile

EN16931 = "urn:cen.eu:en16931:2017"
"""Factur-X and ZUGFeRD, profile EN 16931."""
PEPPOL = f"{EN16931}#compliant#urn:fdc:peppol.eu:2017:poacc:billing:3.0"
XRECHNUNG = f"{EN16931}#compliant#urn:xeinkauf.de:kosit:xrechnung_3.0"
BILLING = "urn:fdc:peppol.eu:2017:poacc:billing:01:1.0"
"""Billing, Peppol's business process 01; XRechnung takes it too."""

_SPECIFICATIONS = {Profile.PEPPOL: PEPPOL, Profile.XRECHNUNG: XRECHNUNG}


def specification(customer: Customer) -> str:
    """Return what the UBL form of a customer's documents follows."""
    return _SPECIFICATIONS[customer.profile]
