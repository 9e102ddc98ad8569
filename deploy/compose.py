"""Prepare docker-compose.yml: `python -m deploy.compose` makes every secret that it mounts, and `.env`.

Running it again makes what is missing and keeps every secret; what the broker allows follows the code.
"""

import json
import os
from collections.abc import Callable
from pathlib import Path

import click

from deploy.local.bus_keys import add_bus_keys, drop_old_bus_keys
from deploy.local.rabbitmq import definitions
from deploy.local.secrets import LOGGING, SERVICES, make_secrets, password
from shared.crypto.kek import FileKek
from shared.crypto.private_files import write_private_file

CHECKOUT = Path(__file__).resolve().parents[1]
VHOST = "tallystick"
_BROKER_USERS = (*SERVICES, "client")  # no administrator: rabbitmqctl inside the container needs none
_CONTAINER_USER = 10001
"""Who the containers run as when root prepares them: no account of the host, and never root itself."""
_SETTINGS = {
    "TALLYSTICK_LOG_DOMAIN": "tallystick.example",
    "TALLYSTICK_SMTP_SENDER": "invoices@tallystick.example",
    "TALLYSTICK_WEB_ORIGIN": "https://localhost",
}


def prepare(checkout: Path) -> None:
    """Make `deploy/secrets`, `deploy/secrets/offline` and `.env` below `checkout`.

    Compose mounts secret files with the owner and mode that they have on the host, so the containers run as whoever
    owns the files: the caller, or, when root calls, a user id that nobody has and to whom the files are given.
    `offline` holds what opens backups; it is mounted nowhere and stays the caller's.
    """
    directory = checkout / "deploy" / "secrets"
    offline = directory / "offline"
    for path in (directory, offline):
        path.mkdir(mode=0o700, exist_ok=True)
        path.chmod(0o700)
    make_secrets(directory, offline)
    _rewrite(
        directory / "postgres-admin.pgpass", f"postgres:5432:*:postgres:{password(directory / 'postgres-admin')}\n"
    )
    passwords = {user: password(directory / f"rabbitmq-{user}") for user in _BROKER_USERS}
    _rewrite(directory / "rabbitmq-definitions.json", json.dumps(definitions(passwords, [VHOST]), indent=1))
    user, group = os.geteuid(), os.getegid()
    if user == 0:
        user = group = _CONTAINER_USER
        for path in directory.iterdir():
            if path.is_file():
                os.chown(path, user, group)
    _write_settings(checkout / ".env", f"{user}:{group}")


def add_kek_version(checkout: Path, service: str) -> None:
    """Put a new version first into the KEK file of a service, on the host: its container mounts the file read-only.

    A running container goes on seeing the file as it was, so nothing is wrapped by the new version before it is
    recreated. Raises KeyFileRefused, OSError.
    """
    FileKek.load(checkout / "deploy" / "secrets" / f"kek-{service}").add_version()


def change_bus_keys(checkout: Path, change: Callable[[Path, str], None], service: str) -> None:
    """Add keys for the bus of a service, or drop its old ones, on the host. Raises KeyFileRefused, OSError."""
    change(checkout / "deploy" / "secrets", service)
    prepare(checkout)  # the published set is written anew: it is given to whom the containers run as


def _rewrite(path: Path, text: str) -> None:
    """Write what follows from other secrets and from the code, every time anew."""
    path.unlink(missing_ok=True)
    write_private_file(path, text.encode())


def _write_settings(path: Path, user: str) -> None:
    """Name the user; what else is there stays, for it is the operator's to change."""
    lines = path.read_text("utf-8").splitlines() if path.exists() else [f"{k}={v}" for k, v in _SETTINGS.items()]
    kept = [line for line in lines if not line.startswith("TALLYSTICK_USER=")]
    path.write_text("\n".join([f"TALLYSTICK_USER={user}", *kept, ""]), "utf-8")


@click.command()
@click.option("--new-kek", "service", type=click.Choice(LOGGING), help="Give a service's KEK a new version as well.")
@click.option("--new-bus-keys", "renewed", type=click.Choice(SERVICES), help="Give a service new keys for the bus.")
@click.option("--drop-old-bus-keys", "relieved", type=click.Choice(SERVICES), help="Destroy its old ones.")
def main(service: str | None, renewed: str | None, relieved: str | None) -> None:
    """Make the secrets and settings of docker-compose.yml."""
    prepare(CHECKOUT)
    for change, of in ((add_bus_keys, renewed), (drop_old_bus_keys, relieved)):
        if of is not None:
            change_bus_keys(CHECKOUT, change, of)
            click.echo(
                f"The keys of {of} for the bus have changed. Callers and called must see them together, so:\n"
                f"docker compose stop {' '.join(SERVICES)}\n"
                "docker compose up --detach --wait --force-recreate"
            )
            return
    if service is not None:
        add_kek_version(CHECKOUT, service)
        click.echo(
            f"The KEK of {service} has a new version. Next, in this order:\n"
            f"docker compose up --detach --wait --force-recreate {service}\n"
            f"docker compose exec {service} python -m services.{service} rotate-keys --level kek"
        )
        return
    click.echo(
        "The secrets are in deploy/secrets, settings to look at in .env.\n"
        "Take deploy/secrets/offline away from this machine: it opens the backups, and nothing here needs it.\n"
        "Next: docker compose up --build --detach --wait"
    )


if __name__ == "__main__":
    main()
