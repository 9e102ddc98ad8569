"""`python -m services.invoices` serves; `... rebuild` drops the read models and replays the log into them."""

from shared.messaging import green

green.patch()  # before anything imports psycopg

import argparse  # noqa: E402 - see above
import sys  # noqa: E402

from services.invoices.dependencies import History, HistorySettings, InvoicesSettings  # noqa: E402
from services.invoices.service import InvoicesService  # noqa: E402
from shared.messaging import worker  # noqa: E402
from shared.messaging.settings import WorkerSettings, read_or_exit  # noqa: E402
from shared.observability import logging  # noqa: E402


def main() -> int:
    """Return the exit code: 0, 1 when calls were cut off, 2 for a wrong argument or setting."""
    parser = argparse.ArgumentParser(
        prog="python -m services.invoices",
        description="Invoices, credit notes and their documents. Settings come from the environment.",
    )
    parser.add_argument(
        "action",
        nargs="?",
        default="serve",
        choices=("serve", "rebuild"),
        help="serve calls (the default), or drop the read models and replay the log into them",
    )
    return rebuild() if parser.parse_args().action == "rebuild" else serve()


def serve() -> int:
    """Serve until a signal says stop."""
    read_or_exit(InvoicesSettings.read)  # a wrong setting ends the process now, not every container that it starts
    return worker.run(InvoicesService, read_or_exit(WorkerSettings.read))


def rebuild() -> int:
    """Drop the read models and replay the log into them."""
    settings = read_or_exit(HistorySettings.read)
    logging.configure(InvoicesService.name)
    history = History.open(settings)
    try:
        history.rebuild()
    finally:
        history.pool.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
