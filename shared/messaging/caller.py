"""Calls from one service to another: with a timeout, and under the service's own name."""

import uuid
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Protocol

from amqp.exceptions import AMQPError
from eventlet import Timeout
from kombu.exceptions import KombuError
from nameko.amqp.publish import UndeliverableMessage
from nameko.constants import AMQP_URI_CONFIG_KEY
from nameko.extensions import Extension
from nameko.rpc import ReplyListener, get_rpc_exchange

from shared.contracts.errors import ErrorCode, PublicError
from shared.crypto.signing import SigningKey
from shared.kernel.clock import Clock, SystemClock, from_rfc3339
from shared.messaging.answers import unavailable, unwrap
from shared.messaging.assertion import sign_assertion
from shared.messaging.bus_consumer import BusConsumer
from shared.messaging.publishing import CallPublisher
from shared.messaging.serializer import NAME as SEALED

_RENEW_BEFORE = timedelta(seconds=30)


class SealedReplyListener(ReplyListener):  # type: ignore[misc]  # nameko publishes no types
    """Hears the answers to this service's own calls."""

    queue_consumer = BusConsumer()

    def forget(self, correlation_id: str) -> None:
        """Stop waiting for an answer; when it comes late it is dropped."""
        self._reply_events.pop(correlation_id, None)


class BusCaller(Extension):  # type: ignore[misc]  # nameko publishes no types
    """Calls other services from green threads; an attribute of the service's `App` provider."""

    replies = SealedReplyListener()

    def call(self, service: str, method: str, arguments: dict[str, Any], timeout: float = 30) -> dict[str, Any]:
        """Call with the wire's keyword arguments; `timeout` in seconds.

        Raises the PublicError of the answer, or one with service_unavailable when there is none.
        """
        config, correlation_id = self.container.config, str(uuid.uuid4())
        answer = self.replies.get_reply_event(correlation_id)
        try:
            with Timeout(timeout):
                CallPublisher(config[AMQP_URI_CONFIG_KEY]).publish(
                    {"args": [], "kwargs": arguments},
                    serializer=SEALED,
                    exchange=get_rpc_exchange(config),
                    routing_key=f"{service}.{method}",
                    mandatory=True,
                    reply_to=self.replies.routing_key,
                    correlation_id=correlation_id,
                )
                return unwrap(answer.wait())
        except (Timeout, UndeliverableMessage, OSError, AMQPError, KombuError):
            raise unavailable(service) from None
        finally:
            self.replies.forget(correlation_id)


class Caller(Protocol):
    """Something that carries a call: `BusCaller`, or a stand-in in a unit test."""

    def call(self, service: str, method: str, arguments: dict[str, Any], timeout: float = ...) -> dict[str, Any]:
        """Call and return the reply; PublicError when there is none."""
        ...


@dataclass(slots=True)
class ServiceCaller:
    """Calls in the name of this service, with a token that `auth` gives for a signed assertion."""

    caller: Caller
    service: str
    """This service's name."""
    key: SigningKey
    clock: Clock = field(default_factory=SystemClock)
    _token: str | None = field(default=None, init=False, repr=False)
    _expires_at: datetime | None = field(default=None, init=False)

    def call(
        self,
        service: str,
        method: str,
        request: dict[str, Any],
        *,
        tenant: str | None = None,
        idempotency_key: str | None = None,
        on_behalf_of: str | None = None,
        timeout: float = 30,
    ) -> dict[str, Any]:
        """Call another service for a tenant; PublicError when it refuses or does not answer within `timeout` s.

        `on_behalf_of`: the token of a person (`Actor.token`) for whom this service acts. The other one is shown that
        token and nothing else, and judges it itself: a service gets no more through a person than the person has, and
        a person no more through a service.
        """
        sent = {"idempotency_key": idempotency_key, "tenant": tenant}
        arguments: dict[str, Any] = {name: value for name, value in sent.items() if value is not None}
        try:
            token = on_behalf_of or self._current_token(timeout)
            return self.caller.call(service, method, {**arguments, "request": request, "token": token}, timeout)
        except PublicError as error:
            if on_behalf_of is None and error.code in (ErrorCode.TOKEN_EXPIRED, ErrorCode.TOKEN_INVALID):
                self._token = None  # e.g. the signing key was replaced: the retry asks for a new token
            raise

    def _current_token(self, timeout: float) -> str:
        now = self.clock.now()
        if self._token is None or self._expires_at is None or now >= self._expires_at - _RENEW_BEFORE:
            assertion = sign_assertion(self.service, self.key, self.clock)
            reply = self.caller.call("auth", "service_token", {"request": {"assertion": assertion}}, timeout)
            self._token, self._expires_at = str(reply["token"]), from_rfc3339(str(reply["expires_at"]))
        return self._token
