"""What the witness saw of each log, in its own database."""

from dataclasses import dataclass
from typing import Final

from services.backup.domain.witness import Head
from shared.eventstore.pool import Pool
from shared.eventstore.session import tenant_session

_LATEST: Final = "SELECT size, root FROM app.witnessed WHERE tenant = %s AND log = %s ORDER BY size DESC LIMIT 1"
# A head that continues one which is continued already is not kept: the table's keys see to that, so that of two forks
# that are witnessed at the same moment one is too late, wherever their processes run.
_KEEP: Final = """
    INSERT INTO app.witnessed (tenant, log, size, previous, root, note) VALUES (%s, %s, %s, %s, %s, %s)
    ON CONFLICT DO NOTHING"""


@dataclass(frozen=True)
class WitnessedHeads:
    """A chain of heads for each log: rows are added at its end and never changed."""

    pool: Pool

    def latest(self, log: str, tenant: str) -> Head | None:
        """Return the largest head that was kept; None for a log that was never seen."""
        with tenant_session(self.pool, tenant) as connection:
            row = connection.execute(_LATEST, [tenant, log]).fetchone()
        return None if row is None else Head(row[0], bytes(row[1]))

    def keep(self, log: str, tenant: str, known: Head | None, head: Head, note: str) -> bool:
        """Add a head behind `known`; False when another one was faster. It is committed when this returns True."""
        previous = None if known is None else known.size
        with tenant_session(self.pool, tenant) as connection:
            kept = connection.execute(_KEEP, [tenant, log, head.size, previous, head.root, note])
        return kept.rowcount == 1
