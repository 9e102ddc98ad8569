from collections.abc import Callable, Iterator

import pytest

from tests.integration.invoices.trade import Trade
from tests.stack import Database, Databases


@pytest.fixture(scope="session")
def invoices_database(databases: Databases) -> Iterator[Database]:
    """One database for the tests that keep to their own tenants."""
    database = databases.create("invoices")
    yield database
    databases.drop(database)


@pytest.fixture(scope="session")
def _process(invoices_database: Database) -> Trade:
    return Trade.over(invoices_database)


@pytest.fixture
def stranger(_process: Trade) -> Trade:
    """A business that has not said who it is."""
    return Trade(_process.ports, _process.queries, _process.runner, _process.projection, _process.database)


@pytest.fixture
def trade(stranger: Trade) -> Trade:
    """A business that may issue."""
    stranger.open_for_business()
    return stranger


@pytest.fixture
def lonely_trade(database: Callable[[str], Database]) -> Trade:
    """For tests that look at the whole database."""
    trade = Trade.over(database("invoices"))
    trade.open_for_business()
    return trade
