"""Calls from outside: a blocking client for programs that serve nothing, such as the command line.

One client serves one thread. It makes nothing green.
"""

from types import TracebackType
from typing import Any, Self

from amqp.exceptions import AccessRefused, AMQPError, NotAllowed
from kombu.exceptions import KombuError
from nameko.amqp.publish import UndeliverableMessage
from nameko.exceptions import RpcTimeout
from nameko.standalone.rpc import PollingQueueConsumer, SingleThreadedReplyListener, StandaloneProxyBase

from shared.contracts.errors import ErrorCode, PublicError
from shared.messaging.answers import BrokerUnusable, absent, request_too_large, silent, unavailable, unpublished, unwrap
from shared.messaging.bus_keys import KeyNotHeld
from shared.messaging.outgoing import AwaitedAnswers, OutgoingCall
from shared.messaging.sealing import NotJson, TooLarge
from shared.messaging.serializer import BodyRefused, kombu_uri, nameko_config, register
from shared.messaging.settings import BusSettings


class ReplyConsumer(PollingQueueConsumer):  # type: ignore[misc]  # nameko publishes no types
    """Hears the answers, from an exchange that is there: a client has no right to declare it."""

    def __init__(self, timeout: float | None = None) -> None:
        super().__init__(timeout)
        self.awaited = AwaitedAnswers()

    def register_provider(self, provider: Any) -> None:  # noqa: ANN401 - as above
        """Begin to hear answers."""
        provider.queue.exchange.passive = True
        super().register_provider(provider)

    def _setup_consumer(self) -> None:
        super()._setup_consumer()
        self.consumer.on_decode_error = self.drop

    def drop(self, message: Any, exc: Exception) -> None:  # noqa: ANN401, ARG002 - kombu's signature
        """Let go of what is no answer: whoever sends such a thing must not end the wait for the real one."""
        message.ack()

    def on_message(self, body: object, message: Any) -> None:  # noqa: ANN401 - as above
        """Keep the answer to a call that waits; anything else is dropped, and the wait goes on."""
        try:
            opened = self.awaited.open(body, message)
        except BodyRefused as refused:
            self.drop(message, refused)
            return
        super().on_message(opened, message)


class ClientReplyListener(SingleThreadedReplyListener):  # type: ignore[misc]  # as above
    """Waits for answers by way of `ReplyConsumer`."""

    def __init__(self, timeout: float | None = None) -> None:
        super().__init__(timeout)
        self.queue_consumer = ReplyConsumer(timeout=timeout)

    def answer_to(self, call: OutgoingCall, uri: str) -> dict[str, Any]:
        """Send a call and return the answer; raises what nameko and kombu raise."""
        answer = self.get_reply_event(call.passage.call_id)
        self.queue_consumer.awaited.expect(call)
        try:
            call.publish(uri)
            answered: dict[str, Any] = answer.wait()
        finally:
            self.queue_consumer.awaited.forget(call)
        return answered


class Connection(StandaloneProxyBase):  # type: ignore[misc]  # as above
    """A place for answers."""

    def __init__(self, uri: str, timeout: float) -> None:
        super().__init__(nameko_config(uri), timeout=timeout, reply_listener_cls=ClientReplyListener)

    @property
    def replies(self) -> ClientReplyListener:
        """Who hears them."""
        listener: ClientReplyListener = self._reply_listener
        return listener


class RpcClient:
    """Calls services over the bus; a context manager."""

    def __init__(self, settings: BusSettings, timeout: float = 30) -> None:
        """`timeout` is in seconds, for each call."""
        self._settings, self._timeout = settings, timeout
        self._connection: Connection | None = None

    def __enter__(self) -> Self:
        register()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def call(
        self,
        service: str,
        method: str,
        request: dict[str, Any] | None = None,
        *,
        token: str | None = None,
        idempotency_key: str | None = None,
        tenant: str | None = None,
        proof: str | None = None,
    ) -> dict[str, Any]:
        """Call a method and return its reply; `proof` is a step-up proof (stepping_up.py), for a sensitive call.

        Raises the PublicError that the service answered; request_too_large for what was not sent; service_unavailable
        when no answer came in time, and BrokerUnusable when it could not even be sent; internal_error when the answer
        was an error that is not public.
        """
        sent = {"token": token, "idempotency_key": idempotency_key, "tenant": tenant, "proof": proof}
        arguments = {name: value for name, value in sent.items() if value is not None}
        replies = self._connected().replies
        try:
            call = OutgoingCall.to(
                service,
                method,
                {"request": request or {}, **arguments},
                keys=self._settings.published,
                reply_to=replies.routing_key,
                largest=self._settings.largest,
            )
            answer = replies.answer_to(call, kombu_uri(self._settings.uri))
        except NotJson:
            raise PublicError(ErrorCode.MALFORMED_REQUEST, "The request cannot be written as JSON.") from None
        except TooLarge:
            raise request_too_large() from None
        except KeyNotHeld:
            raise unpublished(service) from None
        except UndeliverableMessage:
            self.close()
            raise absent(service) from None
        except RpcTimeout:
            # After this and what follows the connection may still get a late answer: the next call has a new one.
            self.close()
            raise silent(service, self._timeout) from None
        except (OSError, AMQPError, KombuError, RuntimeError):
            self.close()
            raise unavailable(service) from None
        return unwrap(answer)

    def close(self) -> None:
        """Close the connection; the next call opens a new one."""
        connection, self._connection = self._connection, None
        if connection is not None:
            try:
                connection.stop()
            except (OSError, AMQPError, KombuError):
                return

    def _connected(self) -> Connection:
        if self._connection is None:
            connection = Connection(self._settings.uri, self._timeout)
            try:
                connection.start()
            except (AccessRefused, NotAllowed):
                raise BrokerUnusable(f"The broker at {self._settings.address} refuses user and password.") from None
            except (OSError, AMQPError, KombuError):
                raise BrokerUnusable(f"No broker is reached at {self._settings.address}.") from None
            self._connection = connection
        return self._connection
