"""Requests and replies of the auth service. Fields that are not declared here are refused.

Invitations, enrolments and challenges are opaque strings: whoever holds one may use it once. Moments are RFC 3339 in
UTC. Lengths here only keep absurd input out; what makes a password suitable is auth's decision.
"""

from marshmallow import Schema, fields, validate

from shared.contracts.fields import (
    NO_SURROGATES,
    PRINTABLE,
    email_field,
    moment_field,
    name_field,
    opaque_field,
    password_field,
    uuid_field,
)
from shared.contracts.log import receipt
from shared.contracts.proof import FirstProofSchema, ProofSchema, factor_kind_field, passkey_options_field
from shared.contracts.roles import role_field


class ServiceTokenRequest(Schema):
    """A JWT that the service signed with its own key: iss = sub = its name, aud `tallystick/auth`, at most 60 s."""

    assertion = opaque_field(4096)


class TokenReply(Schema):
    """A token of five minutes."""

    token = fields.String(required=True)
    expires_at = moment_field()


class CreateTenantRequest(Schema):
    """A business and who owns it."""

    name = name_field()
    owner_name = name_field()
    owner_email = email_field()


class CreateTenantReply(Schema):
    """The new tenant and its owner's invitation."""

    tenant = uuid_field()
    user_id = uuid_field()
    invitation = fields.String(required=True)
    position = fields.Integer(required=True)
    receipt = receipt()


class InviteUserRequest(Schema):
    """Whom to invite to the caller's tenant."""

    email = email_field()
    name = name_field()
    role = role_field()


class InviteUserReply(Schema):
    """The invited user and the invitation to hand over."""

    user_id = uuid_field()
    invitation = fields.String(required=True)
    position = fields.Integer(required=True)
    receipt = receipt()


class BeginEnrolmentRequest(Schema):
    """An invitation, the password that the person chose, and the kind of the second factor."""

    invitation = opaque_field(200)
    password = password_field()
    kind = factor_kind_field()


class BeginEnrolmentReply(Schema):
    """`provisioning_uri` (otpauth://) goes into an authenticator app, once; nobody can ask for it again.

    For a passkey `passkey_options` go to the browser instead.
    """

    enrolment = fields.String(required=True)
    provisioning_uri = fields.String()
    passkey_options = passkey_options_field()
    expires_at = moment_field()


class CompleteEnrolmentRequest(FirstProofSchema):
    """The app's first code, or what the authenticator answered when it made the passkey."""

    enrolment = opaque_field(200)


class CompleteEnrolmentReply(Schema):
    """The user who may log in now; the recovery codes are shown this once, to be kept away from the other factor."""

    user_id = uuid_field()
    tenant = uuid_field()
    recovery_codes = fields.List(fields.String(), required=True)


class BeginLoginRequest(Schema):
    """Who wants to log in."""

    tenant = uuid_field()
    email = fields.String(
        required=True,
        validate=[validate.Length(min=1, max=254), validate.Regexp(NO_SURROGATES, error="Not valid text.")],
    )
    password = password_field()
    source = fields.String(
        validate=[
            validate.Length(min=1, max=100),
            validate.Regexp(PRINTABLE, error="Not printable."),
        ],
        metadata={"description": "where the person is, e.g. the host name; every event of the session says it"},
    )


class BeginLoginReply(Schema):
    """A challenge of five minutes, to be answered with a proof; it is no token.

    `passkey_options` are there for who has a passkey: what it signs is this challenge's alone.
    """

    challenge = fields.String(required=True)
    passkey_options = passkey_options_field()
    expires_at = moment_field()


class CompleteLoginRequest(ProofSchema):
    """The answer to a challenge, with a proof of a factor."""

    challenge = opaque_field(200)
