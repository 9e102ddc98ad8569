import io
from pathlib import Path

import pytest

from services.backup.adapters.directory_store import DirectoryObjectStore, TargetRefused
from services.backup.domain.ports import ObjectExists, ObjectUnknown


@pytest.fixture
def store(tmp_path: Path) -> DirectoryObjectStore:
    return DirectoryObjectStore.from_url(f"file://{tmp_path}/offsite")


def test_what_was_put_is_got(store: DirectoryObjectStore) -> None:
    store.put("objects/one", io.BytesIO(b"content"))
    with store.get("objects/one") as stored:
        assert stored.read() == b"content"


def test_an_object_is_never_overwritten(store: DirectoryObjectStore) -> None:
    store.put("objects/one", io.BytesIO(b"first"))
    with pytest.raises(ObjectExists):
        store.put("objects/one", io.BytesIO(b"second"))
    with store.get("objects/one") as stored:
        assert stored.read() == b"first"


def test_an_unknown_object_is_said_to_be_unknown(store: DirectoryObjectStore) -> None:
    with pytest.raises(ObjectUnknown), store.get("objects/none"):
        pass


def test_names_are_listed_by_prefix_in_order(store: DirectoryObjectStore) -> None:
    for name in ("b/2", "a/1", "b/1"):
        store.put(name, io.BytesIO(b""))
    assert store.list("b/") == ["b/1", "b/2"]
    assert store.list("") == ["a/1", "b/1", "b/2"]


def test_an_empty_target_lists_nothing(store: DirectoryObjectStore) -> None:
    assert store.list("") == []


def test_a_put_that_breaks_leaves_nothing(store: DirectoryObjectStore, tmp_path: Path) -> None:
    class Breaking(io.BytesIO):
        def read(self, _size: int | None = -1) -> bytes:
            raise ConnectionError

    with pytest.raises(ConnectionError):
        store.put("objects/one", Breaking())
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_an_object_cut_short_by_a_power_failure_is_not_listed(store: DirectoryObjectStore, tmp_path: Path) -> None:
    store.put("objects/one", io.BytesIO(b"whole"))
    (tmp_path / "offsite" / "objects" / ".unfinished-0123").write_bytes(b"ha")
    assert store.list("") == ["objects/one"]


def test_a_store_cannot_delete(store: DirectoryObjectStore) -> None:
    assert {name for name in dir(store) if not name.startswith("_")} == {"from_url", "get", "list", "put"}


@pytest.mark.parametrize("url", ["", "/srv/backups", "file://host/srv", "file:relative", "https://example.org/b"])
def test_a_target_that_is_not_an_absolute_file_address_is_refused(url: str) -> None:
    with pytest.raises(TargetRefused):
        DirectoryObjectStore.from_url(url)
