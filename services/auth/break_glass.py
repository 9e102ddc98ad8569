"""`python -m services.auth break-glass`: the operator, on the host, invites somebody anew when no two owners can.

Whoever can run this has the pepper and the database, so it gives them nothing that they could not take; it leaves
a trace that they could not avoid otherwise: a line in the log of level critical, an event, a mail to every owner.
"""

import argparse
import getpass
import sys
from collections.abc import Sequence

import structlog

from services.auth.dependencies import Application
from services.auth.handlers import break_glass
from services.auth.settings import AuthSettings
from shared.contracts.errors import PublicError
from shared.messaging.settings import read_or_exit
from shared.observability import logging

ACTION = "break-glass"
_log = structlog.get_logger(__name__)


def main(arguments: Sequence[str]) -> int:
    """Reset an account and print its new invitation; exit code 1 when there is no such user."""
    parser = argparse.ArgumentParser(prog=f"python -m services.auth {ACTION}", description=__doc__)
    parser.add_argument("--tenant", required=True, help="id of the business")
    parser.add_argument("--user-id", required=True, help="id of the user")
    parser.add_argument("--reason", required=True, help="why, and how it was checked who asks; every owner reads it")
    order = parser.parse_args(arguments)
    logging.configure("auth")
    application = Application.build(read_or_exit(AuthSettings.read))
    operator = getpass.getuser()
    try:
        invitation = break_glass(
            application.ports, tenant=order.tenant, user_id=order.user_id, reason=order.reason, operator=operator
        )
    except PublicError as refused:
        sys.stderr.write(f"{refused}\n")
        return 1
    finally:
        application.close()
    _log.critical("break_glass_used", tenant=order.tenant, user_id=order.user_id, operator=operator)
    sys.stdout.write(f"{invitation}\n")
    return 0
