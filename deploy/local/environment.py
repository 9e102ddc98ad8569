"""The environment variables of each service: the one place where they are put together."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from deploy.local.ports import LOOPBACK
from deploy.local.secrets import LOGGING, event_keys_file
from deploy.postgres.bootstrap import BACKUP_READER, service_role
from shared.messaging.settings import event_keys_setting
from shared.messaging.topology import event_keys_of

VHOST = "tallystick"
LOG_DOMAIN = "tallystick.example"
WEB_ORIGIN = "http://localhost:8080"
"""Where a web page would be; browsers take localhost for secure."""
SENDER = "invoices@tallystick.example"
_BACKED_UP = ("auth", "invoices", "notifier")


@dataclass(frozen=True)
class Places:
    """Where things are: ports on the loopback interface and directories."""

    postgres_port: int
    rabbitmq_port: int
    smtp_port: int
    drill_port: int
    secrets: Path
    offsite: Path

    def database_url(self, user: str, database: str) -> str:
        """Return a URL without the password, which travels in a file."""
        return f"postgresql://{user}@{LOOPBACK}:{self.postgres_port}/{database}"


def client_environment(places: Places) -> dict[str, str]:
    """Return what a caller that serves nothing needs: the demo, the `tallystick` command."""
    return _bus(places, "client")


def operator_environment(places: Places) -> dict[str, str]:
    """Return what the `tallystick` command needs for whoever runs the machine: a caller with a key of its own."""
    return client_environment(places) | _prefixed({"SERVICE_KEY_FILE": str(places.secrets / "assertion-key-operator")})


def service_environment(service: str, places: Places) -> dict[str, str]:
    """Return every TALLYSTICK_ variable of a service."""
    secrets = places.secrets
    common = {
        "DATABASE_URL": places.database_url(service_role(service), service_role(service)),
        "DATABASE_PASSWORD_FILE": str(secrets / f"postgres-{service}"),
        "KEK_FILE": str(secrets / f"kek-{service}"),
        "SERVICE_KEY_FILE": str(secrets / f"assertion-key-{service}"),
        "LOG_DOMAIN": LOG_DOMAIN,
    }
    if service in LOGGING:
        common["LOG_SIGNING_KEY_FILE"] = str(secrets / f"log-signing-key-{service}")
    keys = service_bus_keys(service, secrets)
    return {**_bus(places, service), **keys, **_prefixed(common), **_prefixed(_own(service, places))}


def service_bus_keys(service: str, secrets: Path) -> dict[str, str]:
    """Return the variables that name a service's keys for calls, and for the events it publishes or hears."""
    events = {event_keys_setting(*ends): str(secrets / event_keys_file(*ends)) for ends in event_keys_of(service)}
    return _prefixed({"CALL_KEY_FILE": str(secrets / f"call-key-{service}"), **events})


def _bus(places: Places, user: str) -> dict[str, str]:
    return _prefixed(
        {
            "AMQP_URL": f"amqp://{user}@{LOOPBACK}:{places.rabbitmq_port}/{VHOST}",
            "AMQP_PASSWORD_FILE": str(places.secrets / f"rabbitmq-{user}"),
            "CALL_KEYS_FILE": str(places.secrets / "call-keys.json"),
            "TOKEN_KEYS_FILE": str(places.secrets / "token-keys.json"),
        }
    )


def _own(service: str, places: Places) -> dict[str, str]:
    """Return what only this service has."""
    secrets = places.secrets
    match service:
        case "auth":
            return {
                "TOKEN_SIGNING_KEY_FILE": str(secrets / "token-signing-key"),
                "SERVICE_KEYS_FILE": str(secrets / "service-keys.json"),
                "PEPPER_FILE": str(secrets / "pepper"),
                "WEB_ORIGIN": WEB_ORIGIN,
                "DRILL_LISTEN": f"{LOOPBACK}:{places.drill_port}",
                "DRILL_URL": f"http://{LOOPBACK}:{places.drill_port}",  # it does not leave the machine
            }
        case "notifier":
            return {
                "SMTP_HOST": LOOPBACK,
                "SMTP_PORT": str(places.smtp_port),
                "SMTP_SENDER": SENDER,
                "SMTP_TLS": "none",  # it does not leave the machine
            }
        case "backup":
            urls = {
                f"BACKUP_DATABASE_URL_{name.upper()}": places.database_url(BACKUP_READER, service_role(name))
                for name in _BACKED_UP
            }
            return {
                "BACKUP_TARGET": places.offsite.as_uri(),
                "BACKUP_RECIPIENTS_FILE": str(secrets / "backup-recipients"),
                "BACKUP_SIGNING_KEY_FILE": str(secrets / "backup-signing-key"),
                "WITNESS_KEY_FILE": str(secrets / "witness-key"),
                "LOG_KEYS_FILE": str(secrets / "log-keys.json"),
                "BACKUP_READER_PASSWORD_FILE": str(secrets / "postgres-backup-reader"),
                **urls,
            }
        case _:
            return {}


def _prefixed(settings: Mapping[str, str]) -> dict[str, str]:
    return {f"TALLYSTICK_{name}": value for name, value in settings.items()}
