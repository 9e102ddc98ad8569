"""`tallystick customers`: the verbs about who they are; forgetting one is in cli/customers."""

import click

from cli.office.parameters import CUSTOMER, from_file, this
from cli.office.request_files import change_in, request_in
from cli.office.verbs import Noun
from shared.contracts.customers import ChangeCustomerRequest, RegisterCustomerRequest

TEMPLATE = """\
# Who receives documents. Change it, then: tallystick customers add FILE
name: Stadt Musterhausen
email: rechnung@musterhausen.example # where documents are mailed
address:
  line: Rathausplatz 1
  city: Musterhausen
  post_code: "12345"
  country_code: DE             # ISO 3166-1
# Whatever follows may be left out.
trading_name: Kämmerei
vat_id: DE123456788            # BT-48, with the letters of the country
registration:                  # BT-47; the scheme, of ISO/IEC 6523, too may be left out
  identifier: "4012345500004"
  scheme: "0088"
electronic_address:            # BT-49: a scheme of the EAS list
  scheme: "0204"
  identifier: 991-03730-19
contact:
  name: Zoë Muster
  telephone: +49 33 123456
  email: zoe@musterhausen.example
reference: K-107               # what you call the customer
buyer_reference: 991-03730-19  # what the customer wants to read (BT-10)
language: de
currency: EUR
payment_days: 30               # of documents that say no terms themselves
profile: xrechnung             # or peppol
delivery: mail                 # or none: you hand documents over
"""


def add_verbs(customers: click.Group) -> None:
    """Add them to the group that finds and forgets customers."""
    noun = Noun(customers)
    noun.template(TEMPLATE, "add")
    noun.does(
        "add",
        "register_customer",
        "Make the customer in FILE known; see first that it is not, with `find`.",
        from_file(),
        build=lambda typed: request_in(typed, RegisterCustomerRequest()),
        said="registered {customer_id}",
        example="add stadt.yaml",
    )
    noun.shows(
        "show",
        "get_customer",
        "Print who a customer is, as a file that `change` takes.",
        this("customer_id", CUSTOMER),
        example="show 019aa0e5-0000-7000-8000-00000000000c > stadt.yaml",
    )
    noun.does(
        "change",
        "change_customer",
        "Describe a customer as FILE does: what `show` printed, changed. Asks for a fresh code where documents"
        " would go elsewhere.",
        from_file(),
        build=lambda typed: change_in(typed, ChangeCustomerRequest()),
        said="changed {customer_id}",
        example="change stadt.yaml",
    )
    noun.shows(
        "totals",
        "customer_totals",
        "Print what was issued to a customer, by currency.",
        this("customer_id", CUSTOMER),
        example="totals 019aa0e5-0000-7000-8000-00000000000c",
    )
