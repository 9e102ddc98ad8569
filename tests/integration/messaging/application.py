"""The composition root of the services that these tests start: a pool and the access check, from the environment."""

from dataclasses import dataclass
from typing import Any

from shared.eventstore.pool import Pool, open_pool
from shared.messaging.access import Access
from shared.messaging.application import AppProvider
from shared.messaging.caller import BusCaller
from shared.messaging.inbox import Inbox
from shared.messaging.revocations import NothingRevoked
from shared.messaging.settings import DatabaseSettings, Environment


@dataclass
class Application:
    access: Access
    pool: Pool
    inbox: Inbox
    container: Any
    bus: BusCaller | None

    def close(self) -> None:
        self.pool.close()


class App(AppProvider):
    """For a service that calls nobody: nothing but calls keeps its connection open."""

    bus: BusCaller | None = None

    def build(self) -> Application:
        environment = Environment()
        pool = open_pool(DatabaseSettings.read(environment).conninfo)
        return Application(
            Access(environment.path("TOKEN_KEYS_FILE"), NothingRevoked()), pool, Inbox(pool), self.container, self.bus
        )


class CallingApp(App):
    """For a service that calls others."""

    bus = BusCaller()
