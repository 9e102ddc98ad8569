"""What invoices does in processes beside the service: each puts together as much of it as its work takes."""

import time
from collections.abc import Mapping
from types import MappingProxyType

import structlog

from services.invoices.adapters.archivist import ArchivistRunner
from services.invoices.adapters.documents import PostgresDocuments
from services.invoices.adapters.drawing.draw import warm_up
from services.invoices.adapters.press import OfficialPress
from services.invoices.adapters.recogniser import ByBytes
from services.invoices.adapters.xml.rules_process import RulesProcess
from services.invoices.dependencies import ARCHIVIST, FOLLOWERS, NAME, History
from services.invoices.ports import Ports
from shared.contracts.events import PUBLIC_EVENTS
from shared.kernel.clock import SystemClock
from shared.messaging.beside import go_on, stay_beside
from shared.messaging.program import Beside
from shared.messaging.relay import Relay
from shared.messaging.settings import Environment, HistorySettings, ServiceBusSettings

_ARCHIVIST_NICE, _FOLLOWERS_NICE = 10, 5
"""Somebody may wait for a read model; a document can be asked for again."""
_log = structlog.get_logger(__name__)


def archive(environment: Environment) -> None:
    """Archive what is issued, in this process, until it is killed; SettingInvalid."""
    stay_beside(_ARCHIVIST_NICE)
    history = History.open(HistorySettings.read(environment))
    documents = PostgresDocuments(history.pool, history.keyring)
    press = OfficialPress(RulesProcess())
    ports = Ports(history.log, history.keyring, SystemClock(), press, documents, ByBytes())
    warm_up()
    ArchivistRunner(history.pool, ports, history.wakeups).run(lambda: False, time.sleep)


def follow(environment: Environment) -> None:
    """Feed the read models and publish events, in this process, until it is killed; SettingInvalid."""
    stay_beside(_FOLLOWERS_NICE)
    bus = ServiceBusSettings.read(environment, NAME)
    # Projections and relay need two connections each.
    history = History.open(HistorySettings.read(environment), pool_size=4)
    relay = Relay(history.pool, history.store, bus, NAME, PUBLIC_EVENTS[NAME], wakeups=history.wakeups)
    _log.info("following")
    go_on({"projections": history.runner.run, "relay": relay.run})


BESIDE: Mapping[str, Beside] = MappingProxyType(
    {
        ARCHIVIST: Beside("archive what is issued; serving starts one beside itself", archive),
        FOLLOWERS: Beside("feed the read models and publish events; serving starts them beside itself", follow),
    }
)
"""By the name of the action."""
