"""`python -m services.invoices` serves; `... rebuild` drops the read models and replays the log into them.

`... archivist` archives what is issued: serving starts one beside itself.
"""

from shared.messaging import green

green.patch()  # before anything imports psycopg

import sys  # noqa: E402 - see above

from services.invoices.dependencies import History, InvoicesSettings, archive  # noqa: E402
from services.invoices.service import InvoicesService  # noqa: E402
from shared.messaging import program  # noqa: E402

if __name__ == "__main__":
    beside = {"archivist": program.Beside("archive what is issued; serving starts one beside itself", archive)}
    sys.exit(program.main(InvoicesService, settings=InvoicesSettings.read, rebuild=History.rebuild_from, beside=beside))
