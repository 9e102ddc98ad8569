"""Rebuilding the invoices service's read models from its log."""

from statistics import median

from tests.bench.part import Bench, Ratios, Raw
from tests.bench.rounds import seconds_of
from tests.integration.invoices.trade import Trade

ROUNDS = 3
_PER_CUSTOMER = 20


def rebuild(bench: Bench) -> tuple[Ratios, Raw]:
    """A business with customers, each with invoices that were drafted and issued; then all read models anew."""
    database = bench.server.service_database()
    trade = Trade.over(database)
    trade.open_for_business()
    customer = ""
    for number in range(bench.scale.documents):
        if number % _PER_CUSTOMER == 0:
            customer = trade.customer(f"Hof van Fietsen {number} B.V.")
            bench.said(f"{number:,} of {bench.scale.documents:,} invoices")
        trade.issued(customer)
    events = trade.ports.log.head(trade.tenant).size
    trade.runner.run_once()
    bench.server.analyse(database)
    took = []
    for number in range(ROUNDS):
        bench.said(f"round {number + 1} of {ROUNDS}")
        took.append(seconds_of(lambda: trade.runner.rebuild(trade.projection)))
    bench.server.databases.drop(database)
    rate = round(events / median(took), 1)
    return {"rebuild_events_per_s": rate}, {"events": events, "events_per_s": rate}
