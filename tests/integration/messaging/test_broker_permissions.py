"""What the broker itself refuses: overhearing, answering in the place of others, and another exchange of calls."""

from collections.abc import Callable
from uuid import uuid4

import pika.exceptions
import pytest
from pika.adapters.blocking_connection import BlockingChannel

from tests.integration.messaging.broker import Vhost
from tests.integration.messaging.conftest import Bus

pytestmark = pytest.mark.integration


@pytest.fixture(scope="module")
def bus(vhost: Vhost, tmp_path_factory: pytest.TempPathFactory) -> Bus:
    return Bus(vhost, tmp_path_factory.mktemp("bus"))


def refused_by_broker(bus: Bus, user: str, attempt: Callable[[BlockingChannel], object]) -> bool:
    """Try something as a user who has a queue for answers, as every caller has."""
    connection = bus.vhost.connect(user)
    channel = connection.channel()
    queue = f"rpc.reply-{'standalone_rpc_proxy' if user == 'client' else user}-{uuid4()}"
    channel.queue_declare(queue, exclusive=True)
    try:
        channel.queue_bind(queue, "nameko-rpc", str(uuid4()))  # the answers to oneself
        for key in ("#", "*.*", "invoices.*", "auth.revocations", "*"):
            channel = connection.channel()
            with pytest.raises(pika.exceptions.ChannelClosedByBroker, match="ACCESS_REFUSED"):
                channel.queue_bind(queue, "nameko-rpc", key)
        channel = connection.channel()
        try:
            attempt(channel)
            connection.process_data_events(0)
            channel.queue_declare(queue, passive=True)  # an answer of the broker: what came before has been judged
        except pika.exceptions.ChannelClosedByBroker as refusal:
            return "ACCESS_REFUSED" in str(refusal)
    finally:
        connection.close()
    return False


def publish(routing_key: str) -> Callable[[BlockingChannel], object]:
    """Say something on the exchange of calls."""
    return lambda channel: channel.basic_publish("nameko-rpc", routing_key, b"x")


@pytest.mark.parametrize(
    "attempt",
    [
        lambda channel: channel.exchange_delete("nameko-rpc"),
        lambda channel: channel.exchange_declare("nameko-rpc", "topic", durable=True),
        publish("01234567-89ab-4cde-8f01-23456789abcd"),
        publish("amq.gen-somebody"),
    ],
    ids=["delete the exchange", "declare the exchange", "answer somebody", "speak to some other queue"],
)
def test_a_client_overhears_nobody_answers_nobody_and_cannot_replace_the_exchange(
    bus: Bus, attempt: Callable[[BlockingChannel], object]
) -> None:
    assert refused_by_broker(bus, "client", attempt)


@pytest.mark.parametrize("exchange", ["nameko-rpc", "invoices.events"])
@pytest.mark.parametrize("service", ["auth", "notifier", "backup"])
def test_a_service_cannot_put_another_exchange_in_the_place_of_one_that_is_not_its_own(
    bus: Bus, service: str, exchange: str
) -> None:
    assert refused_by_broker(bus, service, lambda channel: channel.exchange_declare(exchange, "topic", durable=True))
    assert refused_by_broker(bus, service, lambda channel: channel.exchange_delete(exchange))
    assert not refused_by_broker(bus, service, lambda channel: channel.exchange_declare(exchange, passive=True))


def test_a_service_overhears_no_calls_to_another(bus: Bus) -> None:
    assert refused_by_broker(bus, "notifier", publish("amq.gen-somebody"))
    assert not refused_by_broker(bus, "notifier", publish("invoices.unknown"))
