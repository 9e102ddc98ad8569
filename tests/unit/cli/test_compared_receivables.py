"""What a running service says is owed, compared with the auditor's own fold."""

from collections.abc import Mapping
from typing import Any

import pytest

from cli.audit.read_models import ReadModelComparison
from shared.contracts.errors import ErrorCode, PublicError
from shared.eventstore.faults import Faults
from tests.unit.cli.test_receivables import Books


class Log:
    """Nothing happened after the checkpoint."""

    last = -1


@pytest.mark.parametrize(
    ("paid", "reasons"),
    [("10.00", []), ("11.00", ["differs in paid"]), (None, ["does not know"])],
)
def test_what_is_owed_is_compared(paid: str | None, reasons: list[str]) -> None:
    books = Books()
    books.pay()
    books.allocate("10.00")
    ledger, _ = books.found()
    ledger.invoices.clear()
    ledger.customers.clear()

    def query(method: str, request: Mapping[str, object]) -> dict[str, Any]:
        if method == "get_receivable":
            assert request == {"invoice_id": books.invoice}
            if paid is None:
                raise PublicError(ErrorCode.INVOICE_UNKNOWN, "This business has no such invoice.")
            return {"payable": "23.21", "credited": "0.00", "paid": paid, "written_off": "0.00", "waived": "0.00"}
        return {"list_invoices": {"invoices": []}, "read_log": {"events": []}}[method]

    found = Faults()
    ReadModelComparison(query, Log(), ledger, found).run()  # type: ignore[arg-type]  # only its last position is asked
    assert len(found.kept) == len(reasons)
    assert all(reason in fault.reason for reason, fault in zip(reasons, found.kept, strict=True))


@pytest.mark.parametrize(
    ("owed", "later", "reasons"),
    [
        ("18.21", [], []),
        ("13.21", [], ["aging says otherwise what is owed in all"]),
        ("13.21", [{"stream": "shredding-1", "position": 9}], []),
    ],
)
def test_what_is_owed_in_all_is_compared_as_of_the_checkpoint(
    owed: str, later: list[dict[str, object]], reasons: list[str]
) -> None:
    books = Books()
    books.pay()
    books.allocate("10.00")
    books.pay("5.00", "q")
    books.tell("PaymentRefunded", "payment-q", payment_id="q", amount="5.00")
    books.tell("PaymentReversed", "payment-q", payment_id="q")
    books.claim("5.00", source="q")
    ledger, _ = books.found()
    bills = ledger.receivables.bills
    ledger.invoices.clear()
    ledger.customers.clear()
    events = [later, []]

    def query(method: str, request: Mapping[str, object]) -> dict[str, Any]:
        if method == "get_receivable":
            return dict(bills[str(request["invoice_id"])].shown)
        if method == "aging":
            assert request == {"as_of": 8, "limit": 1}
            return {"totals": [{"currency": "EUR", "owed": owed}]}
        return {"invoices": []} if method == "list_invoices" else {"events": events.pop(0)}

    found, log = Faults(), Log()
    log.last = 8
    ReadModelComparison(query, log, ledger, found).run()  # type: ignore[arg-type]  # as above
    assert [fault.reason for fault in found.kept] == reasons
