import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.contracts.manifest import (
    BackupObject,
    LogReach,
    Manifest,
    ManifestInvalid,
    ObjectKind,
    backup_ids,
    manifest_name,
)

SHA = "ab" * 32
FIRST = "01932d9f-0000-7000-8000-000000000001"
SECOND = "01932d9f-0000-7000-8000-000000000002"
MANIFEST = Manifest(
    backup_id=FIRST,
    created_at="2026-11-22T09:00:00.000000Z",
    previous=SHA,
    objects=(BackupObject("invoices", ObjectKind.KEYRING, SHA, 17),),
    logs=(LogReach("invoices", SECOND, 3, SHA),),
)


def test_a_manifest_reads_back_as_it_was_written() -> None:
    assert Manifest.from_text(MANIFEST.to_text()) == MANIFEST


def test_the_manifest_of_an_empty_system_reads_back() -> None:
    empty = replace(MANIFEST, previous=None, objects=(), logs=())
    assert Manifest.from_text(empty.to_text()) == empty


def test_keys_lie_apart_from_the_data() -> None:
    data = BackupObject("invoices", ObjectKind.DATA, SHA, 1)
    keyring = BackupObject("invoices", ObjectKind.KEYRING, SHA, 1)
    assert data.name.split("/")[0] != keyring.name.split("/")[0]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("format", "tallystick-backup/2"),
        ("backup_id", "../../etc/passwd"),
        ("created_at", "yesterday"),
        ("previous", "AB" * 32),
        ("objects", None),
        ("logs", [{}]),
        ("surprise", 1),
    ],
)
def test_a_manifest_with_a_wrong_field_is_refused(field: str, value: object) -> None:
    content = json.loads(MANIFEST.to_text()) | {field: value}
    with pytest.raises(ManifestInvalid):
        Manifest.from_text(json.dumps(content))


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("sha256", "../../../etc/passwd"),
        ("sha256", 5),
        ("database", "invoices dbname=postgres"),
        ("kind", "secret"),
        ("size", -1),
        ("size", True),
        ("size", "17"),
    ],
)
def test_a_manifest_with_a_wrong_object_is_refused(field: str, value: object) -> None:
    content = json.loads(MANIFEST.to_text())
    content["objects"][0][field] = value
    with pytest.raises(ManifestInvalid):
        Manifest.from_text(json.dumps(content))


@given(st.text() | st.recursive(st.none() | st.integers() | st.text(), st.lists).map(json.dumps))
def test_no_other_text_passes_for_a_manifest(text: str) -> None:
    with pytest.raises(ManifestInvalid):
        Manifest.from_text(text)


def test_backups_are_listed_oldest_first_and_nothing_else_is_taken_for_one() -> None:
    names = [manifest_name(SECOND), "objects/" + FIRST, "manifests/README", manifest_name(FIRST)]
    assert backup_ids(names) == [FIRST, SECOND]
