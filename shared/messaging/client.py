"""Calls from outside: a blocking client for programs that serve nothing, such as the command line.

One client serves one thread. It makes nothing green.
"""

from types import TracebackType
from typing import Any, Self, cast

from amqp.exceptions import AccessRefused, AMQPError, NotAllowed
from kombu.exceptions import EncodeError, KombuError
from nameko.exceptions import RemoteError, RpcTimeout, UnknownService, deserialize_to_instance
from nameko.rpc import MethodProxy
from nameko.standalone.rpc import ClusterRpcProxy, PollingQueueConsumer, SingleThreadedReplyListener

from shared.contracts.errors import ErrorCode, PublicError
from shared.messaging.answers import BrokerUnusable, absent, silent, unavailable
from shared.messaging.publishing import CallPublisher
from shared.messaging.serializer import nameko_config, register
from shared.messaging.settings import BusSettings

# nameko rebuilds only the errors that it was told of.
deserialize_to_instance(PublicError)


class ReplyConsumer(PollingQueueConsumer):  # type: ignore[misc]  # nameko publishes no types
    """Hears the answers, from an exchange that is there: a client has no right to declare it."""

    def register_provider(self, provider: Any) -> None:  # noqa: ANN401 - as above
        """Begin to hear answers."""
        provider.queue.exchange.no_declare = True
        super().register_provider(provider)


class ClientReplyListener(SingleThreadedReplyListener):  # type: ignore[misc]  # as above
    """Waits for answers by way of `ReplyConsumer`."""

    def __init__(self, timeout: float | None = None) -> None:
        super().__init__(timeout)
        self.queue_consumer = ReplyConsumer(timeout=timeout)


class CallProxy(MethodProxy):  # type: ignore[misc]  # as above
    """A method of a service, called by way of `CallPublisher`."""

    publisher_cls = CallPublisher


class RpcClient:
    """Calls services over the bus; a context manager."""

    def __init__(self, settings: BusSettings, timeout: float = 30) -> None:
        """`timeout` is in seconds, for each call."""
        self._settings, self._timeout = settings, timeout
        self._cluster: ClusterRpcProxy | None = None
        self._proxy: Any = None

    def __enter__(self) -> Self:
        register(self._settings.keys)
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

        Raises the PublicError that the service answered; one with service_unavailable when no answer came in time, and
        BrokerUnusable when it could not even be sent; one with internal_error when the answer was an error that is not
        public.
        """
        sent = {"token": token, "idempotency_key": idempotency_key, "tenant": tenant, "proof": proof}
        arguments = {name: value for name, value in sent.items() if value is not None}
        connected = self._connected()
        try:
            # Called by name: as plain attributes, a few names would reach nameko's own and not the service.
            services = connected.__getattr__(service)
            proxy = CallProxy(services.worker_ctx, service, method, services.reply_listener)
            return cast("dict[str, Any]", proxy(request=request or {}, **arguments))
        except RemoteError:
            raise PublicError(ErrorCode.INTERNAL_ERROR, f"The service {service} answered in no known way.") from None
        except EncodeError:
            raise PublicError(ErrorCode.MALFORMED_REQUEST, "The request cannot be written as JSON.") from None
        except UnknownService:
            self.close()
            raise absent(service) from None
        except RpcTimeout:
            # After this and what follows the connection may still get a late answer: the next call has a new one.
            self.close()
            raise silent(service, self._timeout) from None
        except (OSError, AMQPError, KombuError, RuntimeError):
            self.close()
            raise unavailable(service) from None

    def close(self) -> None:
        """Close the connection; the next call opens a new one."""
        cluster, self._cluster, self._proxy = self._cluster, None, None
        if cluster is not None:
            try:
                cluster.stop()
            except (OSError, AMQPError, KombuError):
                return

    def _connected(self) -> Any:  # noqa: ANN401 - nameko publishes no types
        if self._cluster is None:
            cluster = ClusterRpcProxy(
                nameko_config(self._settings.uri), timeout=self._timeout, reply_listener_cls=ClientReplyListener
            )
            try:
                self._proxy = cluster.start()
            except (AccessRefused, NotAllowed):
                raise BrokerUnusable(f"The broker at {self._settings.address} refuses user and password.") from None
            except (OSError, AMQPError, KombuError):
                raise BrokerUnusable(f"No broker is reached at {self._settings.address}.") from None
            self._cluster = cluster
        return self._proxy
