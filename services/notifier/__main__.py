"""`python -m services.notifier` serves; `... rebuild` says that there is nothing to rebuild."""

from shared.messaging import green

green.patch()  # before anything imports psycopg

import sys  # noqa: E402 - see above

from services.notifier.dependencies import NotifierSettings  # noqa: E402
from services.notifier.service import NotifierService  # noqa: E402
from shared.messaging import program  # noqa: E402

if __name__ == "__main__":
    sys.exit(program.main(NotifierService, settings=NotifierSettings.read))
