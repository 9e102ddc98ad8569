"""`tallystick documents`: the verbs that write drafts, issue them and correct what is issued (docs/life.md)."""

from cli.office.documents import documents
from cli.office.parameters import amount, from_file, invoice, value_date, why
from cli.office.request_files import change_in, request_in
from cli.office.verbs import Noun
from shared.contracts.invoices import DraftInvoiceRequest
from shared.contracts.life import ChangeDraftRequest

__all__ = ["TEMPLATE", "documents"]
_noun = Noun(documents)
TEMPLATE = """\
# What a document says. Change it, then: tallystick documents draft FILE
document_type: invoice       # or prepayment_invoice, credit_note
customer_id: 019aa0e5-0000-7000-8000-00000000000c # from: tallystick customers find
issue_date: 2026-12-01
currency: EUR
lines:
  - name: Brass bell, two-tone
    quantity: "250"
    unit_price: "9.75"
    vat_category: S          # BT-151
    vat_rate: "19"
  # - {item_id: 019aa0e5-0000-7000-8000-00000000000d, quantity: "250"} takes the rest from an item
# Whatever follows may be left out.
payment_terms:
  days: 14
  discounts: [{days: 7, percentage: "2"}]
delivery: {day: 2026-11-28}
order_reference: PO-4711     # BT-13
note: Thank you.
"""
_ISSUE = (
    "See it with `tallystick documents show {invoice_id}`, issue it with `tallystick documents issue {invoice_id}`."
)

_noun.template(TEMPLATE, "draft")
_noun.does(
    "draft",
    "draft_invoice",
    "Write the draft that FILE says.",
    from_file(),
    build=lambda typed: request_in(typed, DraftInvoiceRequest()),
    said="drafted {invoice_id} over {totals[payable]}",
    then=_ISSUE,
    example="draft bells.yaml",
)
_noun.does(
    "change",
    "change_draft",
    "Have a draft say what FILE does: what `show` printed, changed.",
    from_file(),
    build=lambda typed: change_in(typed, ChangeDraftRequest()),
    said="changed {invoice_id} to {totals[payable]}",
    then=_ISSUE,
    example="change bells.yaml",
)
_noun.does(
    "discard",
    "discard_draft",
    "Give up a draft; what it said stays in the log.",
    invoice(),
    said="discarded {invoice_id}",
    example="discard 019aa0e5-0000-7000-8000-0000000000cc",
)
_noun.shows(
    "check",
    "check_invoice",
    "Print the official rules that a document breaks, or would break if it were issued now.",
    invoice(),
    example="check 019aa0e5-0000-7000-8000-0000000000cc",
)
_noun.does(
    "issue",
    "issue_invoice",
    "Give a draft its number; it never changes from then on.",
    invoice(),
    said="issued {number}: {invoice_id}",
    then="The document is drawn in a moment: tallystick documents fetch {number}",
    example="issue 019aa0e5-0000-7000-8000-0000000000cc",
)
_noun.does(
    "credit",
    "credit_invoice",
    "Draft the credit note of all that is left of an invoice.",
    invoice(),
    said="drafted {invoice_id} over {totals[payable]}",
    then=_ISSUE,
    example="credit INV-000012",
)
_noun.does(
    "duplicate",
    "duplicate_invoice",
    "Draft once more what a document says, as of today.",
    invoice(),
    said="drafted {invoice_id} over {totals[payable]}",
    then=_ISSUE,
    example="duplicate INV-000012",
)
_noun.does(
    "refund",
    "refund_credit_note",
    "Write down that AMOUNT of a credit note that names no invoice went back to the customer.",
    invoice(),
    amount(),
    value_date(),
    why(),
    said="refunded {amount} of {invoice_id}",
    then="See what went back of it: tallystick documents show {invoice_id}",
    example="refund CN-000002 23.20 --on 2026-11-21 --reason 'annual bonus'",
)
_noun.does(
    "write-off",
    "write_off",
    "Expect no more money for an invoice.",
    invoice(),
    why(),
    said="written off {invoice_id}",
    then="Expect it again with: tallystick documents expect-again {invoice_id} --reason WHY",
    example="write-off INV-000012 --reason 'is bankrupt'",
)
_noun.does(
    "expect-again",
    "reverse_write_off",
    "Expect again what was written off.",
    invoice(),
    why(),
    said="expected again {invoice_id}",
    example="expect-again INV-000012 --reason 'paid after all'",
)
