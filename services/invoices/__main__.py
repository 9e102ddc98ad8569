"""`python -m services.invoices` serves; `... rebuild` drops the read models and replays the log into them.

`... archivist` archives what is issued, `... followers` feed the read models and publish events: serving starts both
beside itself.
"""

import sys

from shared.messaging import green

# Before anything imports psycopg. Not the followers: they answer no calls, and a wait for the database in C takes half
# the processor time of a green one.
if sys.argv[1:] != ["followers"]:
    green.patch()

from services.invoices.dependencies import History, InvoicesSettings
from services.invoices.processes import BESIDE
from services.invoices.service import InvoicesService
from shared.messaging import program

if __name__ == "__main__":
    sys.exit(program.main(InvoicesService, settings=InvoicesSettings.read, rebuild=History.rebuild_from, beside=BESIDE))
