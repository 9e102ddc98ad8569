"""Calls from one service to another: with a timeout, and under the service's own name."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Protocol

from amqp.exceptions import AMQPError
from eventlet import Timeout
from kombu.exceptions import KombuError
from nameko.amqp.publish import UndeliverableMessage
from nameko.constants import AMQP_URI_CONFIG_KEY
from nameko.extensions import Extension
from nameko.rpc import ReplyListener

from shared.contracts.errors import ErrorCode, PublicError
from shared.crypto.signing import SigningKey
from shared.kernel.clock import Clock, SystemClock, from_rfc3339
from shared.messaging.answers import request_too_large, unavailable, unpublished, unwrap
from shared.messaging.assertion import sign_assertion
from shared.messaging.bus_consumer import BusConsumer, largest_message, service_keys
from shared.messaging.bus_keys import KeyNotHeld
from shared.messaging.outgoing import AwaitedAnswers, OutgoingCall
from shared.messaging.publishing import CallPublisher
from shared.messaging.sealing import TooLarge
from shared.messaging.serializer import NAME as SEALED
from shared.messaging.serializer import SealedBody
from shared.messaging.topology import RPC_EXCHANGE

_RENEW_BEFORE = timedelta(seconds=30)


class SealedReplyListener(ReplyListener):  # type: ignore[misc]  # nameko publishes no types
    """Hears the answers to this service's own calls."""

    queue_consumer = BusConsumer()

    def __init__(self) -> None:
        super().__init__()
        self._awaited = AwaitedAnswers()

    def expect(self, call: OutgoingCall) -> Any:  # noqa: ANN401 - eventlet's Event
        """Wait for the answer to a call: return where it will appear."""
        self._awaited.expect(call)
        return self.get_reply_event(call.passage.call_id)

    def forget(self, call: OutgoingCall) -> None:
        """Stop waiting for an answer; when it comes late it is dropped."""
        self._awaited.forget(call)
        self._reply_events.pop(call.passage.call_id, None)

    def open(self, body: SealedBody, message: Any) -> dict[str, Any]:  # noqa: ANN401 - kombu publishes no types
        """Open an answer; raises BodyRefused. One that comes too late is no fault: it is empty, and goes nowhere."""
        if message.properties.get("correlation_id") not in self._reply_events:
            return {}
        return self._awaited.open(body, message)


class BusCaller(Extension):  # type: ignore[misc]  # nameko publishes no types
    """Calls other services from green threads; an attribute of the service's `App` provider."""

    replies = SealedReplyListener()

    def call(self, service: str, method: str, arguments: dict[str, Any], timeout: float = 30) -> dict[str, Any]:
        """Call with the wire's keyword arguments; `timeout` in seconds.

        Raises the PublicError of the answer, or one with service_unavailable when there is none.
        """
        keys, reply_to = service_keys(self.container).published, self.replies.routing_key
        try:
            largest = largest_message(self.container)
            call = OutgoingCall.to(service, method, arguments, keys=keys, reply_to=reply_to, largest=largest)
        except TooLarge:
            raise request_too_large() from None
        except KeyNotHeld:
            raise unpublished(service) from None
        answer = self.replies.expect(call)
        try:
            with Timeout(timeout):
                self._publish(call)
                return unwrap(answer.wait())
        except (Timeout, UndeliverableMessage, OSError, AMQPError, KombuError):
            raise unavailable(service) from None
        finally:
            self.replies.forget(call)

    def _publish(self, call: OutgoingCall) -> None:
        CallPublisher(self.container.config[AMQP_URI_CONFIG_KEY]).publish(
            call.body,
            serializer=SEALED,
            exchange=RPC_EXCHANGE,
            routing_key=call.passage.routing_key,
            mandatory=True,
            reply_to=call.passage.reply_to,
            correlation_id=call.passage.call_id,
        )


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
