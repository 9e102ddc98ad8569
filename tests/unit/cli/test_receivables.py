"""The auditor's own fold of payments and quotes: what must not have happened is found, each kind of it planted here."""

from collections.abc import Callable
from decimal import Decimal

import pytest

from cli.audit.ledger import Ledger
from shared.eventstore.faults import Faults
from tests.audited import AMOUNTS, LINE, Business

PAID, OWED = "payment-1", "receivable-1"


class Books:
    """A business with an issued invoice over 23.21 and payments."""

    def __init__(self) -> None:
        self.business = Business()
        self.customer = self.business.register()
        self.invoice = self.business.draft(self.customer)
        self.business.issue(self.invoice, self.customer)

    def tell(self, kind: str, stream: str = OWED, **payload: object) -> None:
        self.business.record(stream, kind, payload, f"customer-{self.customer}")

    def pay(self, amount: str = "30.00", payment_id: str = "p", **changes: object) -> None:
        said = {"payment_id": payment_id, "customer_id": self.customer, "amount": amount, "currency": "EUR"} | changes
        self.tell("PaymentRecorded", f"payment-{payment_id}", **said)

    def allocate(self, amount: str, payment_id: str = "p") -> None:
        pair = {"payment_id": payment_id, "invoice_id": self.invoice, "amount": amount}
        self.tell("PaymentAllocated", f"payment-{payment_id}", **pair)
        self.tell("AllocationReceived", **pair)

    def take_back(self, amount: str, payment_id: str = "p") -> None:
        pair = {"payment_id": payment_id, "invoice_id": self.invoice, "amount": amount}
        self.tell("AllocationUndone", f"payment-{payment_id}", **pair)
        self.tell("AllocationReturned", **pair)

    def bounce(self, refunded: str) -> None:
        """Have the bank take a payment back of which something was refunded."""
        self.pay()
        self.tell("PaymentRefunded", PAID, payment_id="p", amount=refunded)
        self.tell("PaymentReversed", PAID, payment_id="p")

    def claim(self, amount: str, **changes: object) -> None:
        said = {"claim_id": "c", "customer_id": self.customer, "cause": "refund", "source": "p", "currency": "EUR"}
        days = {"day": "2026-11-22", "due": "2026-11-22"}
        self.tell("ClaimRaised", "receivable-c", **(said | days | {"amount": amount} | changes))

    def found(self) -> tuple[Ledger, list[str]]:
        faults = Faults()
        ledger = Ledger(faults)
        ledger.add_all(self.business.log.read(self.business.tenant))
        ledger.end()
        return ledger, [fault.reason for fault in faults.kept]


def test_what_is_paid_taken_back_and_written_off_is_followed() -> None:
    books = Books()
    books.pay()
    books.allocate("20.00")
    books.take_back("20.00")
    books.allocate("10.00")
    books.tell("PaymentRefunded", PAID, payment_id="p", amount="5.00")
    books.tell("InvoiceWrittenOff", invoice_id=books.invoice, amount="13.21")
    ledger, reasons = books.found()
    assert reasons == []
    assert ledger.receivables.bills[books.invoice].owed == 0
    assert ledger.receivables.payments["p"].free == Decimal("15.00")


@pytest.mark.parametrize(("gross", "cancels", "left"), [("23.21", True, "0.00"), ("10.00", False, "13.21")])
def test_what_is_credited_after_a_write_off_was_not_given_up(gross: str, *, cancels: bool, left: str) -> None:
    books = Books()
    books.tell("InvoiceWrittenOff", invoice_id=books.invoice, amount="23.21")
    credit = {"gross": gross, "parts": []}
    said = {"credit_note_id": "n", "number": "INV-000002", "credit": credit, "cancels": cancels}
    books.tell("InvoiceCredited", f"invoice-{books.invoice}", invoice_id=books.invoice, **said)
    bill = books.found()[0].receivables.bills[books.invoice]
    assert (str(bill.written_off), str(bill.owed)) == (left, "0.00")


def test_what_the_bank_took_back_is_owed_again() -> None:
    books = Books()
    books.pay()
    books.allocate("23.21")
    books.tell("PaymentReversed", PAID, payment_id="p")
    books.tell("AllocationReturned", payment_id="p", invoice_id=books.invoice, amount="23.21")
    ledger, reasons = books.found()
    assert (reasons, str(ledger.receivables.bills[books.invoice].owed)) == ([], "23.21")


def bonus(books: Books) -> str:
    """Issue a credit note over 23.21 that names no invoice."""
    note = books.business.draft(books.customer, "credit_note")
    books.business.issue(note, books.customer, "CreditNoteIssued")
    return note


def test_what_is_refunded_of_a_credit_note_is_followed() -> None:
    books = Books()
    note = bonus(books)
    for amount in ("20.00", "3.20"):
        books.tell("CreditNoteRefunded", invoice_id=note, amount=amount, value_date="2026-11-22")
    ledger, reasons = books.found()
    assert (reasons, ledger.receivables.credit_notes[note].free) == ([], Decimal("0.01"))


def test_what_is_shown_of_a_refunded_credit_note_is_known_to_the_ledger() -> None:
    books = Books()
    note = bonus(books)
    books.tell("CreditNoteRefunded", invoice_id=note, amount="20.00", value_date="2026-11-22")
    ledger = Ledger(remember=True)
    ledger.add_all(books.business.log.read(books.business.tenant))
    refund = {"amount": "20.00", "day": "2026-11-22", "position": books.business.size - 1}
    assert ledger.invoices[note].issuing["refunds"] == [refund]


def more_than_a_credit_note_gives(books: Books) -> None:
    note = bonus(books)
    books.tell("CreditNoteRefunded", invoice_id=note, amount="23.21", value_date="2026-11-22")
    books.tell("CreditNoteRefunded", invoice_id=note, amount="0.01", value_date="2026-11-22")


def refunded_of_no_credit_note(books: Books) -> None:
    books.tell("CreditNoteRefunded", invoice_id=books.invoice, amount="0.01", value_date="2026-11-22")


def refunded_of_what_an_invoice_was_credited(books: Books) -> None:
    note = bonus(books)
    said = {"credit_note_id": note, "number": "INV-000002", "credit": {"gross": "23.21", "parts": []}, "cancels": True}
    books.tell("InvoiceCredited", f"invoice-{books.invoice}", invoice_id=books.invoice, **said)
    books.tell("CreditNoteRefunded", invoice_id=note, amount="0.01", value_date="2026-11-22")


def more_than_owed(books: Books) -> None:
    books.pay()
    books.allocate("23.22")


def twice(books: Books) -> None:
    books.pay("20.00")
    books.pay("20.00", "q")
    books.allocate("20.00")
    books.allocate("20.00", "q")


def more_than_paid(books: Books) -> None:
    books.pay("5.00")
    books.allocate("6.00")


def of_nothing(books: Books) -> None:
    books.allocate("6.00")


def of_another(books: Books) -> None:
    books.pay(customer_id="somebody else")
    books.allocate("6.00")


def in_one_stream_alone(books: Books) -> None:
    books.pay()
    books.tell("PaymentAllocated", PAID, payment_id="p", invoice_id=books.invoice, amount="6.00")


def in_the_other_stream_alone(books: Books) -> None:
    books.pay()
    books.tell("AllocationReceived", payment_id="p", invoice_id=books.invoice, amount="6.00")


def refunded_and_allocated(books: Books) -> None:
    books.pay("20.00")
    books.allocate("20.00")
    books.tell("PaymentRefunded", PAID, payment_id="p", amount="0.01")


def after_the_bank_took_it_back(books: Books) -> None:
    books.pay()
    books.tell("PaymentReversed", PAID, payment_id="p")
    books.allocate("6.00")


def less_back_than_given(books: Books) -> None:
    books.pay()
    books.allocate("6.00")
    books.take_back("5.00")


def too_much_written_off(books: Books) -> None:
    books.tell("InvoiceWrittenOff", invoice_id=books.invoice, amount="24.00")


def too_much_waived(books: Books) -> None:
    books.bounce("5.00")
    books.claim("5.00")
    books.tell("ClaimWaived", claim_id="c", amount="6.00")


PLANTED: dict[Callable[[Books], None], str] = {
    more_than_owed: "it counts 23.22 as paid where 23.21 is owed",
    twice: "it counts 20.00 as paid where 3.21 is owed",
    more_than_paid: "it allocates 6.00 of a payment of which 5.00 is free",
    of_nothing: "what it is about was never issued or recorded",
    of_another: "the payment is another customer's, or in another currency",
    in_one_stream_alone: "which does not say so",
    in_the_other_stream_alone: "it counts as paid what the payment did not give",
    refunded_and_allocated: "it refunds 0.01 of a payment of which 0.00 is free",
    more_than_a_credit_note_gives: "it refunds 0.01 of a credit note of which 0.00 is free",
    refunded_of_no_credit_note: "what it is about was never issued or recorded",
    refunded_of_what_an_invoice_was_credited: "it refunds 0.01 of a credit note of which 0.00 is free",
    after_the_bank_took_it_back: "it allocates of a payment that the bank took back",
    less_back_than_given: "it takes back what the payment did not give",
    too_much_written_off: "it writes off 24.00 where 23.21 is owed",
    too_much_waived: "it waives 6.00 where 5.00 is owed",
}


@pytest.mark.parametrize("plant", PLANTED)
def test_a_planted_fault_of_payments_is_found(plant: Callable[[Books], None]) -> None:
    books = Books()
    plant(books)
    reasons = books.found()[1]
    assert reasons[0].endswith(PLANTED[plant])


def offer(books: Books, kind: str = "QuoteMade", **changes: object) -> None:
    content = {"customer_id": books.customer, "document_type": "invoice", "currency": "EUR", "lines": [LINE]}
    said: dict[str, object] = {
        "quote_id": "q",
        "number": "QUO-000001",
        "revision": 1,
        "content": content,
        "valid_until": "2026-12-22",
        "totals": AMOUNTS,
    }
    books.tell(kind, "quote-1", **(said | changes))


def test_the_life_of_a_quote_is_followed() -> None:
    books = Books()
    offer(books)
    offer(books, "QuoteChanged", revision=2)
    books.tell("QuoteExtended", "quote-1", quote_id="q", valid_until="2027-01-22")
    books.tell("QuoteAccepted", "quote-1", quote_id="q", accepted_on="2027-01-22")
    books.tell("QuoteInvoiced", "quote-1", quote_id="q", invoice_id="i")
    assert books.found()[1] == []


@pytest.mark.parametrize(
    ("kind", "payload", "reason"),
    [
        ("QuoteAccepted", {"accepted_on": "2026-12-23"}, "it was accepted on 2026-12-23, and valid until 2026-12-22"),
        ("QuoteInvoiced", {"invoice_id": "i"}, "it invoices what was not accepted"),
        ("QuoteDeclined", {"quote_id": "other"}, "there is no quote that it is about"),
    ],
)
def test_a_step_of_a_quote_that_cannot_have_been_is_found(kind: str, payload: dict[str, object], reason: str) -> None:
    books = Books()
    offer(books)
    books.tell(kind, "quote-1", **({"quote_id": "q"} | payload))
    assert books.found()[1] == [reason]


def test_amounts_of_a_quote_are_computed_again() -> None:
    books = Books()
    offer(books, totals={**AMOUNTS, "payable": "23.20"})
    assert books.found()[1] == ["its totals are not those of its lines"]


def test_a_quote_that_was_answered_is_not_changed() -> None:
    books = Books()
    offer(books)
    books.tell("QuoteDeclined", "quote-1", quote_id="q", reason="too dear")
    offer(books, "QuoteChanged", revision=2)
    assert books.found()[1] == ["it offers otherwise what was answered, or anew what was offered"]


def test_what_is_issued_and_not_archived_is_told() -> None:
    books = Books()
    ledger, reasons = books.found()
    assert list(ledger.unarchived.words()) == ["note: 1 document is issued and not archived: INV-000001"]
    assert reasons == []
    books.business.archive(books.invoice, books.customer)
    assert list(books.found()[0].unarchived.words()) == []
