"""nameko's RPC entrypoint, made to say nothing across the bus but results and public errors."""

import re
import sys
from collections.abc import Mapping, Sequence
from functools import cached_property
from inspect import Signature, signature
from types import TracebackType
from typing import Any
from weakref import WeakKeyDictionary

import structlog
from kombu.exceptions import KombuError
from nameko.amqp.publish import Publisher
from nameko.constants import AMQP_URI_CONFIG_KEY
from nameko.exceptions import IncorrectSignature, MalformedRequest, MethodNotFound
from nameko.rpc import Rpc, RpcConsumer

from shared.contracts.errors import ErrorCode, PublicError
from shared.kernel.ids import new_id
from shared.messaging.answers import answer_too_large
from shared.messaging.bus_consumer import BusConsumer, largest_message, service_keys
from shared.messaging.sealing import NotJson, Passage, TooLarge, open_call, seal_answer
from shared.messaging.sending import send
from shared.messaging.serializer import NAME as SEALED
from shared.messaging.serializer import SealedBody
from shared.messaging.topology import REPLY_KEY, RPC_EXCHANGE

_log = structlog.get_logger(__name__)
_SMALL = 64 * 1024
"""Bytes. Ten of them fit into what is buffered on the way to a broker that is slow, so that nobody waits to send."""
ExcInfo = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]


class SealedRpcConsumer(RpcConsumer):  # type: ignore[misc]  # nameko publishes no types
    """Answers calls. nameko would answer with the type, the arguments and the text of any exception."""

    queue_consumer = BusConsumer()

    def __init__(self) -> None:
        super().__init__()
        # Gone with the message, however that ends: a call that is given back comes again as another message.
        self._reply_keys: WeakKeyDictionary[Any, bytes] = WeakKeyDictionary()
        self._found: dict[str, Any] = {}

    def get_provider_for_method(self, routing_key: str) -> Any:  # noqa: ANN401 - nameko publishes no types
        """Return the entrypoint that a call goes to; MethodNotFound. nameko compares all names, with each call."""
        if routing_key not in self._found:  # what is not found is not kept: anybody may ask for it
            self._found[routing_key] = super().get_provider_for_method(routing_key)
        return self._found[routing_key]

    def open(self, body: SealedBody, message: Any) -> dict[str, Any]:  # noqa: ANN401 - kombu publishes no types
        """Open a call, and keep the key for its answer; raises BodyRefused."""
        opened = open_call(service_keys(self.container).calls, body, Passage.of(message))
        self._reply_keys[message] = opened.reply_key
        return opened.call

    def handle_result(self, message: Any, result: object, exc_info: ExcInfo | None) -> tuple[object, None]:  # noqa: ANN401 - as above
        """Send the answer and settle the call. An answer that cannot be sent is lost, not the call.

        When the broker is away it hands the call out again afterwards; a command then gives its first answer.
        """
        if re.fullmatch(REPLY_KEY, str(message.properties.get("reply_to"))) is None:
            # The caller names the place of the answer. Were it another than one caller's own, the service would speak
            # there with its own rights: it would call others, or be refused by the broker and lose its channel.
            _log.warning("answer_not_addressed")
            self.queue_consumer.ack_message(message)
            return None, None
        answer = {"result": result, "error": None}
        if exc_info is not None:
            answer = {"result": None, "error": as_error(to_public(exc_info[1]))}
        try:
            self._send(answer, message)
        except NotJson:
            self._send_error(to_public(TypeError("the result is not JSON")), message)
        except TooLarge:
            _log.warning("answer_too_large")
            self._send_error(answer_too_large(), message)
        except self.queue_consumer.connection.channel_errors as error:
            # The broker takes less than was set here (LARGEST_MESSAGE_BYTES) and has closed the channel. The call is
            # settled all the same: handed out again, it would be answered with the same, for ever.
            _log.error("answer_refused_by_broker", error=type(error).__name__)
            self._send_error(answer_too_large(), message)
        except (OSError, KombuError, *self.queue_consumer.connection.connection_errors) as error:
            _log.warning("answer_not_sent", error=type(error).__name__)
            return None, None
        self.queue_consumer.ack_message(message)
        return None, None

    def _send_error(self, error: PublicError, message: Any) -> None:  # noqa: ANN401 - as above
        self._send({"result": None, "error": as_error(error)}, message)

    def _send(self, answer: dict[str, object], message: Any) -> None:  # noqa: ANN401 - as above
        passage = Passage.of(message)
        body = seal_answer(self._reply_keys[message], passage, answer, largest_message(self.container))
        to, call_id = passage.reply_to, passage.call_id
        if self._goes_with_its_call(body, message):
            send(message.channel, body, routing_key=to, correlation_id=call_id)
            return
        Publisher(self.container.config[AMQP_URI_CONFIG_KEY]).publish(
            body, serializer=SEALED, exchange=RPC_EXCHANGE, routing_key=to, correlation_id=call_id
        )

    def _goes_with_its_call(self, body: SealedBody, message: Any) -> bool:  # noqa: ANN401 - as above
        """Tell whether an answer is sent on the channel of its call; otherwise a connection of its own is waited for.

        On the call's channel the broker takes the answer before the acknowledgement that follows it there, so no call
        is settled whose answer was lost on the way, and nothing has to be waited for. What the broker refuses closes
        the channel, though, and the calls of all workers are handed out again. That is why only what is small goes so,
        and never for a call that was handed out before: the second time, a refusal meets nobody else.
        """
        small = len(body.sealed) <= _SMALL
        return small and not message.delivery_info["redelivered"] and bool(self.queue_consumer.takes_more(message))


class SealedRpc(Rpc):  # type: ignore[misc]  # nameko publishes no types
    """An RPC method over sealed messages."""

    rpc_consumer = SealedRpcConsumer()

    def __init__(self) -> None:
        super().__init__(expected_exceptions=(PublicError,))

    def check_signature(self, args: Sequence[object], kwargs: Mapping[str, object]) -> None:
        """Refuse a call whose arguments are not the method's: IncorrectSignature.

        nameko takes the method's signature apart with each call.
        """
        try:
            self._signature.bind(None, *args, **kwargs)
        except TypeError as error:
            raise IncorrectSignature(str(error)) from None

    @cached_property
    def _signature(self) -> Signature:
        return signature(getattr(self.container.service_cls, self.method_name))


sealed_rpc = SealedRpc.decorator


def to_public(error: BaseException | None) -> PublicError:
    """Return what a caller may know of an error; what is not public is logged here, under an incident id."""
    if isinstance(error, PublicError):
        return error
    if isinstance(error, MethodNotFound):
        return PublicError(ErrorCode.MALFORMED_REQUEST, "The service has no such method.")
    if isinstance(error, IncorrectSignature | MalformedRequest):
        return PublicError(ErrorCode.MALFORMED_REQUEST, "The call does not have the arguments of this method.")
    incident = new_id()
    _log.error("call_failed", incident=incident, exc_info=error or sys.exc_info())
    return PublicError(ErrorCode.INTERNAL_ERROR, "Something went wrong inside the service.", {"incident": incident})


def as_error(error: PublicError) -> dict[str, object]:
    """Return the error in nameko's form, so that any nameko caller can read it; the details keep their types."""
    return {
        "exc_type": "PublicError",
        "exc_path": "shared.contracts.errors.PublicError",
        "exc_args": [error.code.value, error.message, error.details],
        "value": str(error),
    }
