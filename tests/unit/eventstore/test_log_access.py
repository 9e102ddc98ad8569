"""What an auditor is given can be checked with nothing but the public formats."""

import base64
import json
import shutil
import subprocess
from pathlib import Path
from typing import Any, cast

import pyrage
import pytest

from shared.crypto.age import RecipientInvalid, decrypt_with
from shared.crypto.envelope import open_sealed
from shared.crypto.memory_key_store import InMemoryKeyStore
from shared.crypto.signing import SigningKey
from shared.eventstore.checkpoints import InMemoryCheckpointStore
from shared.eventstore.entry import entry_aad, log_entry
from shared.eventstore.log import TenantLog
from shared.eventstore.log_access import LogAccess
from shared.eventstore.memory import InMemoryEventStore
from shared.eventstore.model import NewEvent
from shared.eventstore.payload import decode_content
from shared.eventstore.registry import EventRegistry
from shared.kernel.ids import new_id
from shared.merkle.checkpoint import verify_checkpoint
from shared.merkle.note import NoteVerifier
from shared.merkle.tree import EMPTY_ROOT, leaf_hash, root_hash
from tests.keyrings import CLOCK, keyring_over


class Fixture:
    """A tenant's log of three events and the access to it."""

    def __init__(self) -> None:
        self.tenant = new_id()
        self.store, self.keys, self.checkpoints = InMemoryEventStore(), InMemoryKeyStore(), InMemoryCheckpointStore()
        keyring = keyring_over(self.keys)
        keyring.create_tenant(self.tenant)
        self.log = TenantLog(self.store, keyring, EventRegistry({"InvoiceDrafted": 1}), CLOCK)
        events = [NewEvent("invoice-1", "InvoiceDrafted", 1, {"line": n}, f"customer-{n}") for n in range(3)]
        self.log.append(self.tenant, events, {"invoice-1": 0})
        self.access = LogAccess(
            store=self.store,
            checkpoints=self.checkpoints,
            keyring=keyring,
            keys=self.keys,
            signing_key=SigningKey.generate(),
            log_domain="tallystick.example",
        )


def events_of(answer: dict[str, object]) -> list[dict[str, Any]]:
    return cast("list[dict[str, Any]]", answer["events"])


@pytest.fixture
def it() -> Fixture:
    return Fixture()


def test_the_checkpoint_signs_the_root_over_all_leaves(it: Fixture) -> None:
    answer = it.access.checkpoint(it.tenant)
    verifier = NoteVerifier.parse(str(answer["verifier_key"]))
    checkpoint = verify_checkpoint(str(answer["note"]), [verifier], f"tallystick.example/tallystick/{it.tenant}")
    expected = root_hash(leaf_hash(log_entry(event)) for event in it.store.read_log(it.tenant))
    assert (checkpoint.size, checkpoint.root) == (3, expected)
    assert (answer["size"], answer["root"]) == (3, expected.hex())


def test_a_checkpoint_that_was_given_out_is_kept(it: Fixture) -> None:
    answer = it.access.checkpoint(it.tenant)
    assert it.checkpoints.kept(it.tenant, 3) == answer["note"]


def test_an_empty_log_has_the_root_of_the_empty_tree(it: Fixture) -> None:
    assert it.access.checkpoint(new_id())["root"] == EMPTY_ROOT.hex()


def test_the_log_is_given_in_pages_with_its_whole_size(it: Fixture) -> None:
    answer = it.access.read_log(it.tenant, after=0, limit=1)
    (event,) = events_of(answer)
    (stored,) = it.store.read_log(it.tenant, after=0, limit=1)
    assert answer["size"] == 3
    assert event["position"] == 1
    assert base64.b64decode(event["sealed"]) == stored.sealed
    assert bytes.fromhex(event["leaf_hash"]) == stored.leaf_hash
    assert "digest" not in event


def test_a_page_is_never_larger_than_promised(it: Fixture) -> None:
    events = [NewEvent("invoice-1", "InvoiceDrafted", 1, {}, "tenant")] * 600
    it.log.append(it.tenant, events, {"invoice-1": 3})
    assert len(events_of(it.access.read_log(it.tenant, limit=10_000))) == 500


def test_the_exported_keys_open_every_event(it: Fixture) -> None:
    identity = pyrage.x25519.Identity.generate()
    answer = it.access.export_keys(it.tenant, str(identity.to_public()))
    deks = json.loads(decrypt_with(str(identity), base64.b64decode(str(answer["keys_base64"]))))
    for number, event in enumerate(it.store.read_log(it.tenant)):
        opened = open_sealed(base64.b64decode(deks[event.key]), event.sealed, entry_aad(event))
        assert decode_content(opened) == ({"line": number}, None)


def test_the_stock_program_opens_the_key_pack(it: Fixture, tmp_path: Path) -> None:
    if shutil.which("age") is None:
        pytest.skip("age is not installed")
    identity = pyrage.x25519.Identity.generate()
    (tmp_path / "identity").write_text(f"{identity}\n")
    pack = base64.b64decode(str(it.access.export_keys(it.tenant, str(identity.to_public()))["keys_base64"]))
    command = ["age", "--decrypt", "--identity", str(tmp_path / "identity")]
    opened = subprocess.run(command, input=pack, capture_output=True, check=True).stdout
    assert json.loads(opened) == json.loads(decrypt_with(str(identity), pack))


def test_the_key_under_blind_indexes_is_not_exported(it: Fixture) -> None:
    keyring_over(it.keys).index_key(it.tenant)
    (index,) = (key for key in it.keys.deks(it.tenant) if key.subject == "index")
    identity = pyrage.x25519.Identity.generate()
    answer = it.access.export_keys(it.tenant, str(identity.to_public()))
    deks = json.loads(decrypt_with(str(identity), base64.b64decode(str(answer["keys_base64"]))))
    assert set(deks) == {key.key_id for key in it.keys.deks(it.tenant)} - {index.key_id}


def test_keys_go_to_a_recipient_or_nowhere(it: Fixture) -> None:
    with pytest.raises(RecipientInvalid):
        it.access.export_keys(it.tenant, "auditor@example.com")
