"""Read models whose SQL changed are made anew beside those that are in use."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg import sql

from deploy.postgres import bootstrap
from deploy.postgres.bootstrap import BootstrapRefused, Script
from shared.eventstore.copies import COPIES
from tests.integration.invoices.trade import Trade
from tests.integration.postgres.test_isolated_tables import WITH_TENANT, WORK_LISTS
from tests.stack import Database, password_of

pytestmark = pytest.mark.integration

SHAPE = bootstrap.read_models_of("invoices")[0].path.read_text("utf-8")
NEXT = f"{SHAPE}\nALTER TABLE invoices ADD COLUMN shape integer NOT NULL DEFAULT 2;\n"


class ReadModels(Script):
    """A script that stands where the service has its read models."""

    @property
    def name(self) -> str:
        return f"services/invoices/schema/read.sql in {self.copy}"


Deploy = Callable[[Database, str], None]


@pytest.fixture
def deploy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Deploy:
    """Bootstraps a database with read models of some shape."""

    def deploy(database: Database, shape: str) -> None:
        path = tmp_path / "read.sql"
        path.write_text(shape, "utf-8")
        scripts: list[Script] = [ReadModels(path, repeatable=False, copy=copy) for copy in COPIES]
        monkeypatch.setattr(bootstrap, "read_models_of", lambda _: scripts)
        bootstrap.bootstrap(database.admin_dsn, ["invoices"], password_of, lambda _: database.name)

    return deploy


@pytest.fixture
def trade(database: Callable[[str], Database]) -> Trade:
    """A business with an invoice, whose service has started."""
    trade = Trade.over(database("invoices"))
    trade.open_for_business()
    trade.runner.take_up_shape([trade.projection])
    trade.issued(trade.customer())
    trade.runner.run_once()
    return trade


def rows(database: Database, copy: str) -> list[tuple[Any, ...]]:
    """The invoices in a copy as they are now, without what only one shape has."""
    query = sql.SQL("SELECT tenant, invoice_id, state, key, sealed FROM {} WHERE until IS NULL ORDER BY invoice_id")
    with database.connect_as_admin() as admin:
        return admin.execute(query.format(sql.Identifier(copy, "invoices"))).fetchall()


def copies_with_tables(database: Database) -> set[str]:
    with database.connect_as_admin() as admin:
        query = "SELECT schemaname FROM pg_tables WHERE tablename = 'invoices' AND schemaname LIKE 'read%'"
        return {str(copy) for (copy,) in admin.execute(query)}


def live(trade: Trade) -> str:
    return trade.database.live_copy(trade.projection.name)


def test_a_changed_shape_is_filled_beside_the_live_one_which_answers_until_they_swap(
    trade: Trade, deploy: Deploy
) -> None:
    before = rows(trade.database, "read_a")
    deploy(trade.database, NEXT)
    trade.issued(trade.customer())
    trade.runner.run_once()
    assert live(trade) == "read_a"
    assert len(rows(trade.database, "read_a")) == len(before) + 1 == 2
    assert rows(trade.database, "read_c") == []
    later = trade.process()
    later.runner.take_up_shape([later.projection])
    assert live(trade) == "read_c"
    assert rows(trade.database, "read_c") == rows(trade.database, "read_a")
    later.issued(later.customer())
    later.runner.run_once()
    assert len(rows(trade.database, "read_c")) == 3


def test_what_was_left_is_dropped_by_the_next_bootstrap_and_not_while_it_is_in_use(
    trade: Trade, deploy: Deploy
) -> None:
    deploy(trade.database, NEXT)
    deploy(trade.database, NEXT)
    assert copies_with_tables(trade.database) == set(COPIES)
    trade.runner.take_up_shape([trade.projection])
    deploy(trade.database, NEXT)
    assert copies_with_tables(trade.database) == {"read_c", "read_d"}
    deploy(trade.database, SHAPE)
    trade.runner.take_up_shape([trade.projection])
    assert live(trade) == "read_a"
    assert len(rows(trade.database, "read_a")) == 1


def test_a_shape_that_nobody_came_to_use_is_replaced_and_the_one_before_is_still_there(
    trade: Trade, deploy: Deploy
) -> None:
    deploy(trade.database, NEXT)
    deploy(trade.database, NEXT.replace("DEFAULT 2", "DEFAULT 3"))
    deploy(trade.database, SHAPE)
    trade.runner.take_up_shape([trade.projection])
    assert (live(trade), len(rows(trade.database, "read_a"))) == ("read_a", 1)


def test_a_third_shape_waits_until_everything_has_left_the_first(trade: Trade, deploy: Deploy) -> None:
    deploy(trade.database, NEXT)
    trade.runner.take_up_shape([trade.projection])
    with trade.database.connect_as_admin() as admin:
        admin.execute("INSERT INTO read.projections VALUES ('another', 'read_a', 0)")
    with pytest.raises(BootstrapRefused, match="half moved"):
        deploy(trade.database, NEXT + "-- changed")
    assert len(rows(trade.database, "read_c")) == 1


def test_tables_of_a_new_shape_belong_to_the_tenant_and_to_the_service(trade: Trade, deploy: Deploy) -> None:
    deploy(trade.database, NEXT)
    with trade.database.connect_as_admin() as admin:
        tables: dict[str, bool] = dict(admin.execute(WITH_TENANT).fetchall())
    assert {name for name in tables if name.startswith("read_c.")} >= {"read_c.invoices", "read_c.customers"}
    assert {name for name, isolated in tables.items() if not isolated} - WORK_LISTS == set()
    with trade.database.connect() as service:
        assert service.execute("SELECT FROM read_c.invoices").fetchall() == []
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            service.execute("DROP TABLE read_c.invoices")
    with trade.database.connect_as_backup_reader() as reader, pytest.raises(psycopg.errors.InsufficientPrivilege):
        reader.execute("SELECT FROM read_c.invoices")


def test_projections_without_tables_do_not_begin_again(trade: Trade, deploy: Deploy) -> None:
    told = "INSERT INTO read_a.projection_checkpoints VALUES ('announcer', %s, 7)"
    with trade.database.connect_as_admin() as admin:
        admin.execute(told, (trade.tenant,))
        for shape in (NEXT, NEXT + "-- changed", NEXT):
            deploy(trade.database, shape)
            trade.runner.take_up_shape([trade.projection])
        kept = admin.execute("SELECT position FROM read_a.projection_checkpoints WHERE projection = 'announcer'")
        assert kept.fetchall() == [(7,)]
