"""Where the running stack keeps things: read from the file that its launcher wrote."""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import click
from psycopg.conninfo import make_conninfo

from shared.crypto.private_files import read_private_file


@dataclass(frozen=True)
class DemoStack:
    """A complete stack, as `python -m deploy.local run` describes it."""

    description: Mapping[str, Any]

    @classmethod
    def from_environment(cls) -> Self:
        """Read the description, and take over the settings of a client of the bus."""
        path = os.environ.get("TALLYSTICK_STACK")
        if path is None:
            raise click.ClickException("There is no stack to run on: use `make demo`, which starts one.")
        stack = cls(json.loads(Path(path).read_text("utf-8")))
        os.environ.update(stack.description["client"])
        return stack

    @property
    def directory(self) -> Path:
        """The stack's own directory below .run."""
        return Path(self.description["directory"])

    @property
    def report_file(self) -> Path:
        """Where the report goes."""
        return self.directory / "report.json"

    @property
    def refused_file(self) -> Path:
        """Where the refused rows go."""
        return self.directory / "refused.csv"

    @property
    def logs(self) -> Path:
        """What every program said."""
        return self.directory / "logs"

    @property
    def maildir(self) -> Path:
        """Where the SMTP server delivers."""
        return Path(self.description["maildir"])

    @property
    def offsite(self) -> Path:
        """The directory that stands for the offsite target."""
        return Path(self.description["offsite"])

    @property
    def operator_key(self) -> Path:
        """The operator's key for assertions."""
        return self.secret("assertion-key-operator")

    @property
    def identity_file(self) -> Path:
        """One of the offline identities that open backups."""
        return Path(self.description["backup_identities"][0])

    def secret(self, name: str) -> Path:
        """Return the file of a secret."""
        return Path(self.description["secrets"][name])

    def dsn(self, service: str) -> str:
        """Return how the administrator reaches a service's database: the demo looks behind the services' backs."""
        return self.admin_dsn(f"tallystick_{service}")

    def admin_dsn(self, database: str) -> str:
        """Return how the administrator reaches a database."""
        server = self.description["postgres"]
        password = read_private_file(Path(server["admin_password_file"])).decode().strip()
        return make_conninfo(
            host=server["host"], port=server["port"], user=server["admin_user"], password=password, dbname=database
        )

    def service_environment(self, service: str) -> dict[str, str]:
        """Return the settings of a service."""
        return dict(self.description["services"][service])
