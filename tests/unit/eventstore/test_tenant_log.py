"""The log as handlers see it: payloads in, payloads out, sealed in between."""

from dataclasses import replace

import pytest
from msgspec import structs

from shared.crypto.envelope import SealBroken, open_sealed
from shared.crypto.keyring import KeyShredded, KeyUnknown
from shared.crypto.memory_key_store import InMemoryKeyStore
from shared.eventstore.entry import entry_aad
from shared.eventstore.log import Remembered, TenantLog
from shared.eventstore.memory import InMemoryEventStore
from shared.eventstore.model import Author, CommandId, NewEvent, StoredEvent
from shared.eventstore.registry import EventRegistry, EventTypeUnknown
from shared.eventstore.store import CommandRepeated, EntryRefused, IdempotencyConflict, NotRemembered, VersionConflict
from shared.kernel.ids import new_id
from tests.keyrings import CLOCK, keyring_over
from tests.sealed_events import AT

CANARY = "Jane Doe, canary"
ADA = Author("person", "user-ada", ("pwd", "otp"), "session-1", "adas-laptop")
COMMAND = CommandId("draft-1", b"\x01" * 32, ADA)
DRAFTED = NewEvent("invoice-1", "InvoiceDrafted", 1, {"buyer": CANARY}, "customer-1")
ISSUED = NewEvent("invoice-1", "InvoiceIssued", 1, {"number": "2026-1"}, "tenant", digest="ab" * 32)
REGISTRY = EventRegistry({"InvoiceDrafted": 1, "InvoiceIssued": 1})


class Fixture:
    """One tenant's log over a store in memory."""

    def __init__(self) -> None:
        self.tenant = new_id()
        self.store = InMemoryEventStore()
        self.keys = InMemoryKeyStore()
        self.keyring = keyring_over(self.keys)
        self.keyring.create_tenant(self.tenant)
        self.log = TenantLog(self.store, self.keyring, REGISTRY, CLOCK)

    def log_after_shredding(self, subject: str) -> TenantLog:
        """The log in a process that has no key in memory, after the subject's key was destroyed."""
        self.keys.shred(self.tenant, subject, AT)
        return TenantLog(self.store, keyring_over(self.keys), REGISTRY, CLOCK)

    def stored(self) -> list[StoredEvent]:
        return list(self.log.stored(self.tenant))

    def replace_stored(self, position: int, **changes: object) -> None:
        """Do what an attacker with the database would do."""
        events = self.store._logs[self.tenant].events
        events[position] = structs.replace(events[position], **changes)


@pytest.fixture
def it() -> Fixture:
    return Fixture()


def test_what_was_appended_is_returned_as_it_will_be_read(it: Fixture) -> None:
    appended = it.log.append(it.tenant, [DRAFTED, ISSUED], {"invoice-1": 0})
    assert appended == it.log.load(it.tenant, "invoice-1") == list(it.log.read(it.tenant))
    first, second = appended
    assert (first.position, first.version, first.payload, first.at) == (0, 1, {"buyer": CANARY}, AT)
    assert (second.position, second.version, second.digest) == (1, 2, "ab" * 32)


def test_the_store_sees_no_payload(it: Fixture) -> None:
    it.log.append(it.tenant, [DRAFTED], {"invoice-1": 0})
    assert CANARY not in repr(it.stored())
    assert CANARY.encode() not in it.stored()[0].sealed


def test_each_subject_has_its_own_key(it: Fixture) -> None:
    it.log.append(it.tenant, [DRAFTED, ISSUED], {"invoice-1": 0})
    drafted, issued = it.stored()
    assert drafted.key == it.keyring.dek_for(it.tenant, "customer-1").key_id
    assert issued.key == it.keyring.dek_for(it.tenant, "tenant").key_id
    assert drafted.key != issued.key


def test_a_payload_is_sealed_to_its_place(it: Fixture) -> None:
    it.log.append(it.tenant, [DRAFTED], {"invoice-1": 0})
    (stored,) = it.stored()
    dek = it.keyring.dek(it.tenant, stored.key)
    assert open_sealed(dek, stored.sealed, entry_aad(stored)) == b'{"data":{"buyer":"Jane Doe, canary"}}'
    for change in ({"version": 2}, {"stream": "invoice-2"}, {"tenant": new_id()}):
        moved = structs.replace(stored, **change)
        with pytest.raises(SealBroken):
            open_sealed(dek, stored.sealed, entry_aad(moved))


@pytest.mark.parametrize("change", [{"sealed": b"\x01" * 90}, {"type": "InvoiceIssued"}, {"version": 7}])
def test_a_changed_row_does_not_open_and_is_named(it: Fixture, change: dict[str, object]) -> None:
    it.log.append(it.tenant, [DRAFTED, replace(DRAFTED, stream="invoice-2")], {"invoice-1": 0, "invoice-2": 0})
    it.replace_stored(1, **change)
    with pytest.raises(SealBroken, match="position 1"):
        list(it.log.read(it.tenant))
    assert [event.position for event in it.log.read(it.tenant, limit=1)] == [0]


def test_swapped_payloads_do_not_open(it: Fixture) -> None:
    it.log.append(it.tenant, [DRAFTED, replace(DRAFTED, stream="invoice-2")], {"invoice-1": 0, "invoice-2": 0})
    first, second = it.stored()
    it.replace_stored(0, sealed=second.sealed)
    it.replace_stored(1, sealed=first.sealed)
    for position in (0, 1):
        with pytest.raises(SealBroken, match=f"position {position}"):
            it.log.at(it.tenant, position, position)


def test_a_retried_command_returns_the_first_runs_events(it: Fixture) -> None:
    first = it.log.append(it.tenant, [DRAFTED], {"invoice-1": 0}, COMMAND)
    it.log.append(it.tenant, [ISSUED], {"invoice-1": 1})
    retried = it.log.append(it.tenant, [replace(DRAFTED, payload={"buyer": "another"})], {"invoice-1": 0}, COMMAND)
    assert retried == first
    assert it.log.replay_of(it.tenant, COMMAND) == first
    assert it.log.head(it.tenant).size == 2


def test_every_event_says_who_made_it_happen_with_which_factors_from_where(it: Fixture) -> None:
    it.log.append(it.tenant, [DRAFTED, ISSUED], {"invoice-1": 0}, COMMAND)
    it.log.append(it.tenant, [DRAFTED], {"invoice-1": 2}, by=Author("service", "notifier"))
    assert [event.by for event in it.log.read(it.tenant)] == [ADA, ADA, Author("service", "notifier")]
    assert not any(b"adas-laptop" in stored.sealed for stored in it.stored())


def test_a_retry_keeps_the_author_of_the_first_run(it: Fixture) -> None:
    it.log.append(it.tenant, [DRAFTED], {"invoice-1": 0}, COMMAND)
    again = replace(COMMAND, by=structs.replace(ADA, session="session-2"))
    assert it.log.append(it.tenant, [DRAFTED], {"invoice-1": 0}, again)[0].by == ADA


def test_followers_read_past_an_event_whose_key_is_shredded(it: Fixture) -> None:
    it.log.append(it.tenant, [DRAFTED, ISSUED], {"invoice-1": 0}, COMMAND)
    log = it.log_after_shredding("customer-1")
    gone, kept = log.read(it.tenant)
    assert (gone.shredded, gone.payload, gone.by, gone.type) == (True, {}, None, "InvoiceDrafted")
    assert (kept.shredded, kept.payload, kept.by) == (False, {"number": "2026-1"}, ADA)
    assert kept.key == it.keyring.dek_for(it.tenant, "tenant").key_id


def test_what_is_about_a_subject_is_found_wherever_it_stands(it: Fixture) -> None:
    it.log.append(it.tenant, [DRAFTED, ISSUED, replace(DRAFTED, stream="invoice-2")], {"invoice-1": 0, "invoice-2": 0})
    assert [event.position for event in it.log.about(it.tenant, "customer-1")] == [0, 2]
    assert [event.position for event in it.log.about(it.tenant, "customer-1", after=0)] == [2]
    assert list(it.log.about(it.tenant, "customer-2")) == []


def test_nothing_is_decided_on_a_history_that_is_partly_shredded(it: Fixture) -> None:
    it.log.append(it.tenant, [DRAFTED, ISSUED], {"invoice-1": 0}, COMMAND)
    log = it.log_after_shredding("customer-1")
    with pytest.raises(KeyShredded):
        log.load(it.tenant, "invoice-1")
    with pytest.raises(KeyShredded):
        log.replay_of(it.tenant, COMMAND)


def test_one_look_answers_what_the_log_would(it: Fixture) -> None:
    it.log.append(it.tenant, [DRAFTED, ISSUED], {"invoice-1": 0}, COMMAND)
    seen = it.log.look(it.tenant, ["invoice-1", "invoice-2"], ["series-1"], COMMAND)
    assert seen.load(it.tenant, "invoice-1") == it.log.load(it.tenant, "invoice-1")
    assert seen.load(it.tenant, "invoice-2") == []
    assert seen.version(it.tenant, "series-1") == 0
    assert seen.replay_of(it.tenant, COMMAND) == it.log.replay_of(it.tenant, COMMAND)


def test_a_look_knows_nothing_that_it_was_not_asked_for(it: Fixture) -> None:
    seen = it.log.look(it.tenant, ["invoice-1"], ["series-1"], COMMAND)
    for ask in (
        lambda: seen.load(it.tenant, "invoice-2"),
        lambda: seen.version(it.tenant, "invoice-1"),
        lambda: seen.replay_of(it.tenant, replace(COMMAND, key="another")),
        lambda: seen.load(new_id(), "invoice-1"),
    ):
        with pytest.raises(KeyError):
            ask()


def test_a_look_opens_nothing_whose_key_is_shredded(it: Fixture) -> None:
    it.log.append(it.tenant, [DRAFTED], {"invoice-1": 0})
    with pytest.raises(KeyShredded):
        it.log_after_shredding("customer-1").look(it.tenant, ["invoice-1"])


def test_a_command_that_never_ran_has_no_replay(it: Fixture) -> None:
    assert it.log.replay_of(it.tenant, COMMAND) is None


def test_a_key_used_for_another_request_is_a_conflict(it: Fixture) -> None:
    it.log.append(it.tenant, [DRAFTED], {"invoice-1": 0}, COMMAND)
    with pytest.raises(IdempotencyConflict):
        it.log.replay_of(it.tenant, CommandId(COMMAND.key, b"\x02" * 32))


def test_a_stale_decision_is_a_conflict(it: Fixture) -> None:
    it.log.append(it.tenant, [DRAFTED], {"invoice-1": 0})
    with pytest.raises(VersionConflict):
        it.log.append(it.tenant, [DRAFTED], {"invoice-1": 0})


def test_a_stream_without_an_expected_version_is_refused(it: Fixture) -> None:
    with pytest.raises(EntryRefused):
        it.log.append(it.tenant, [DRAFTED], {"invoice-2": 0})


@pytest.mark.parametrize("change", [{"type": "Unheard"}, {"schema": 2}])
def test_an_event_nobody_could_read_is_not_written(it: Fixture, change: dict[str, object]) -> None:
    with pytest.raises(EventTypeUnknown):
        it.log.append(it.tenant, [replace(DRAFTED, **change)], {"invoice-1": 0})  # type: ignore[arg-type]
    assert it.log.head(it.tenant).size == 0


def test_a_tenant_without_a_key_cannot_write(it: Fixture) -> None:
    with pytest.raises(KeyUnknown):
        it.log.append(new_id(), [DRAFTED], {"invoice-1": 0})


def test_an_old_event_is_read_in_the_current_schema(it: Fixture) -> None:
    it.log.append(it.tenant, [DRAFTED], {"invoice-1": 0})
    registry = EventRegistry({"InvoiceDrafted": 2}, {("InvoiceDrafted", 1): lambda old: {"customer": old["buyer"]}})
    (event,) = TenantLog(it.store, it.keyring, registry, CLOCK).read(it.tenant)
    assert (event.schema, event.payload) == (2, {"customer": CANARY})


def test_positions_are_read_as_a_range(it: Fixture) -> None:
    it.log.append(it.tenant, [DRAFTED, ISSUED, replace(DRAFTED, stream="invoice-2")], {"invoice-1": 0, "invoice-2": 0})
    assert [event.position for event in it.log.at(it.tenant, 1, 2)] == [1, 2]
    assert it.log.tenants() == [it.tenant]


def test_the_keys_of_a_page_are_asked_for_together(it: Fixture, monkeypatch: pytest.MonkeyPatch) -> None:
    subjects = [f"customer-{number}" for number in range(3)]
    events = [NewEvent("invoice-1", "InvoiceDrafted", 1, {"buyer": subject}, subject) for subject in subjects]
    it.log.append(it.tenant, events, {"invoice-1": 0})
    monkeypatch.setattr(it.keys, "dek", lambda *_: None)  # whoever asks for one alone gets nothing
    restarted = TenantLog(it.store, keyring_over(it.keys), REGISTRY, CLOCK)
    assert [event.payload for event in restarted.read(it.tenant)] == [{"buyer": subject} for subject in subjects]


def test_what_is_remembered_is_what_a_look_finds(it: Fixture) -> None:
    it.log.append(it.tenant, [DRAFTED, ISSUED], {"invoice-1": 0, "shredding-1": 0}, COMMAND)
    asked = (it.tenant, ["invoice-1", "shredding-1"], ["invoice-1"])
    assert Remembered(it.log).look(*asked) == it.log.look(*asked)
    with pytest.raises(NotRemembered):
        Remembered(it.log).look(it.tenant, ["invoice-2"])
    with pytest.raises(NotRemembered):
        Remembered(it.log).look(it.tenant, [], ["invoice-2"])


def test_what_was_loaded_whole_is_remembered_and_what_was_loaded_in_part_is_not(it: Fixture) -> None:
    it.log.append(it.tenant, [DRAFTED, ISSUED], {"invoice-1": 0})
    later = Remembered(TenantLog(it.store, it.keyring, REGISTRY, CLOCK))
    for part in ({"after": 1}, {"limit": 1}):
        later.log.load(it.tenant, "invoice-1", **part)
        with pytest.raises(NotRemembered):
            later.look(it.tenant, ["invoice-1"])
    loaded = later.log.load(it.tenant, "invoice-1")
    assert later.look(it.tenant, ["invoice-1"]).load(it.tenant, "invoice-1") == loaded


def test_what_is_remembered_is_not_read_after_its_key_was_destroyed(it: Fixture) -> None:
    it.log.append(it.tenant, [DRAFTED], {"invoice-1": 0})
    it.keyring.shred(it.tenant, "customer-1")
    with pytest.raises(KeyShredded):
        Remembered(it.log).look(it.tenant, ["invoice-1"])


def test_what_was_decided_on_memory_is_the_first_run_or_refused(it: Fixture) -> None:
    remembered = Remembered(it.log)
    first = remembered.append(it.tenant, [DRAFTED], {"invoice-1": 0}, COMMAND)
    assert it.log.append(it.tenant, [DRAFTED], {"invoice-1": 1}, COMMAND) == first
    with pytest.raises(CommandRepeated):
        remembered.append(it.tenant, [DRAFTED], {"invoice-1": 1}, COMMAND)
    assert len(it.stored()) == 1


def test_what_others_wrote_refuses_what_was_decided_on_memory(it: Fixture) -> None:
    it.log.append(it.tenant, [DRAFTED], {"invoice-1": 0})
    TenantLog(it.store, it.keyring, REGISTRY, CLOCK).append(it.tenant, [ISSUED], {"invoice-1": 1})
    remembered = Remembered(it.log)
    seen = remembered.look(it.tenant, [], ["invoice-1"])
    with pytest.raises(VersionConflict):
        remembered.append(it.tenant, [DRAFTED], {"invoice-1": seen.version(it.tenant, "invoice-1")})
    with pytest.raises(NotRemembered):
        remembered.look(it.tenant, ["invoice-1"])
