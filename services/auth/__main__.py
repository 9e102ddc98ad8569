"""`python -m services.auth` serves; `... rebuild` drops the read models and replays the log into them.

`... break-glass` resets an account (break_glass.py), `... rotate-token-keys` gives tokens a new key (token_keys.py).
"""

from shared.messaging import green

green.patch()  # before anything imports psycopg

import sys  # noqa: E402 - see above

from services.auth import break_glass, token_keys  # noqa: E402
from services.auth.dependencies import History  # noqa: E402
from services.auth.service import AuthService  # noqa: E402
from services.auth.settings import AuthSettings  # noqa: E402
from shared.messaging import program  # noqa: E402

if __name__ == "__main__":
    if sys.argv[1:2] == [break_glass.ACTION]:
        sys.exit(break_glass.main(sys.argv[2:]))
    if sys.argv[1:2] == [token_keys.ACTION]:
        sys.exit(token_keys.main(sys.argv[2:]))
    sys.exit(program.main(AuthService, settings=AuthSettings.read, rebuild=History.rebuild_from))
