import pytest

from services.backup.domain.snapshot import (
    SCHEMAS,
    RecipientsRefused,
    SnapshotRefused,
    complete,
    latest_backup,
    parse_recipients,
)
from shared.contracts.manifest import LogReach, ObjectKind, manifest_name

FIRST = "01932d9f-0000-7000-8000-000000000001"
SECOND = "01932d9f-0000-7000-8000-000000000002"
NOON = "2026-11-22T12:00:00.000000Z"
SHA = "ab" * 32


def test_two_recipients_are_enough() -> None:
    assert parse_recipients("# offline keys\nage1one\n\n  age1two  \n") == ("age1one", "age1two")


@pytest.mark.parametrize("text", ["", "age1one\n", "age1one\nage1one\n", "age1one\n# age1two\n"])
def test_fewer_than_two_different_recipients_are_refused(text: str) -> None:
    with pytest.raises(RecipientsRefused):
        parse_recipients(text)


def test_an_identity_among_the_recipients_is_refused_and_not_shown() -> None:
    with pytest.raises(RecipientsRefused) as refusal:
        parse_recipients("age1one\nage1two\nage-secret-key-1xyz\n")
    assert "xyz" not in str(refusal.value)


def test_read_models_are_not_saved_because_they_are_replayed() -> None:
    assert "read" not in {schema for schemas in SCHEMAS.values() for schema in schemas}


def test_keys_are_saved_in_an_object_of_their_own() -> None:
    assert SCHEMAS[ObjectKind.KEYRING] == ("keyring",)
    assert "keyring" not in SCHEMAS[ObjectKind.DATA]


def test_a_manifest_names_the_one_before_it() -> None:
    manifest = complete(SECOND, NOON, after=(FIRST, SHA), objects=[], logs=[])
    assert manifest.previous == SHA
    assert complete(FIRST, NOON, after=None, objects=[], logs=[]).previous is None


def test_a_snapshot_that_would_sort_before_the_last_one_is_refused() -> None:
    with pytest.raises(SnapshotRefused):
        complete(FIRST, NOON, after=(SECOND, SHA), objects=[], logs=[])


def test_logs_are_listed_in_one_order() -> None:
    logs = [LogReach("invoices", SECOND, 1, SHA), LogReach("auth", SECOND, 1, SHA), LogReach("auth", FIRST, 1, SHA)]
    manifest = complete(SECOND, NOON, after=None, objects=[], logs=logs)
    assert manifest == complete(SECOND, NOON, after=None, objects=[], logs=logs[::-1])


def test_the_newest_backup_is_the_one_with_the_greatest_id() -> None:
    assert latest_backup([manifest_name(FIRST), manifest_name(SECOND), "objects/zzz"]) == SECOND
    assert latest_backup([]) is None
