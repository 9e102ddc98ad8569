"""Tickets: bearer strings that stand for one invitation, enrolment, challenge or refresh.

A ticket names its tenant and its subject (a user, a login or a session) and carries 32 secret bytes, so it is found
without a table of tickets. Only its hash is recorded. The secret has 256 bits, so a plain SHA-256 cannot be searched.
"""

import base64
import binascii
import hashlib
import hmac
import uuid
from dataclasses import dataclass
from enum import StrEnum

from shared.contracts.errors import ErrorCode, PublicError

SECRET_BYTES = 32


class TicketKind(StrEnum):
    """What a ticket opens; it is part of the hash, so that one kind never passes for another."""

    INVITATION = "invitation"
    ENROLMENT = "enrolment"
    FACTOR = "factor"
    CHALLENGE = "challenge"
    STEP_UP = "step_up"
    REFRESH = "refresh"
    DRILL = "drill"


_REFUSALS = {
    TicketKind.INVITATION: ErrorCode.INVITATION_INVALID,
    TicketKind.ENROLMENT: ErrorCode.ENROLMENT_INVALID,
    TicketKind.FACTOR: ErrorCode.OFFER_INVALID,
    TicketKind.CHALLENGE: ErrorCode.CHALLENGE_INVALID,
    TicketKind.STEP_UP: ErrorCode.CHALLENGE_INVALID,
    TicketKind.REFRESH: ErrorCode.REFRESH_INVALID,
    TicketKind.DRILL: ErrorCode.DRILL_LINK_INVALID,
}


def ticket_refused(kind: TicketKind) -> PublicError:
    """Return the one refusal of a kind: unknown, expired, used and exhausted tickets look the same."""
    what = {TicketKind.REFRESH: "refresh token", TicketKind.FACTOR: "offer of a factor", TicketKind.DRILL: "link"}.get(
        kind, kind.value
    )
    return PublicError(_REFUSALS[kind], f"this {what} is unknown, expired or used")


@dataclass(frozen=True, slots=True)
class Ticket:
    """A ticket in the hands of its bearer."""

    kind: TicketKind
    tenant: str
    subject: str
    """Id of the user (invitation, enrolment, factor), of the login (challenge) or of the session (refresh)."""
    secret: bytes

    @classmethod
    def read(cls, kind: TicketKind, text: str) -> "Ticket":
        """Read what `text()` wrote; raises the kind's refusal for anything else."""
        try:
            raw = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
        except (binascii.Error, ValueError):
            raise ticket_refused(kind) from None
        if len(raw) != 32 + SECRET_BYTES:
            raise ticket_refused(kind)
        return cls(kind, str(uuid.UUID(bytes=raw[:16])), str(uuid.UUID(bytes=raw[16:32])), raw[32:])

    def text(self) -> str:
        """Return the bearer string: base64url of tenant (16 bytes), subject (16 bytes) and secret."""
        raw = uuid.UUID(self.tenant).bytes + uuid.UUID(self.subject).bytes + self.secret
        return base64.urlsafe_b64encode(raw).decode().rstrip("=")

    def hash(self) -> str:
        """Return what is recorded: lower-case hex SHA-256 over kind, tenant, subject and secret."""
        label = f"tallystick/auth/{self.kind}/{self.tenant}/{self.subject}/".encode()
        return hashlib.sha256(label + self.secret).hexdigest()

    def matches(self, recorded_hash: str) -> bool:
        """Compare with a recorded hash in constant time."""
        return hmac.compare_digest(self.hash(), recorded_hash)
