"""The composition root of the services that these tests start: a pool and the access check, from the environment."""

from dataclasses import dataclass

from shared.eventstore.pool import Pool, open_pool
from shared.messaging.access import Access
from shared.messaging.application import AppProvider
from shared.messaging.caller import BusCaller
from shared.messaging.inbox import Inbox
from shared.messaging.settings import DatabaseSettings, Environment


@dataclass
class Application:
    access: Access
    pool: Pool
    bus: BusCaller
    inbox: Inbox

    def close(self) -> None:
        self.pool.close()


class App(AppProvider):
    bus = BusCaller()

    def build(self) -> Application:
        environment = Environment()
        pool = open_pool(DatabaseSettings.read(environment).conninfo)
        return Application(Access(environment.path("TOKEN_KEYS_FILE")), pool, self.bus, Inbox(pool))
