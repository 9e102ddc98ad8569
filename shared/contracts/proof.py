"""How requests show a proof of a factor, wherever one is asked for."""

from collections.abc import Mapping
from typing import Any

from marshmallow import Schema, ValidationError, fields, validate, validates_schema

FACTOR_KINDS = ("totp", "passkey")
PROOFS = ("code", "recovery_code", "passkey")
FIRST_PROOFS = ("code", "passkey")
_LONGEST_ANSWER = 8192
"""Characters; WebAuthn's answers with their base64url fields take two to four thousand at most."""


def _code() -> fields.String:
    return fields.String(
        validate=validate.Length(min=1, max=32), metadata={"description": "six digits of an authenticator app"}
    )


def _passkey(answer: str) -> fields.String:
    return fields.String(
        validate=validate.Length(min=1, max=_LONGEST_ANSWER),
        metadata={"description": f"the JSON of WebAuthn's {answer}"},
    )


def _require_one(data: Mapping[str, Any], names: tuple[str, ...]) -> None:
    if sum(name in data for name in names) != 1:
        raise ValidationError(f"Exactly one of {', '.join(names)} is needed.", "code")


def passkey_options_field() -> fields.String:
    """Return a field for what a page hands to `navigator.credentials`; in a reply, where there is a passkey to ask."""
    return fields.String(metadata={"description": "JSON of WebAuthn's options"})


def factor_kind_field() -> fields.String:
    """Return a field for the kind of a new factor; an authenticator app unless it is said."""
    return fields.String(load_default="totp", validate=validate.OneOf(FACTOR_KINDS))


class ProofSchema(Schema):
    """Exactly one proof; requests that need one inherit from this."""

    code = _code()
    recovery_code = fields.String(
        validate=validate.Length(min=1, max=64), metadata={"description": "one of the codes kept from the enrolment"}
    )
    passkey = _passkey("AuthenticationResponse")

    @validates_schema(skip_on_field_errors=False)
    def one_proof(self, data: Mapping[str, Any], **_: object) -> None:
        """Refuse a request with none, or with several: which of them counts would be anybody's guess."""
        _require_one(data, PROOFS)


class FirstProofSchema(Schema):
    """Exactly one first proof, of a factor that was offered; requests that need one inherit from this."""

    code = _code()
    passkey = _passkey("RegistrationResponse")

    @validates_schema(skip_on_field_errors=False)
    def one_proof(self, data: Mapping[str, Any], **_: object) -> None:
        """Refuse a request with none, or with both."""
        _require_one(data, FIRST_PROOFS)
