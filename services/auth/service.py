"""auth over the bus: entrypoints only, each handing a command to its handler."""

from typing import Any

from services.auth import handlers
from services.auth.commands import (
    BeginEnrolment,
    BeginLogin,
    CompleteEnrolment,
    CompleteLogin,
    CreateTenant,
    InviteUser,
    IssueServiceToken,
)
from services.auth.dependencies import App
from services.auth.domain.roles import Role
from services.auth.replies import Invited, IssuedToken
from shared.contracts import auth as contract
from shared.contracts.permissions import Permission
from shared.kernel.clock import to_rfc3339
from shared.messaging.access import PUBLIC, Actor
from shared.messaging.endpoints import Call, command, query
from shared.messaging.log_endpoints import LogEndpoints


class AuthService(LogEndpoints):
    """Users, factors, roles and tokens."""

    name = "auth"
    app = App()

    @query(permission=PUBLIC, request=contract.ServiceTokenRequest, reply=contract.TokenReply)
    def service_token(self, call: Call, request: dict[str, Any]) -> dict[str, Any]:  # noqa: ARG002 - public
        """Give a service a token for its signed assertion."""
        return _token_reply(handlers.issue_service_token(self.app.ports, IssueServiceToken(**request)))

    @command(
        permission=Permission.TENANT_CREATE,
        request=contract.CreateTenantRequest,
        reply=contract.CreateTenantReply,
    )
    def create_tenant(self, call: Call, request: dict[str, Any]) -> dict[str, Any]:
        """Take in a business and invite its owner."""
        invited = handlers.create_tenant(
            self.app.ports, CreateTenant(**request), by=_actor(call).id, command_id=call.require_command()
        )
        return {**self._receipted(invited), "tenant": invited.tenant}

    @command(
        permission=Permission.USER_INVITE,
        request=contract.InviteUserRequest,
        reply=contract.InviteUserReply,
    )
    def invite_user(self, call: Call, request: dict[str, Any]) -> dict[str, Any]:
        """Invite a person to the caller's tenant."""
        invited = handlers.invite_user(
            self.app.ports,
            InviteUser(**{**request, "role": Role(request["role"])}),
            tenant=call.require_tenant(),
            by=_actor(call).id,
            command_id=call.require_command(),
        )
        return self._receipted(invited)

    @query(permission=PUBLIC, request=contract.BeginEnrolmentRequest, reply=contract.BeginEnrolmentReply)
    def begin_enrolment(self, call: Call, request: dict[str, Any]) -> dict[str, Any]:  # noqa: ARG002 - public
        """Take the password of an invited person and offer a second factor."""
        enrolling = handlers.begin_enrolment(self.app.ports, BeginEnrolment(**request))
        return {
            "enrolment": enrolling.enrolment,
            "provisioning_uri": enrolling.provisioning_uri,
            "expires_at": to_rfc3339(enrolling.expires_at),
        }

    @query(permission=PUBLIC, request=contract.CompleteEnrolmentRequest, reply=contract.CompleteEnrolmentReply)
    def complete_enrolment(self, call: Call, request: dict[str, Any]) -> dict[str, Any]:  # noqa: ARG002 - public
        """Make the account active by a first code."""
        enrolled = handlers.complete_enrolment(self.app.ports, CompleteEnrolment(**request))
        return {"user_id": enrolled.user_id, "tenant": enrolled.tenant}

    @query(permission=PUBLIC, request=contract.BeginLoginRequest, reply=contract.BeginLoginReply)
    def begin_login(self, call: Call, request: dict[str, Any]) -> dict[str, Any]:  # noqa: ARG002 - public
        """Turn address and password into a challenge."""
        challenged = handlers.begin_login(self.app.ports, BeginLogin(**request))
        return {"challenge": challenged.challenge, "expires_at": to_rfc3339(challenged.expires_at)}

    @query(permission=PUBLIC, request=contract.CompleteLoginRequest, reply=contract.TokenReply)
    def complete_login(self, call: Call, request: dict[str, Any]) -> dict[str, Any]:  # noqa: ARG002 - public
        """Turn a challenge and a code into a token."""
        return _token_reply(handlers.complete_login(self.app.ports, CompleteLogin(**request)))

    def _receipted(self, invited: Invited) -> dict[str, Any]:
        """Answer with the receipt of the command's last event: a retry gets the very same."""
        return {
            "user_id": invited.user_id,
            "invitation": invited.invitation,
            "position": invited.position,
            "receipt": self.app.log_access.receipt(invited.tenant, invited.position),
        }


def _token_reply(issued: IssuedToken) -> dict[str, Any]:
    return {"token": issued.token, "expires_at": to_rfc3339(issued.expires_at)}


def _actor(call: Call) -> Actor:
    if call.actor is None:
        raise RuntimeError("an endpoint with a permission has an actor")
    return call.actor
