"""Tokens for services: for a signed assertion."""

from services.auth.commands import IssueServiceToken
from services.auth.domain.roles import SERVICE_PERMISSIONS
from services.auth.ports import Ports
from services.auth.replies import IssuedToken
from shared.contracts.errors import ErrorCode, PublicError


def issue_service_token(ports: Ports, command: IssueServiceToken) -> IssuedToken:
    """Turn a service's signed assertion into a token; `assertion_invalid`."""
    now = ports.clock.now()
    service = ports.assertions.redeem(command.assertion, now)
    permissions = SERVICE_PERMISSIONS.get(service)
    if permissions is None:
        raise PublicError(ErrorCode.ASSERTION_INVALID, "this service is given no token")
    return ports.tokens.for_service(service, sorted(permissions), now)
