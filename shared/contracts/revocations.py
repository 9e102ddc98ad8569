"""What auth tells services about tokens that are refused before they expire."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from marshmallow import Schema, fields, validate

from shared.contracts.fields import uuid_field

PAGE = 2000
"""Most revocations in one reply, and most tenants that it calls undecided."""


class SubjectSchema(Schema):
    """Whose tokens: of a session, of a user, of whoever has a role, of everybody of a tenant."""

    tenant = uuid_field()
    kind = fields.String(required=True, validate=validate.OneOf(["session", "user", "role", "tenant"]))
    subject = fields.String(required=True, validate=validate.Length(max=200))


class RevokedSchema(SubjectSchema):
    """Tokens of a subject whose `pos` is not beyond `position` are refused."""

    position = fields.Integer(required=True)


class RevocationsRequest(Schema):
    """Which page: what comes after a subject, in the order of these three fields; without it, the first."""

    after = fields.Nested(SubjectSchema)


class RevocationsReply(Schema):
    """A page of everything that may meet a living token and was recorded before the first page was asked for."""

    revoked = fields.List(fields.Nested(RevokedSchema), required=True)
    undecided = fields.List(uuid_field(), required=True)
    """Tenants of which auth cannot say it at this moment: none of their tokens can be relied on. On the first page."""
    more = fields.Boolean(required=True)
    """Whether there is something after the last one of `revoked`."""


@dataclass(frozen=True, slots=True)
class Subject:
    """Whose tokens; the order of the fields is that of pages."""

    tenant: str
    kind: str
    """`session`, `user`, `role` or `tenant`."""
    subject: str


@dataclass(frozen=True, slots=True)
class Revoked(Subject):
    """Tokens of a subject that were made before `position` was in the log are refused."""

    position: int


@dataclass(frozen=True, slots=True)
class RecentRevocations:
    """A page of what was revoked lately, of all tenants."""

    revoked: Sequence[Revoked] = ()
    undecided: Sequence[str] = ()
    """Tenants of which it cannot be said."""
    more: bool = False
    """Whether there is something after the last one of `revoked`."""

    @property
    def next(self) -> Subject | None:
        """After which subject the next page begins; None when this is the last one."""
        last = self.revoked[-1] if self.more else None
        return last and Subject(last.tenant, last.kind, last.subject)

    def to_body(self) -> dict[str, Any]:
        """Return the body of the reply."""
        return {"revoked": [asdict(each) for each in self.revoked], "undecided": [*self.undecided], "more": self.more}

    @classmethod
    def from_body(cls, body: Mapping[str, Any]) -> "RecentRevocations":
        """Read a reply's body."""
        rows = RevocationsReply().load(body)
        return cls([Revoked(**row) for row in rows["revoked"]], rows["undecided"], rows["more"])
