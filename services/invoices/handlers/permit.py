"""A permit: what one proof of a factor lets somebody export, sealed by the service that gave it.

A proof is for one call, and an export takes as many as there are pages. So the first call, which asks for the proof,
gives a permit, and the others show it. It is no right by itself: whoever shows it needs a token with the permission,
of the same session, so that what ends the session or takes the role ends the export. Sealed under the business's own
key, it opens for no other business, and nobody else can make or change one. Nothing of it is kept.
"""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from services.invoices.codec import read, written
from services.invoices.commands.exporting import Holder, Wanted
from services.invoices.domain import refusals
from services.invoices.ports import Ports
from shared.crypto.envelope import SealBroken, open_sealed, seal
from shared.crypto.keyring import TENANT_SUBJECT, KeyShredded, KeyUnknown
from shared.kernel.clock import from_rfc3339, to_rfc3339

LASTS = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Permit:
    """Who may export what, until when."""

    holder: Holder
    wanted: Wanted
    upto: int
    """The log position at which it was given: later documents are not part of it."""
    expires_at: str
    """RFC 3339."""


def give(ports: Ports, tenant: str, holder: Holder, wanted: Wanted, upto: int) -> tuple[str, Permit]:
    """Return a permit as it is shown, and what is in it."""
    permit = Permit(holder, wanted, upto, to_rfc3339(ports.clock.now() + LASTS))
    dek = ports.keyring.dek_for(tenant, TENANT_SUBJECT)
    sealed = seal(dek.key, json.dumps(written(permit)).encode(), _place(tenant))
    return urlsafe_b64encode(UUID(dek.key_id).bytes + sealed).decode(), permit


def taken(ports: Ports, tenant: str, holder: Holder, shown: str) -> Permit:
    """Return what a permit says; PublicError export_invalid for whatever is none of this holder's that still lasts."""
    try:
        packed = urlsafe_b64decode(shown.encode("ascii"))
        key = ports.keyring.dek(tenant, str(UUID(bytes=packed[:16])))
        permit = read(json.loads(open_sealed(key, packed[16:], _place(tenant))), Permit)
    except (ValueError, KeyUnknown, KeyShredded, SealBroken):
        raise refusals.export_invalid() from None
    if permit.holder != holder or ports.clock.now() >= from_rfc3339(permit.expires_at):
        raise refusals.export_invalid()
    return permit


def _place(tenant: str) -> bytes:
    """Associated data: nothing else that is sealed under the same key is a permit."""
    return f"tallystick/v1/export-permit\n{tenant}".encode("ascii")
