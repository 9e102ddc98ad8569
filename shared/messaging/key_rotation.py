"""`rotate-keys`: an operator rotates the keys of one service, level by level, while it runs (docs/keys.md)."""

import argparse
import sys
from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from shared.crypto.kek import KeyEncryptionKey
from shared.crypto.key_store import KeyStore
from shared.crypto.keyring import INDEX_SUBJECT, KeyUnknown
from shared.crypto.rotation import KeyRotation
from shared.eventstore.pool import open_pool
from shared.eventstore.postgres_keys import PostgresKeyStore
from shared.kernel.clock import SystemClock
from shared.messaging.progress_bar import Show, progress_bar
from shared.messaging.settings import HistorySettings, read_or_exit


class Level(StrEnum):
    """Which keys are rotated."""

    KEK = "kek"
    TENANT = "tenant"
    DEK = "dek"


@dataclass(frozen=True, slots=True)
class Order:
    """What the operator asked for."""

    level: Level
    tenant: str | None
    """None: all."""
    subject: str | None
    """None: all that still have a key. DEKs only."""
    new_version: bool
    remove_old_versions: bool
    """Of the KEK only."""

    @classmethod
    def add_arguments(cls, parser: argparse.ArgumentParser) -> None:
        """Describe the arguments."""
        parser.add_argument(
            "--level",
            type=Level,
            choices=list(Level),
            required=True,
            help="kek: wrap the tenants' keys by its newest version. tenant: give tenants a new key, wrap all DEKs by "
            "it, destroy the old one. dek: give subjects a new DEK, which seals from now on",
        )
        parser.add_argument("--tenant", type=_tenant_id, help="this tenant only; all without it")
        parser.add_argument("--subject", help="this subject's DEK only, e.g. customer-<uuid>; needs --tenant")
        parser.add_argument("--new-version", action="store_true", help="make the new version of the KEK first")
        parser.add_argument(
            "--remove-old-versions",
            action="store_true",
            help="afterwards destroy the KEK's versions that wrap no tenant's key any more: keyring backups from "
            "before are closed for good then",
        )

    @classmethod
    def parse(cls, parser: argparse.ArgumentParser, arguments: argparse.Namespace) -> "Order":
        """Make it from parsed arguments; ends the program with exit code 2 when they do not fit together."""
        order = cls(**{name: getattr(arguments, name) for name in cls.__dataclass_fields__})
        if (order.new_version or order.remove_old_versions) and (order.level is not Level.KEK or order.tenant):
            parser.error("--new-version and --remove-old-versions belong to --level kek, for all tenants")
        if order.subject and (order.level is not Level.DEK or order.tenant is None):
            parser.error("--subject belongs to --level dek with --tenant")
        return order


def run(service: str, order: Order) -> None:
    """Carry the order out and say what was done. Interrupted, it is run again: what is done stays done.

    Rotations of the KEK take turns; of the other levels, several may run. Raises KeyUnknown and what KeyRotation does.
    """
    settings = read_or_exit(HistorySettings.read)
    with open_pool(settings.database.conninfo, max_size=2) as pool:
        rotation = KeyRotation(settings.kek, PostgresKeyStore(pool), SystemClock())
        turn = rotation.store.kek_turn() if order.level is Level.KEK else nullcontext()
        with turn, progress_bar(f"Rotating the keys of {service}", "tenants") as show:
            if order.new_version:
                settings.kek.add_version()
            tenants = _tenants(rotation.store, order)
            keys = _rotate(rotation, order, tenants, show)
            if order.remove_old_versions:  # a service may have wrapped a new tenant's key by the old version meanwhile
                keys += _rotate(rotation, order, rotation.store.tenants(), show)
            removed = _removed(settings.kek, rotation.store) if order.remove_old_versions else ""
    sys.stdout.write(f"{service}: {_DONE[order.level]}: {keys}, in {len(tenants)} tenants{removed}.\n")


_DONE = {
    Level.KEK: "tenant keys wrapped again",
    Level.TENANT: "DEKs wrapped again",
    Level.DEK: "new DEKs",
}


def _tenant_id(text: str) -> str:
    try:
        return str(UUID(text))
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not the id of a tenant, a UUID") from None


def _tenants(store: KeyStore, order: Order) -> Sequence[str]:
    if order.tenant is None:
        return store.tenants()
    if not store.tenant_keys(order.tenant):
        raise KeyUnknown(f"tenant {order.tenant} has no key")
    return [order.tenant]


def _rotate(rotation: KeyRotation, order: Order, tenants: Sequence[str], show: Show) -> int:
    keys = 0
    for done, tenant in enumerate(tenants, start=1):
        match order.level:
            case Level.KEK:
                keys += rotation.rotate_kek(tenant)
            case Level.TENANT:
                keys += rotation.rotate_tenant_key(tenant)
            case Level.DEK:
                keys += _rotate_deks(rotation, tenant, order.subject)
        show(done, len(tenants))
    return keys


def _rotate_deks(rotation: KeyRotation, tenant: str, subject: str | None) -> int:
    alive = {key.subject for key in rotation.store.deks(tenant) if key.shredded_at is None} - {INDEX_SUBJECT}
    subjects = sorted(alive) if subject is None else [subject]
    for each in subjects:
        rotation.rotate_dek(tenant, each)
    return len(subjects)


def _removed(kek: KeyEncryptionKey, store: KeyStore) -> str:
    return f"; old versions of the KEK destroyed: {store.destroy_unused_keks(kek.remove_old_versions)}"
