"""Rows of read models open in their own place only, and only for their own business."""

import threading
from collections.abc import Iterator

import pytest

from services.invoices.domain.document.content import DocumentType
from services.invoices.read_models.reading import Asked
from shared.crypto.envelope import SealBroken
from tests.integration.invoices.trade import Trade, everything, line

pytestmark = pytest.mark.integration


@pytest.fixture
def followed(trade: Trade) -> Iterator[Trade]:
    """A business whose log is followed as it is in a running service."""
    process = trade.process()
    stop = threading.Event()
    following = threading.Thread(target=process.runner.run, args=(stop.is_set, stop.wait))
    following.start()
    yield trade
    stop.set()
    following.join()


def swap(trade: Trade, table: str, column: str, first: str, second: str) -> None:
    """Put the second row's content into the first row."""
    with trade.database.connect_as_admin() as admin:
        admin.execute(
            f"UPDATE read_a.{table} t SET key = other.key, sealed = other.sealed FROM read_a.{table} other"  # noqa: S608 -- from this file
            f" WHERE t.tenant = %s AND other.tenant = t.tenant AND t.{column} = %s AND other.{column} = %s".encode(),
            (trade.tenant, first, second),
        )


def test_an_invoice_in_the_place_of_another_does_not_open(trade: Trade) -> None:
    customer = trade.customer()
    cheap, dear = (trade.draft(customer, line(price=price)).invoice_id for price in ("1", "1000"))
    trade.runner.run_once()
    swap(trade, "invoices", "invoice_id", dear, cheap)
    with pytest.raises(SealBroken):
        trade.queries.invoice(trade.tenant, dear, after=None, allow=everything)
    assert trade.queries.invoice(trade.tenant, cheap, after=None, allow=everything)["totals"]["payable"] == "2.38"


def test_an_earlier_version_in_the_place_of_a_later_one_does_not_open(trade: Trade) -> None:
    """What was owed before it was paid is not shown as what is owed."""
    customer = trade.customer()
    issued = trade.issued(customer)
    trade.runner.run_once()
    with trade.database.connect_as_admin() as admin:
        admin.execute(
            "UPDATE read_a.invoices t SET key = earlier.key, sealed = earlier.sealed FROM read_a.invoices earlier"
            " WHERE t.tenant = %s AND t.invoice_id = %s AND t.until IS NULL"
            " AND earlier.tenant = t.tenant AND earlier.invoice_id = t.invoice_id AND earlier.until IS NOT NULL",
            (trade.tenant, issued.invoice_id),
        )
    with pytest.raises(SealBroken):
        trade.queries.customer_totals(trade.tenant, customer, after=None, allow=everything)
    with pytest.raises(SealBroken):
        trade.listed()


def test_a_caller_who_waits_for_the_log_reads_what_was_just_written(followed: Trade) -> None:
    customer = followed.customer()
    for expected in range(1, 4):
        issued = followed.issued(customer, line("1", "100"))
        found = followed.queries.invoice(followed.tenant, issued.invoice_id, after=issued.position, allow=everything)
        assert (found["state"], found["number"]) == ("issued", issued.number)
        (totals,) = followed.queries.customer_totals(
            followed.tenant, customer, after=issued.position, allow=everything
        )["totals"]
        assert (totals["invoices"], totals["net_total"]) == (expected, f"{expected}00.00")
    credited = followed.issued(customer, line("1", "100"), document_type=DocumentType.CREDIT_NOTE)
    listed = followed.listed(asked=Asked(after=credited.position))["invoices"]
    assert [each["number"] for each in listed] == ["INV-000001", "INV-000002", "INV-000003", "CN-000001"]
    (totals,) = followed.queries.customer_totals(followed.tenant, customer, after=None, allow=everything)["totals"]
    assert (totals["credit_notes"], totals["net_total"], totals["payable"]) == (1, "200.00", "238.00")
