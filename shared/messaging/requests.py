"""Reading what a caller sent: for which tenant, what it asks, and what makes a command this command."""

from collections.abc import Mapping
from typing import Any, cast

from marshmallow import Schema, ValidationError

from shared.contracts.errors import ErrorCode, PublicError
from shared.eventstore.model import CommandId
from shared.kernel.ids import is_uuid
from shared.messaging.access import Actor
from shared.messaging.command_hash import Asked, Retry

_LONGEST_IDEMPOTENCY_KEY = 200
_LONGEST_FIELD_NAME = 100


def tenant_of(actor: Actor | None, named: object) -> str | None:
    """Return a person's own tenant, or the one that a service names; PublicError permission_denied for another's."""
    if named is not None and not (isinstance(named, str) and is_uuid(named)):
        raise malformed({"tenant": ["Not a valid UUID."]})
    if actor is not None and actor.kind == "service":
        return named
    own = actor.tenant if actor else None
    if named not in (None, own):
        raise PublicError(ErrorCode.PERMISSION_DENIED, "You may not act for another tenant.")
    return own


def load_request(schema: Schema, request: object) -> dict[str, Any]:
    """Return the request as its schema reads it; PublicError malformed_request, which names the fields."""
    try:
        return cast("dict[str, Any]", schema.load({} if request is None else request))  # type: ignore[arg-type]  # load itself refuses what is not a mapping
    except ValidationError as error:
        wrong = error.normalized_messages()  # type: ignore[no-untyped-call]  # marshmallow does not type this one
        raise malformed(_shown(wrong)) from None


def command_id_of(key: object, asked: Asked, actor: Actor | None, retry: Retry) -> CommandId:
    """Return the command's identity; PublicError idempotency_key_missing, malformed_request."""
    if key is None or key == "":
        raise PublicError(ErrorCode.IDEMPOTENCY_KEY_MISSING, "A command needs an idempotency key.")
    if not isinstance(key, str) or len(key) > _LONGEST_IDEMPOTENCY_KEY or not (key.isascii() and key.isprintable()):
        raise malformed({"idempotency_key": ["Not 1 to 200 printable ASCII characters."]})
    return CommandId(key, asked.request_hash(retry), actor.author if actor else None)


def malformed(wrong: Mapping[str, object]) -> PublicError:
    """Return the error that says which fields are wrong, and how."""
    return PublicError(ErrorCode.MALFORMED_REQUEST, "The request is malformed.", {"fields": dict(wrong)})


def _shown(wrong: Mapping[str, object]) -> dict[str, object]:
    """Return what is wrong with names that can be sent back: an unknown field's name is the caller's, whatever it is.

    Half of a surrogate pair has no UTF-8, and a name may be as long as the message.
    """
    return {
        str(name).encode("utf-8", "backslashreplace").decode()[:_LONGEST_FIELD_NAME]: (
            _shown(reasons) if isinstance(reasons, Mapping) else reasons
        )
        for name, reasons in wrong.items()
    }
