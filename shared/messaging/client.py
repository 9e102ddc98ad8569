"""Calls from outside: a blocking client for programs that serve nothing, such as the command line.

One client serves one thread. It makes nothing green.
"""

import uuid
from contextlib import suppress
from time import monotonic
from types import TracebackType
from typing import Any, Self

from amqp.exceptions import AccessRefused, AMQPError, NotAllowed
from kombu.connection import Connection as BrokerConnection
from kombu.exceptions import KombuError

from shared.contracts.errors import ErrorCode, PublicError
from shared.messaging.answers import BrokerUnusable, absent, request_too_large, silent, unavailable, unpublished, unwrap
from shared.messaging.bus_keys import KeyNotHeld
from shared.messaging.outgoing import AwaitedAnswers, OutgoingCall
from shared.messaging.sealing import NotJson, TooLarge
from shared.messaging.serializer import BodyRefused, kombu_uri, received
from shared.messaging.settings import BusSettings
from shared.messaging.topology import RPC_EXCHANGE, client_replies

_LEAVE = 2.0
"""Seconds in which the broker lets go of who leaves; one that is short of memory does not listen."""


class NoAnswer(Exception):
    """None came in time."""


class NobodyHears(Exception):
    """The broker has no queue for a call, and has returned it."""


class Connection:
    """Where calls are sent and their answers come, one at a time.

    No call is sent twice. Nor is the broker's confirmation of one waited for: a call that nobody hears is returned, any
    other one is answered or it is not, and that the broker once had it tells nothing about that. The queue for answers
    ends with the connection: a lost one is not opened again behind the back of who waits, who asks again.
    """

    def __init__(self, uri: str, timeout: float) -> None:
        """Connect; raises what kombu and amqp raise. `timeout` is in seconds, for each answer."""
        self.reply_to = str(uuid.uuid4())
        self._timeout = timeout
        self._awaited = AwaitedAnswers()
        self._answers: list[dict[str, Any]] = []
        self._returned = False
        bus = BrokerConnection(kombu_uri(uri))  # type: ignore[no-untyped-call]  # kombu publishes no types
        self._connection = bus.transport.establish_connection()
        try:
            self._channel = self._hear()
        except BaseException:
            self._connection.collect()
            raise

    def ask(self, call: OutgoingCall) -> dict[str, Any]:
        """Send a call and return its answer; raises NoAnswer, NobodyHears, and what amqp raises."""
        self._returned = False
        self._awaited.expect(call)
        try:
            call.send(self._channel)
            self._wait(monotonic() + self._timeout)
        finally:
            self._awaited.forget(call)
        if self._returned:
            raise NobodyHears
        return self._answers.pop()

    def is_there(self) -> bool:
        """Tell whether the broker has not hung up, as far as is known here; takes in what came unasked."""
        try:
            while self._connection.connected:
                self._connection.drain_events(timeout=0)
        except TimeoutError:
            return True
        except (OSError, AMQPError):
            pass
        return False

    def close(self) -> None:
        """Take leave, unless the broker does not listen."""
        try:
            if self._connection.connected:
                self._connection.sock.settimeout(_LEAVE)
                self._connection.close()
        except (OSError, AMQPError):
            pass
        finally:
            self._connection.collect()

    def _hear(self) -> Any:  # noqa: ANN401 - amqp publishes no types
        channel, queue = self._connection.channel(), client_replies(self.reply_to)
        channel.queue_declare(queue, exclusive=True)
        channel.queue_bind(queue, RPC_EXCHANGE, self.reply_to)
        channel.events["basic_return"].add(self._on_return)
        channel.basic_consume(queue, no_ack=True, callback=self._on_message)
        return channel

    def _wait(self, deadline: float) -> None:
        while not (self._answers or self._returned):
            left = deadline - monotonic()
            if left <= 0:
                raise NoAnswer
            with suppress(TimeoutError):
                self._connection.drain_events(timeout=left)

    def _on_message(self, message: Any) -> None:  # noqa: ANN401 - as above
        """Keep the answer to the call that waits; what is anything else must not end the wait for the real one."""
        with suppress(BodyRefused):
            self._answers = [self._awaited.open(received(message), message)]

    def _on_return(self, *about: object) -> None:  # noqa: ARG002 - amqp's signature
        self._returned = True


class RpcClient:
    """Calls services over the bus; a context manager."""

    def __init__(self, settings: BusSettings, timeout: float = 30) -> None:
        """`timeout` is in seconds, for each call."""
        self._settings, self._timeout = settings, timeout
        self._connection: Connection | None = None

    def __enter__(self) -> Self:
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
        connection = self._connected()
        try:
            call = OutgoingCall.to(
                service,
                method,
                {"request": request or {}, **arguments},
                keys=self._settings.published,
                reply_to=connection.reply_to,
                largest=self._settings.largest,
            )
            answer = connection.ask(call)
        except NotJson:
            raise PublicError(ErrorCode.MALFORMED_REQUEST, "The request cannot be written as JSON.") from None
        except TooLarge:
            raise request_too_large() from None
        except KeyNotHeld:
            raise unpublished(service) from None
        except NobodyHears:
            raise absent(service) from None
        except NoAnswer:
            # After this and what follows something may be half read or half sent: the next call has a new connection.
            self.close()
            raise silent(service, self._timeout) from None
        except (OSError, AMQPError):
            self.close()
            raise unavailable(service) from None
        except BaseException:
            self.close()
            raise
        return unwrap(answer)

    def close(self) -> None:
        """Close the connection; the next call opens a new one."""
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()

    def _connected(self) -> Connection:
        if self._connection is not None and not self._connection.is_there():
            self.close()
        if self._connection is None:
            try:
                self._connection = Connection(self._settings.uri, self._timeout)
            except (AccessRefused, NotAllowed):
                raise BrokerUnusable(f"The broker at {self._settings.address} refuses user and password.") from None
            except (OSError, AMQPError, KombuError):
                raise BrokerUnusable(f"No broker is reached at {self._settings.address}.") from None
        return self._connection
