"""How an error in an answer becomes an exception again, for all callers alike."""

from typing import Any, NoReturn

from shared.contracts.errors import ErrorCode, PublicError

_PUBLIC_ERROR = "shared.contracts.errors.PublicError"


def unavailable(service: str) -> PublicError:
    """Return what a caller is told when a service gave no answer."""
    return PublicError(ErrorCode.SERVICE_UNAVAILABLE, f"The service {service} gave no answer: retry later.")


def silent(service: str, seconds: float) -> PublicError:
    """Return what a caller is told when no answer came in time; a service does not answer what it cannot open."""
    why = f"The service {service} gave no answer in {seconds:g} seconds: retry later."
    hint = "Where none ever comes, TALLYSTICK_CALL_KEYS_FILE may hold another key than the service's."
    return PublicError(ErrorCode.SERVICE_UNAVAILABLE, f"{why} {hint}")


def absent(service: str) -> PublicError:
    """Return what a caller is told when nobody hears calls to a service."""
    return PublicError(ErrorCode.SERVICE_UNAVAILABLE, f"The service {service} is not running: nobody hears the call.")


def unpublished(service: str) -> PublicError:
    """Return what a caller is told when it knows no key to seal a call to a service with."""
    why = f"The service {service} is not known: TALLYSTICK_CALL_KEYS_FILE holds no key for calls to it."
    return PublicError(ErrorCode.SERVICE_UNAVAILABLE, why)


def request_too_large() -> PublicError:
    """Return what a caller is told whose call no broker would take; it was not sent."""
    why = "The request is larger than a message may be: send less at once, in several calls."
    return PublicError(ErrorCode.REQUEST_TOO_LARGE, why)


def answer_too_large() -> PublicError:
    """Return what a caller is told whose answer no broker would take; what the call did is done."""
    why = "The answer is larger than a message may be: ask for a smaller page, or for less at once, in several calls."
    return PublicError(ErrorCode.ANSWER_TOO_LARGE, why)


class BrokerUnusable(PublicError):
    """The broker itself cannot be used: what is wrong lies with the caller's settings, or with the broker."""

    def __init__(self, why: str) -> None:
        super().__init__(ErrorCode.SERVICE_UNAVAILABLE, why)


def unwrap(answer: dict[str, Any]) -> dict[str, Any]:
    """Return the result in an answer, or raise the PublicError in it."""
    error = answer.get("error")
    if error:
        raise_public(error)
    result: dict[str, Any] = answer["result"]
    return result


def raise_public(error: dict[str, Any]) -> NoReturn:
    """Raise the PublicError that a service sent; one with internal_error for anything else that came instead."""
    if error.get("exc_path") == _PUBLIC_ERROR:
        try:
            code, message, details = error["exc_args"]
            public = PublicError(code, message, details)
        except (KeyError, TypeError, ValueError):  # ValueError: a code of a newer contract
            pass
        else:
            raise public
    raise PublicError(ErrorCode.INTERNAL_ERROR, "The service answered with an error that this caller does not know.")
