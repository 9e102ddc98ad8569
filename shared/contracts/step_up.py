"""Requests and replies about proving a factor for exactly one command."""

from marshmallow import Schema, fields, validate

from shared.contracts.fields import moment_field, opaque_field
from shared.contracts.proof import ProofSchema, passkey_options_field

_NAME = validate.Regexp(r"\A[a-z][a-z0-9_]{0,63}\Z", error="Not a name.")


class BeginStepUpRequest(Schema):
    """The command that is to be carried out."""

    service = fields.String(required=True, validate=_NAME)
    method = fields.String(required=True, validate=_NAME)
    command_hash = fields.String(
        required=True,
        validate=validate.Regexp(r"\A[0-9a-f]{64}\Z", error="Not a lower-case SHA-256."),
        metadata={
            "description": "as shared/messaging/command_hash.py computes it, over what will be sent",
            "examples": ["0" * 64],
        },
    )


class BeginStepUpReply(Schema):
    """A challenge of five minutes, good in this session alone; `passkey_options` for who has a passkey."""

    challenge = fields.String(required=True)
    passkey_options = passkey_options_field()
    expires_at = moment_field()


class CompleteStepUpRequest(ProofSchema):
    """The answer to the challenge."""

    challenge = opaque_field(200)


class CompleteStepUpReply(Schema):
    """What is sent along with the command as `proof`, within two minutes."""

    proof = fields.String(required=True)
    expires_at = moment_field()
