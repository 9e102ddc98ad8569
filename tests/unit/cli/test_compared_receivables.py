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
