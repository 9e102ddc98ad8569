"""What every checkpoint store keeps to."""

import pytest

from shared.eventstore.checkpoints import CheckpointStore, InMemoryCheckpointStore, PostgresCheckpointStore
from shared.eventstore.postgres import PostgresEventStore
from shared.kernel.ids import new_id
from tests.contract.conftest import IMPLEMENTATIONS
from tests.sealed_events import sealed_events


@pytest.fixture(params=IMPLEMENTATIONS)
def store(request: pytest.FixtureRequest) -> CheckpointStore:
    if request.param == "memory":
        return InMemoryCheckpointStore()
    return PostgresCheckpointStore(request.getfixturevalue("pool"))


@pytest.fixture
def tenant(request: pytest.FixtureRequest, store: CheckpointStore) -> str:
    """A tenant whose log has four events."""
    tenant = new_id()
    if isinstance(store, PostgresCheckpointStore):
        events = PostgresEventStore(request.getfixturevalue("pool"))
        events.append(tenant, sealed_events(tenant, "invoice-1", range(1, 5)), {"invoice-1": 0})
    return tenant


def test_a_note_is_kept_for_its_tenant_and_size(store: CheckpointStore, tenant: str) -> None:
    store.keep(tenant, 3, "a note")
    assert store.kept(tenant, 3) == "a note"
    assert store.kept(tenant, 4) is None
    assert store.kept(new_id(), 3) is None


def test_the_first_note_for_a_size_stays(store: CheckpointStore, tenant: str) -> None:
    assert store.keep(tenant, 3, "first") == "first"
    assert store.keep(tenant, 3, "second") == "first"
    assert store.kept(tenant, 3) == "first"
