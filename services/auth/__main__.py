"""`python -m services.auth` serves; `... rebuild` drops the read models and replays the log into them."""

from shared.messaging import green

green.patch()  # before anything imports psycopg

import sys  # noqa: E402 - see above

from services.auth.dependencies import History  # noqa: E402
from services.auth.service import AuthService  # noqa: E402
from services.auth.settings import AuthSettings  # noqa: E402
from shared.messaging import program  # noqa: E402

if __name__ == "__main__":
    sys.exit(program.main(AuthService, settings=AuthSettings.read, rebuild=History.rebuild_from))
