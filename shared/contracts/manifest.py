"""The backup manifest: what a snapshot consists of and how far each tenant's log reaches in it.

A manifest is the text of a C2SP signed note: JSON with sorted keys, one space of indentation, a newline at the end.
The text is signed as it is, so nobody has to rebuild it to check the signature. It names objects and opaque tenant
ids only. Plain Python: the backup service writes manifests, the restore reads them, and both must agree.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Final

from shared.kernel.clock import from_rfc3339
from shared.kernel.ids import is_uuid

FORMAT: Final = "tallystick-backup/1"
"""Part of the signed text: a signature made for something else can never pass for a manifest."""

_SHA256: Final = re.compile(r"[0-9a-f]{64}")
_DATABASE: Final = re.compile(r"[a-z][a-z0-9_]{0,30}")
MANIFESTS: Final = "manifests/"
"""The folder of manifests in the store."""


class ManifestInvalid(Exception):
    """A text that is not a manifest, or one that contradicts itself."""


class ObjectKind(StrEnum):
    """What an object holds. Each kind lies in a folder of its own, so that it can have a retention of its own."""

    DATA = "data"
    KEYRING = "keyring"
    """Wrapped keys. Kept for a shorter time than the data: otherwise shredding a key would not reach backups. The
    newest opens all data that is older, because keys are added and shredded, never replaced."""


_FOLDERS: Final[Mapping[ObjectKind, str]] = {ObjectKind.DATA: "objects/", ObjectKind.KEYRING: "keyring/"}


def folder_of(kind: ObjectKind) -> str:
    """Where objects of this kind lie in the store, with a slash at the end."""
    return _FOLDERS[kind]


@dataclass(frozen=True, slots=True)
class BackupObject:
    """One stored object: an age-encrypted zstd of a tar, named by the SHA-256 of its bytes."""

    database: str
    kind: ObjectKind
    sha256: str
    """Lower-case hex."""
    size: int
    """Bytes."""

    @property
    def name(self) -> str:
        """Where the object lies in the store."""
        return f"{folder_of(self.kind)}{self.sha256}.tar.zst.age"


@dataclass(frozen=True, slots=True)
class LogReach:
    """How much of a tenant's log a snapshot holds: positions 0 to `size - 1`, and the tree's root at that size."""

    database: str
    tenant: str
    size: int
    root: str
    """Lower-case hex of the RFC 6962 root hash."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """A complete snapshot. A snapshot without a manifest does not exist."""

    backup_id: str
    created_at: str
    """RFC 3339 UTC, microseconds."""
    previous: str | None
    """Hex SHA-256 of the bytes of the manifest before this one: a missing link shows."""
    objects: tuple[BackupObject, ...]
    logs: tuple[LogReach, ...]

    @property
    def size(self) -> int:
        """Bytes of all objects together."""
        return sum(each.size for each in self.objects)

    def to_text(self) -> str:
        """Render the text that is signed."""
        content = {"format": FORMAT, **asdict(self)}
        return json.dumps(content, sort_keys=True, indent=1) + "\n"

    @classmethod
    def from_text(cls, text: str) -> "Manifest":
        """Read what `to_text` wrote; ManifestInvalid for everything else, unknown fields included."""
        try:
            content = json.loads(text)
            if content.pop("format") != FORMAT:
                raise ManifestInvalid(f"the manifest is not of format {FORMAT}")
            manifest = cls(
                **content
                | {
                    "objects": tuple(
                        BackupObject(**each | {"kind": ObjectKind(each["kind"])}) for each in content["objects"]
                    ),
                    "logs": tuple(LogReach(**each) for each in content["logs"]),
                }
            )
            _check(manifest)
        except (ValueError, TypeError, KeyError, AttributeError) as problem:
            raise ManifestInvalid(f"the manifest is malformed: {problem}") from problem
        return manifest


def manifest_name(backup_id: str) -> str:
    """Where the manifest of a backup lies in the store."""
    return f"{MANIFESTS}{backup_id}"


def backup_ids(names: Sequence[str]) -> list[str]:
    """Pick the ids of complete backups from the names in a store, oldest first, as UUIDv7 sort."""
    ids = (name.removeprefix(MANIFESTS) for name in names if name.startswith(MANIFESTS))
    return sorted(each for each in ids if is_uuid(each))


def _check(manifest: Manifest) -> None:
    """Raise ValueError for a value that is not of its form: names of files and databases are made from them."""
    from_rfc3339(manifest.created_at)
    _require(is_uuid(manifest.backup_id), "backup_id is not a UUID")
    _require(manifest.previous is None or _is_sha256(manifest.previous), "previous is not a SHA-256")
    for each in manifest.objects:
        _require(_DATABASE.fullmatch(each.database) is not None, "database is not a plain name")
        _require(_is_sha256(each.sha256), "sha256 is not a SHA-256")
        _require(_is_count(each.size), "size is not a count")
    for log in manifest.logs:
        _require(_DATABASE.fullmatch(log.database) is not None, "database is not a plain name")
        _require(is_uuid(log.tenant), "tenant is not a UUID")
        _require(_is_sha256(log.root), "root is not a SHA-256")
        _require(_is_count(log.size), "size is not a count")


def _require(holds: bool, otherwise: str) -> None:  # noqa: FBT001 -- an assertion that python -O keeps
    if not holds:
        raise ValueError(otherwise)


def _is_sha256(value: str) -> bool:
    return _SHA256.fullmatch(value) is not None


def _is_count(value: object) -> bool:
    return type(value) is int and value >= 0
