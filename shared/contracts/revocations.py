"""What auth tells services about tokens that are refused before they expire."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from marshmallow import Schema, fields, validate

from shared.contracts.fields import uuid_field


class RevokedSchema(Schema):
    """Tokens of a subject whose `pos` is not beyond `position` are refused."""

    tenant = uuid_field()
    kind = fields.String(required=True, validate=validate.OneOf(["session", "user", "role", "tenant"]))
    subject = fields.String(required=True)
    position = fields.Integer(required=True)


class RevocationsReply(Schema):
    """Everything that may meet a living token and was recorded before this was asked."""

    revoked = fields.List(fields.Nested(RevokedSchema), required=True)
    undecided = fields.List(uuid_field(), required=True)
    """Tenants of which auth cannot say it at this moment: none of their tokens can be relied on."""


@dataclass(frozen=True, slots=True)
class Revoked:
    """Tokens of a subject that were made before `position` was in the log are refused."""

    tenant: str
    kind: str
    """`session`, `user`, `role` or `tenant`."""
    subject: str
    position: int


@dataclass(frozen=True, slots=True)
class RecentRevocations:
    """All that was revoked lately, of all tenants."""

    revoked: Sequence[Revoked] = ()
    undecided: Sequence[str] = ()
    """Tenants of which it cannot be said."""

    def to_body(self) -> dict[str, Any]:
        """Return the body of the reply."""
        return {"revoked": [asdict(each) for each in self.revoked], "undecided": list(self.undecided)}

    @classmethod
    def from_body(cls, body: Mapping[str, Any]) -> "RecentRevocations":
        """Read a reply's body."""
        rows = RevocationsReply().load(body)
        return cls([Revoked(**row) for row in rows["revoked"]], rows["undecided"])
