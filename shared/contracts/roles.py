"""Requests and replies about roles and the people who have them."""

from typing import Any

from marshmallow import Schema, fields, validate

from shared.contracts.conditions import STATES
from shared.contracts.fields import name_field, uuid_field
from shared.contracts.grants import MOST_GRANTS
from shared.contracts.log import receipt
from shared.contracts.permissions import Permission

BUILT_IN_ROLES = ("owner", "bookkeeper", "sales", "auditor", "operator")
_ROLE = rf"\A({'|'.join(BUILT_IN_ROLES)}|[0-9a-f]{{8}}(-[0-9a-f]{{4}}){{3}}-[0-9a-f]{{12}})\Z"


def role_field() -> fields.String:
    """Return a field for a role: the name of a built-in one, or the id of the business's own."""
    rule = validate.Regexp(_ROLE, error="Neither a built-in role nor an id.")
    return fields.String(required=True, validate=rule, metadata={"examples": ["bookkeeper"]})


def _grants_field() -> fields.List[list[Any]]:
    """Return a field for grants, as shared/contracts/grants.py writes them; the handler reads them."""
    return fields.List(fields.List(fields.Raw()), required=True, validate=validate.Length(max=MOST_GRANTS))


class DefineRoleRequest(Schema):
    """A role of the business's own; with `role_id` one that is there is changed."""

    role_id = uuid_field(required=False)
    name = name_field()
    grants = _grants_field()


class DefineRoleReply(Schema):
    """The role."""

    role_id = uuid_field()
    position = fields.Integer(required=True)
    receipt = receipt()


class RetireRoleRequest(Schema):
    """Which role of the business's own."""

    role_id = uuid_field()


class RetireRoleReply(Schema):
    """Where the log recorded it."""

    position = fields.Integer(required=True)
    receipt = receipt()


class AssignRoleRequest(Schema):
    """Who gets which role."""

    user_id = uuid_field()
    role = role_field()


class AssignRoleReply(Schema):
    """Who has which role now."""

    user_id = uuid_field()
    role = fields.String(required=True)
    position = fields.Integer(required=True)
    receipt = receipt()


class RoleSchema(Schema):
    """A role and what it gives."""

    role_id = fields.String(required=True)
    name = fields.String(required=True)
    built_in = fields.Boolean(required=True)
    grants = _grants_field()


class ListRolesReply(Schema):
    """The built-in roles, then the business's own, by name."""

    roles = fields.List(fields.Nested(RoleSchema), required=True)


class UserSchema(Schema):
    """Somebody of the business."""

    user_id = uuid_field()
    name = fields.String(required=True)
    email = fields.String(required=True)
    role = fields.String(required=True)
    role_name = fields.String(required=True)
    state = fields.String(required=True)
    factors = fields.List(fields.String(), required=True, metadata={"description": "their kinds"})


class ListUsersReply(Schema):
    """Everybody who was invited and is not forgotten, by name."""

    users = fields.List(fields.Nested(UserSchema), required=True)


class FactsSchema(Schema):
    """What is supposed about a call; what is left out is not known."""

    own_customer = fields.Boolean(metadata={"description": "whether the user registered the customer"})
    amount = fields.Decimal(as_string=True, places=2, validate=validate.Range(min=0, max=10**12))
    currency = fields.String(validate=validate.Regexp(r"\A[A-Z]{3}\Z"))
    state = fields.String(validate=validate.OneOf(STATES))
    at = fields.AwareDateTime(format="iso", metadata={"description": "RFC 3339; now when left out"})


class ExplainOwnAccessRequest(Schema):
    """What one would like to do."""

    permission = fields.String(required=True, validate=validate.OneOf(list(Permission), error="Not a permission."))
    facts = fields.Nested(FactsSchema, load_default=dict)


class ExplainAccessRequest(ExplainOwnAccessRequest):
    """Who would like to do what."""

    user_id = uuid_field()


class ReasonSchema(Schema):
    """A public code and a sentence."""

    code = fields.String(required=True)
    text = fields.String(required=True)


class ExplainAccessReply(Schema):
    """Whether, and why; the grants of the user's role that name the permission."""

    allowed = fields.Boolean(required=True)
    reasons = fields.List(fields.Nested(ReasonSchema), required=True)
    role = fields.String(required=True)
    grants = _grants_field()
