"""`python -m services.backup` serves; `python -m services.backup rebuild` has nothing to rebuild and says so."""

from shared.messaging import green

green.patch()  # before anything imports psycopg

import argparse  # noqa: E402 - see above
import sys  # noqa: E402

from services.backup.dependencies import BackupSettings  # noqa: E402
from services.backup.service import BackupService  # noqa: E402
from shared.messaging import worker  # noqa: E402
from shared.messaging.settings import WorkerSettings, read_or_exit  # noqa: E402


def main() -> int:
    """Return the exit code: 0, 1 when calls were cut off, 2 for a wrong argument or setting."""
    parser = argparse.ArgumentParser(
        prog="python -m services.backup",
        description="Encrypted snapshots of all databases. Settings come from the environment.",
    )
    parser.add_argument(
        "action",
        nargs="?",
        default="serve",
        choices=("serve", "rebuild"),
        help="serve calls (the default); rebuild is there for uniformity: the backup service has no read models",
    )
    if parser.parse_args().action == "rebuild":
        sys.stdout.write("The backup service has no read models: there is nothing to rebuild.\n")
        return 0
    return serve()


def serve() -> int:
    """Serve until a signal says stop."""
    read_or_exit(BackupSettings.read)  # a wrong setting ends the process now, not every container that it starts
    return worker.run(BackupService, read_or_exit(WorkerSettings.read))


if __name__ == "__main__":
    sys.exit(main())
