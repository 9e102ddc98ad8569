"""Is a service of use? `python -m deploy.healthcheck auth` asks it over the bus, as any caller would.

Exit code 0: it answered and reaches its database. 1: it did not, for the reason on stderr. Settings:
TALLYSTICK_HEALTH_AMQP_URL (a caller's account, not the service's), TALLYSTICK_HEALTH_AMQP_PASSWORD_FILE,
TALLYSTICK_CALL_KEYS_FILE.
"""

import sys

import click

from shared.contracts.errors import PublicError
from shared.messaging.bus_keys import PublishedCallKeys
from shared.messaging.client import RpcClient
from shared.messaging.settings import BusSettings, Environment, read_or_exit, with_password

_TIMEOUT = 5.0


@click.command()
@click.argument("service")
def main(service: str) -> None:
    """Ask SERVICE for its health."""
    settings = read_or_exit(_settings)
    try:
        with RpcClient(settings, timeout=_TIMEOUT) as client:
            health = client.call(service, "health")
    except PublicError as error:
        sys.exit(f"{service}: {error.code}")
    if health["database"] is not True:
        sys.exit(f"{service}: does not reach its database")


def _settings(environment: Environment) -> BusSettings:
    url = "HEALTH_AMQP_URL"
    uri = with_password(environment.text(url), environment.secret("HEALTH_AMQP_PASSWORD_FILE"), url)
    return BusSettings(uri, environment.key("CALL_KEYS_FILE", PublishedCallKeys))


if __name__ == "__main__":
    main()
