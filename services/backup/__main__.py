"""`python -m services.backup` serves; `... rebuild` says that there is nothing to rebuild."""

from shared.messaging import green

green.patch()  # before anything imports psycopg

import sys  # noqa: E402 - see above

from services.backup.dependencies import BackupSettings  # noqa: E402
from services.backup.service import BackupService  # noqa: E402
from shared.messaging import program  # noqa: E402

if __name__ == "__main__":
    sys.exit(program.main(BackupService, settings=BackupSettings.read))
