"""Logs: one JSON object a line on standard error, without anything that must not rest in a log.

Three rules keep content out. Values under suspicious names are replaced. Exceptions are logged by type and place, never
by text: the text of a database error quotes rows. Libraries log from WARNING up, and of the arguments in their messages
exceptions are reduced to their types.
"""

import logging
import sys
import traceback
from collections.abc import Iterator, MutableMapping
from pathlib import Path
from types import TracebackType

import structlog

_ROOT = Path(__file__).resolve().parents[2]
_REDACTED = "[redacted]"
_SUSPICIOUS = (
    "password", "secret", "token", "code", "otp", "pepper", "key", "payload", "body", "request", "reply", "name",
    "email", "iban", "address", "authorization", "assertion", "invitation", "challenge", "content", "uri", "dsn",
)  # fmt: skip
_HARMLESS = frozenset({"error_code", "queue_key", "key_id", "routing_key", "event"})
_OWN = ("cli", "deploy", "services", "shared", "__main__")
"""Every other logger is a library's and speaks from WARNING up: fontTools would list the letters of a document."""
_SILENT_BELOW_CRITICAL = ("nameko.containers",)
"""It logs every error of a call with its text; calls log their own errors, without (messaging.endpoints)."""

EventDict = MutableMapping[str, object]


def configure(service: str, level: str = "INFO") -> None:
    """Send the logs of this process, structlog's and the standard library's, to standard error as JSON lines."""
    shared = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _named(service),
        _exceptions_by_type_and_place,
        redact,
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],  # type: ignore[list-item]  # structlog's union of processors
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.addFilter(_without_texts_of_exceptions)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,  # type: ignore[arg-type]  # as above
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.JSONRenderer(),
            ],
        )
    )
    sys.excepthook = _log_uncaught
    logging.raiseExceptions = False  # a message that cannot be written would be printed in full, with its arguments
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    for package in _OWN:
        logging.getLogger(package).setLevel(level.upper())
    for library in _SILENT_BELOW_CRITICAL:
        logging.getLogger(library).setLevel(logging.CRITICAL)


def _log_uncaught(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:  # noqa: ARG001 - sys.excepthook's signature
    structlog.get_logger(__name__).critical("uncaught_error", exc_info=error)


def redact(logger: object, method: str, event: EventDict) -> EventDict:  # noqa: ARG001 - structlog's signature
    """Replace every value, at any depth, whose name says that it is secret or personal."""
    return {name: _redacted(name, value) for name, value in event.items()}


def _redacted(name: str, value: object) -> object:
    lower = name.lower()
    if lower not in _HARMLESS and any(word in lower for word in _SUSPICIOUS):
        return _REDACTED
    if isinstance(value, dict):
        return {str(inner): _redacted(str(inner), item) for inner, item in value.items()}
    if isinstance(value, list | tuple):
        return [_redacted(name, item) for item in value]
    return value


def _named(service: str) -> structlog.typing.Processor:
    def add(logger: object, method: str, event: EventDict) -> EventDict:  # noqa: ARG001 - structlog's signature
        event.setdefault("service", service)
        return event

    return add


def _exceptions_by_type_and_place(logger: object, method: str, event: EventDict) -> EventDict:  # noqa: ARG001 - as above
    error = event.pop("exc_info", None)
    if error is True:
        error = sys.exc_info()
    if isinstance(error, tuple):
        error = error[1]
    if isinstance(error, BaseException):
        event["exception"] = list(_chain(error))
    return event


def _chain(error: BaseException | None) -> Iterator[dict[str, object]]:
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        kind = type(error)
        yield {"type": f"{kind.__module__}.{kind.__qualname__}", "at": _places(error.__traceback__)}
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)


def _places(trace: TracebackType | None) -> list[str]:
    places = []
    for frame, line in traceback.walk_tb(trace):
        path = Path(frame.f_code.co_filename)
        shown = path.relative_to(_ROOT) if path.is_relative_to(_ROOT) else Path(*path.parts[-2:])
        places.append(f"{shown}:{line} {frame.f_code.co_name}")
    return places


def _without_texts_of_exceptions(record: logging.LogRecord) -> bool:
    if isinstance(record.args, tuple):
        record.args = tuple(
            type(value).__name__ if isinstance(value, BaseException) else value for value in record.args
        )
    return True
