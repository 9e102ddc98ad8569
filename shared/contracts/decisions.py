"""Decisions about calls as services tell them to auth, which writes them into the tenant's log."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from marshmallow import Schema, fields, validate

from shared.contracts.fields import PRINTABLE, uuid_field

MOST_DECISIONS = 100
"""In one message."""
DENIED, GRANTED = "denied", "granted"
_MOST_TIMES = 2**31
_WORDS = r"\A[a-z0-9_ ]{0,400}\Z"


@dataclass(frozen=True, slots=True)
class KeptDecision:
    """What somebody was denied, or allowed where it is sensitive, within one minute."""

    id: str
    """UUID; what is told twice is recorded once."""
    minute: str
    """RFC 3339 UTC: the minute in which it happened."""
    actor_kind: str
    actor: str
    """User id of a person, name of a service."""
    session: str
    """Id of the session; empty for a service."""
    factors: str
    """RFC 8176, separated by spaces."""
    method: str
    """Without the service, which is whoever tells."""
    permission: str
    """Empty for what is everybody's own."""
    outcome: str
    """`denied` or `granted`."""
    reasons: str
    """Public codes, separated by spaces."""
    count: int


class KeptDecisionSchema(Schema):
    """The form of a `KeptDecision` on the wire."""

    id = uuid_field()
    minute = fields.String(
        required=True,
        validate=validate.Regexp(r"\A[0-9T:.-]{1,40}Z\Z"),
        metadata={"examples": ["2026-11-22T09:00:00Z"]},
    )
    actor_kind = fields.String(required=True, validate=validate.OneOf(["person", "service"]))
    actor = fields.String(required=True, validate=[validate.Length(min=1, max=100), validate.Regexp(PRINTABLE)])
    session = fields.String(required=True, validate=[validate.Length(max=100), validate.Regexp(PRINTABLE)])
    factors = fields.String(required=True, validate=validate.Regexp(_WORDS))
    method = fields.String(required=True, validate=validate.Regexp(r"\A[a-z][a-z0-9_]{0,99}\Z"))
    permission = fields.String(required=True, validate=validate.Regexp(r"\A[a-z_:]{0,100}\Z"))
    outcome = fields.String(required=True, validate=validate.OneOf([DENIED, GRANTED]))
    reasons = fields.String(required=True, validate=validate.Regexp(_WORDS))
    count = fields.Integer(required=True, strict=True, validate=validate.Range(min=1, max=_MOST_TIMES))


class RecordDecisionsRequest(Schema):
    """Decisions of the service that calls, about people and services of one tenant."""

    decisions = fields.List(
        fields.Nested(KeptDecisionSchema), required=True, validate=validate.Length(min=1, max=MOST_DECISIONS)
    )


class RecordDecisionsReply(Schema):
    """How many were new."""

    recorded = fields.Integer(required=True)


def decision_from(loaded: Mapping[str, Any]) -> KeptDecision:
    """Return the decision that a loaded request holds."""
    return KeptDecision(**loaded)
