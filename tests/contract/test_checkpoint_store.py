"""What every checkpoint store keeps to."""

import pytest

from shared.eventstore.checkpoints import CheckpointStore, InMemoryCheckpointStore, PostgresCheckpointStore
from shared.kernel.ids import new_id
from tests.contract.conftest import IMPLEMENTATIONS


@pytest.fixture(params=IMPLEMENTATIONS)
def store(request: pytest.FixtureRequest) -> CheckpointStore:
    if request.param == "memory":
        return InMemoryCheckpointStore()
    return PostgresCheckpointStore(request.getfixturevalue("pool"))


def test_a_note_is_kept_for_its_tenant_and_size(store: CheckpointStore) -> None:
    tenant = new_id()
    store.keep(tenant, 3, "a note")
    assert store.kept(tenant, 3) == "a note"
    assert store.kept(tenant, 4) is None
    assert store.kept(new_id(), 3) is None


def test_the_first_note_for_a_size_stays(store: CheckpointStore) -> None:
    tenant = new_id()
    assert store.keep(tenant, 3, "first") == "first"
    assert store.keep(tenant, 3, "second") == "first"
    assert store.kept(tenant, 3) == "first"
