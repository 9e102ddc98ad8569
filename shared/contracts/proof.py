"""How requests show a proof of a factor, wherever one is asked for."""

from collections.abc import Mapping
from typing import Any

from marshmallow import Schema, ValidationError, fields, validate, validates_schema

PROOFS = ("code", "recovery_code", "passkey")
_LONGEST_ASSERTION = 8192
"""Characters; WebAuthn's answers with their base64url fields take well under two thousand."""


class ProofSchema(Schema):
    """Exactly one proof; requests that need one inherit from this."""

    code = fields.String(
        validate=validate.Length(min=1, max=32), metadata={"description": "six digits of an authenticator app"}
    )
    recovery_code = fields.String(
        validate=validate.Length(min=1, max=64), metadata={"description": "one of the codes kept from the enrolment"}
    )
    passkey = fields.String(
        validate=validate.Length(min=1, max=_LONGEST_ASSERTION),
        metadata={"description": "the JSON of WebAuthn's AuthenticationResponse"},
    )

    @validates_schema(skip_on_field_errors=False)
    def one_proof(self, data: Mapping[str, Any], **_: object) -> None:
        """Refuse a request with none, or with several: which of them counts would be anybody's guess."""
        if sum(name in data for name in PROOFS) != 1:
            raise ValidationError(f"Exactly one of {', '.join(PROOFS)} is needed.", "code")
