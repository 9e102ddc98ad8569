"""An SMTP server that delivers everything to one Maildir: what the notifier sends can be looked at."""

import sys
from dataclasses import dataclass
from pathlib import Path

from deploy.local.ports import LOOPBACK, accepts_connections
from deploy.local.program import Program, plain_environment


@dataclass(frozen=True)
class SmtpServer:
    """aiosmtpd with its Maildir handler, which answers 250 only when the message is on disk."""

    maildir: Path
    port: int

    def program(self, mark: Path) -> Program:
        """Return the server as a program."""
        listen = f"{LOOPBACK}:{self.port}"
        handler = "aiosmtpd.handlers.Mailbox"
        return Program(
            name="smtp",
            # -n: it stays the user that it is; as root it would change to `nobody`, who cannot reach the Maildir.
            command=(sys.executable, "-m", "aiosmtpd", "-n", "-c", handler, "-l", listen, str(self.maildir)),
            directory=self.maildir.parent,
            priority=30,
            environment=plain_environment(mark),
        )

    def is_ready(self) -> bool:
        """Tell whether it listens."""
        return accepts_connections(self.port)
