"""Requests and replies of the auth service. Fields that are not declared here are refused.

Invitations, enrolments and challenges are opaque strings: whoever holds one may use it once. Moments are RFC 3339 in
UTC. Lengths here only keep absurd input out; what makes a password suitable is auth's decision.
"""

from marshmallow import Schema, fields, validate

from shared.contracts.log import receipt

ROLES = ("owner", "bookkeeper", "sales", "auditor", "operator")
_UUID = r"\A[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\Z"
# No control characters, no half surrogates (they have no UTF-8), no marks that make a name read other than it is.
_ONE_LINE = r"\A[^\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff]*\Z"
# Printable ASCII, as host names and addresses are.
_PRINTABLE = r"\A[\x20-\x7e]*\Z"
_NO_SURROGATES = r"\A[^\ud800-\udfff]*\Z"


def _name() -> fields.String:
    """One line of 1 to 200 characters, not blank."""
    rules = [
        validate.Length(min=1, max=200),
        validate.Regexp(_ONE_LINE, error="Control characters are not allowed."),
        validate.Regexp(r"(?s).*\S", error="Blank."),
    ]
    return fields.String(required=True, validate=rules)


def _email() -> fields.Email:
    rules = [validate.Length(max=254), validate.Regexp(_ONE_LINE, error="Control characters are not allowed.")]
    return fields.Email(required=True, validate=rules)


def _password() -> fields.String:
    rules = [validate.Length(max=1000), validate.Regexp(_NO_SURROGATES, error="Not valid text.")]
    return fields.String(required=True, validate=rules, load_only=True)


def _opaque(longest: int) -> fields.String:
    return fields.String(required=True, validate=validate.Length(min=1, max=longest))


def _uuid() -> fields.String:
    return fields.String(required=True, validate=validate.Regexp(_UUID, error="Not a lower-case UUID."))


def _moment() -> fields.String:
    return fields.String(required=True, metadata={"description": "RFC 3339, UTC"})


class ServiceTokenRequest(Schema):
    """A JWT that the service signed with its own key: iss = sub = its name, aud `tallystick/auth`, at most 60 s."""

    assertion = _opaque(4096)


class TokenReply(Schema):
    """A token of five minutes."""

    token = fields.String(required=True)
    expires_at = _moment()


class CreateTenantRequest(Schema):
    """A business and who owns it."""

    name = _name()
    owner_name = _name()
    owner_email = _email()


class CreateTenantReply(Schema):
    """The new tenant and its owner's invitation."""

    tenant = _uuid()
    user_id = _uuid()
    invitation = fields.String(required=True)
    position = fields.Integer(required=True)
    receipt = receipt()


class InviteUserRequest(Schema):
    """Whom to invite to the caller's tenant."""

    email = _email()
    name = _name()
    role = fields.String(required=True, validate=validate.OneOf(ROLES))


class InviteUserReply(Schema):
    """The invited user and the invitation to hand over."""

    user_id = _uuid()
    invitation = fields.String(required=True)
    position = fields.Integer(required=True)
    receipt = receipt()


class BeginEnrolmentRequest(Schema):
    """An invitation and the password that the person chose."""

    invitation = _opaque(200)
    password = _password()


class BeginEnrolmentReply(Schema):
    """`provisioning_uri` (otpauth://) goes into an authenticator app, once; nobody can ask for it again."""

    enrolment = fields.String(required=True)
    provisioning_uri = fields.String(required=True)
    expires_at = _moment()


class CompleteEnrolmentRequest(Schema):
    """The app's first code."""

    enrolment = _opaque(200)
    code = _opaque(32)


class CompleteEnrolmentReply(Schema):
    """The user who may log in now."""

    user_id = _uuid()
    tenant = _uuid()


class BeginLoginRequest(Schema):
    """Who wants to log in."""

    tenant = _uuid()
    email = fields.String(
        required=True,
        validate=[validate.Length(min=1, max=254), validate.Regexp(_NO_SURROGATES, error="Not valid text.")],
    )
    password = _password()
    source = fields.String(
        validate=[
            validate.Length(min=1, max=100),
            validate.Regexp(_PRINTABLE, error="Not printable."),
        ],
        metadata={"description": "where the person is, e.g. the host name; every event of the session says it"},
    )


class BeginLoginReply(Schema):
    """A challenge of five minutes, to be answered with a code; it is no token."""

    challenge = fields.String(required=True)
    expires_at = _moment()


class CompleteLoginRequest(Schema):
    """The answer to a challenge."""

    challenge = _opaque(200)
    code = _opaque(32)
