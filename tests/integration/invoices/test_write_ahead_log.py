"""What PostgreSQL writes ahead of its tables holds nothing readable either: it is what replicas and archives get."""

from uuid import uuid4

import pytest
from psycopg import Connection

from services.invoices.domain.document.parties import Address, Seller
from tests.integration.invoices.trade import Trade, everything, line

pytestmark = pytest.mark.integration

SELLER = Seller(
    name="Kanarienvogel Verkauf",
    vat_id="GB998877665",
    address=Address("Kanarienweg 1", "Kanarienstadt", "KA1 1AK", "GB"),
    email="kanari.seller@kanari.example",
    iban="GB33BUKB20201555555555",
)
ADDRESS = Address("Kanariengasse 2", "Kanariendorf", "KA2 2AK", "GB")
CANARIES = (
    *("Kanarienvogel Verkauf", "GB998877665", "Kanarienweg", "Kanarienstadt", "KA1 1AK", "kanari.seller"),
    *("GB33BUKB20201555555555", "Kanarienvogel Einkauf", "Kanariengasse", "Kanariendorf", "kanari.buyer"),
    *("Kanarienbestellung", "Kanarienfutter", "Kanariennotiz", "87654.32", "104308.64"),
)
IN_THE_CLEAR = "kanari-in-the-clear"


def position(admin: Connection) -> int:
    row = admin.execute("SELECT pg_current_wal_insert_lsn() - '0/0'::pg_lsn").fetchone()
    assert row is not None
    return int(row[0])


def written_between(admin: Connection, start: int, end: int) -> bytes:
    """The segments that hold these positions, as they lie on the disk."""
    (size,) = admin.execute("SELECT setting::bigint FROM pg_settings WHERE name = 'wal_segment_size'").fetchone() or (
        0,
    )
    read = "SELECT pg_read_binary_file('pg_wal/' || pg_walfile_name('0/0'::pg_lsn + %s::numeric))"
    return b"".join(
        bytes(content)
        for segment in range(start // size, end // size + 1)
        for content in admin.execute(read, (segment * size + 1,)).fetchone() or ()
    )


def test_the_log_that_is_written_ahead_holds_nothing_in_the_clear(lonely_trade: Trade) -> None:
    trade = lonely_trade
    with trade.database.connect_as_admin() as admin:
        # Otherwise a checkpoint, such as every dropped database takes, may put a segment to new use before it is read.
        admin.execute("SELECT pg_create_physical_replication_slot(%s, true, true)", (f"reading_{uuid4().hex}",))
        start = position(admin)
        trade.configure()
        customer = trade.customer(
            "Kanarienvogel Einkauf", email="kanari.buyer@kanari.example", address=ADDRESS, reference="Kanarienkunde"
        )
        food = line("1", "87654.32", "Kanarienfutter")
        issued = trade.issued(customer, food, note="Kanariennotiz", external_reference="Kanarienbestellung")
        trade.runner.run_once()
        found = trade.queries.invoice(trade.tenant, issued.invoice_id, after=issued.position, allow=everything)
        assert found["totals"]["payable"] == "104308.64"

        # What is written openly is found: the last write, so everything before it is on the disk too.
        admin.execute("CREATE TABLE app.leaky (plain text)")
        admin.execute("SET synchronous_commit = on")
        admin.execute("INSERT INTO app.leaky VALUES (%s)", (IN_THE_CLEAR,))
        ahead = written_between(admin, start, position(admin))
    assert IN_THE_CLEAR.encode() in ahead
    for canary in CANARIES:
        assert canary.encode() not in ahead, canary
