"""Requests and replies about a person's own account: password, factors, recovery codes."""

from marshmallow import Schema, fields, validate

from shared.contracts.fields import moment_field, name_field, opaque_field, password_field, uuid_field
from shared.contracts.proof import FirstProofSchema, ProofSchema, factor_kind_field, passkey_options_field


class FactorSchema(Schema):
    """A factor that counts."""

    factor_id = uuid_field()
    kind = fields.String(required=True, metadata={"description": "totp or passkey"})
    name = fields.String(required=True)
    added_at = moment_field()


class ListFactorsReply(Schema):
    """All of the caller's factors; none of their secrets."""

    factors = fields.List(fields.Nested(FactorSchema), required=True)
    recovery_codes_left = fields.Integer(required=True)


class ChangePasswordRequest(ProofSchema):
    """The present password, the one to be, and a proof."""

    current_password = password_field()
    password = password_field()


class DoneReply(Schema):
    """Whose account was changed."""

    user_id = uuid_field()


class RenewRecoveryCodesRequest(ProofSchema):
    """The password, and a proof of a factor; a recovery code is none here."""

    current_password = password_field()


class RecoveryCodesReply(Schema):
    """New codes, shown this once; earlier ones count no more."""

    recovery_codes = fields.List(fields.String(), required=True)


class BeginFactorRequest(ProofSchema):
    """What the new factor is to be called, its kind, the password, and a proof of a factor that counts."""

    current_password = password_field()
    name = name_field()
    kind = factor_kind_field()


class BeginFactorReply(Schema):
    """`provisioning_uri` (otpauth://) goes into the authenticator app, or `passkey_options` to the browser.

    `offer` is good for 15 minutes, once.
    """

    offer = fields.String(required=True)
    provisioning_uri = fields.String()
    passkey_options = passkey_options_field()
    expires_at = moment_field()


class CompleteFactorRequest(FirstProofSchema):
    """The new app's first code, or what the authenticator answered when it made the passkey."""

    offer = opaque_field(200)


class PasskeyOptionsRequest(Schema):
    """What is about to be changed: `password`, or `factors` (which recovery codes are too)."""

    purpose = fields.String(required=True, validate=validate.OneOf(["factors", "password"]))


class PasskeyOptionsReply(Schema):
    """What a passkey is to sign for the very next change; good for five minutes at least, ten at most."""

    passkey_options = fields.String(required=True)


class RemoveFactorRequest(ProofSchema):
    """Which factor to give up, the password, and a proof by another factor or by a recovery code."""

    current_password = password_field()
    factor_id = uuid_field()


class FactorReply(Schema):
    """The factor that was added or removed."""

    factor_id = uuid_field()
