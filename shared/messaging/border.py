"""The border of a service: what goes wrong inside leaves as a public error, without cause, type or text."""

from collections.abc import Callable
from typing import TypeVar

import psycopg
import structlog

from shared.contracts.errors import ErrorCode, PublicError
from shared.crypto.keyring import KeyShredded
from shared.eventstore.store import IdempotencyConflict, VersionConflict
from shared.kernel.ids import new_id

_log = structlog.get_logger(__name__)
_Result = TypeVar("_Result")


def guarded(service: str, method: str, serve: Callable[[], _Result]) -> _Result:
    """Run an endpoint; whatever goes wrong leaves as a PublicError that carries no cause."""
    try:
        return serve()
    except PublicError as refusal:
        _log.info("call_refused", service=service, method=method, error_code=refusal.code.value)
        raise refusal from None
    except VersionConflict:
        raise PublicError(
            ErrorCode.CONCURRENT_CHANGE, "Somebody changed this at the same time: look again and retry."
        ) from None
    except IdempotencyConflict:
        raise PublicError(
            ErrorCode.IDEMPOTENCY_CONFLICT, "This idempotency key was used for a different request."
        ) from None
    except KeyShredded:
        raise PublicError(
            ErrorCode.KEY_SHREDDED, "The key to this was destroyed: nobody can read it any more."
        ) from None
    except (psycopg.OperationalError, psycopg.InterfaceError) as error:
        _log.warning("database_unavailable", service=service, method=method, error=type(error).__name__)
        raise PublicError(ErrorCode.SERVICE_UNAVAILABLE, "The service cannot answer now: retry later.") from None
    except Exception:  # noqa: BLE001 - the border of the service: nothing crosses it but public errors
        incident = new_id()
        _log.exception("call_failed", service=service, method=method, incident=incident)
        raise PublicError(
            ErrorCode.INTERNAL_ERROR, "Something went wrong inside the service.", {"incident": incident}
        ) from None
