"""Entrypoints about roles and the people who have them."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC
from typing import Any

from services.auth import handlers
from services.auth.commands import AssignRole, DefineRole, ExplainAccess, RetireRole
from services.auth.dependencies import App
from services.auth.domain.own_roles import read_grants
from services.auth.domain.roles import ROLE_PERMISSIONS
from shared.contracts import roles as contract
from shared.contracts.base import NoRequest
from shared.contracts.decision import Facts
from shared.contracts.grants import plain, to_claims
from shared.contracts.permissions import Permission
from shared.messaging.access import OWN
from shared.messaging.endpoints import BaseService, Call, command, query
from shared.messaging.step_up import StepUp

_SOMEBODY_ELSE = "somebody else"
"""Who registered a customer that is not the user's own: anything that is no user id."""


class RoleEntrypoints(BaseService):
    """Who may do what, and why."""

    app: App

    @command(
        permission=Permission.ROLE_DEFINE,
        request=contract.DefineRoleRequest,
        reply=contract.DefineRoleReply,
        step_up=StepUp.ALWAYS,
    )
    def define_role(self, call: Call, request: dict[str, Any]) -> dict[str, Any]:
        """Make a role of the business's own, or change one."""
        asked = DefineRole(request["name"], read_grants(request["grants"]), request.get("role_id"))
        defined = handlers.define_role(
            self.app.ports, asked, tenant=call.require_tenant(), command_id=call.require_command()
        )
        return self._recorded(call, asdict(defined))

    @command(
        permission=Permission.ROLE_DEFINE,
        request=contract.RetireRoleRequest,
        reply=contract.RetireRoleReply,
        step_up=StepUp.ALWAYS,
    )
    def retire_role(self, call: Call, request: dict[str, Any]) -> dict[str, Any]:
        """Take a role of the business's own out of use."""
        position = handlers.retire_role(
            self.app.ports, RetireRole(**request), tenant=call.require_tenant(), command_id=call.require_command()
        )
        return self._recorded(call, {"position": position})

    @command(
        permission=Permission.ROLE_ASSIGN,
        request=contract.AssignRoleRequest,
        reply=contract.AssignRoleReply,
        step_up=StepUp.ALWAYS,
    )
    def assign_role(self, call: Call, request: dict[str, Any]) -> dict[str, Any]:
        """Give a user a role instead of the one they have."""
        assigned = handlers.assign_role(
            self.app.ports,
            AssignRole(**request),
            tenant=call.require_tenant(),
            by=call.require_actor().id,
            command_id=call.require_command(),
        )
        return self._recorded(call, asdict(assigned))

    @query(permission=Permission.USER_READ, request=NoRequest, reply=contract.ListRolesReply)
    def list_roles(self, call: Call, request: dict[str, Any]) -> dict[str, Any]:  # noqa: ARG002 - nothing is asked
        """Return all roles and what they give."""
        built_in = [
            {"role_id": role.value, "name": role.value, "built_in": True, "grants": to_claims(plain(held))}
            for role, held in ROLE_PERMISSIONS.items()
        ]
        own = [
            {"role_id": role.id, "name": role.name, "built_in": False, "grants": to_claims(role.grants)}
            for role in handlers.list_roles(self.app.ports, tenant=call.require_tenant())
        ]
        return {"roles": [*built_in, *own]}

    @query(permission=Permission.USER_READ, request=NoRequest, reply=contract.ListUsersReply)
    def list_users(self, call: Call, request: dict[str, Any]) -> dict[str, Any]:  # noqa: ARG002 - as above
        """Return the people of the business."""
        return {"users": [asdict(user) for user in handlers.list_users(self.app.ports, tenant=call.require_tenant())]}

    @query(permission=Permission.USER_READ, request=contract.ExplainAccessRequest, reply=contract.ExplainAccessReply)
    def explain_access(self, call: Call, request: dict[str, Any]) -> dict[str, Any]:
        """Say whether somebody may do something, and why."""
        return self._explained(call, request["user_id"], request)

    @query(permission=OWN, request=contract.ExplainOwnAccessRequest, reply=contract.ExplainAccessReply)
    def explain_own_access(self, call: Call, request: dict[str, Any]) -> dict[str, Any]:
        """Say whether the caller may do something, and why."""
        return self._explained(call, call.require_actor().id, request)

    def _explained(self, call: Call, user_id: str, request: Mapping[str, Any]) -> dict[str, Any]:
        asked = ExplainAccess(user_id, request["permission"], _facts(user_id, request["facts"]))
        explained = handlers.explain_access(self.app.ports, asked, tenant=call.require_tenant())
        return {
            "allowed": explained.allowed,
            "role": explained.role,
            "reasons": [reason.as_dict() for reason in explained.reasons],
            "grants": to_claims(explained.grants),
        }

    def _recorded(self, call: Call, reply: dict[str, Any]) -> dict[str, Any]:
        return {**reply, "receipt": self.app.log_access.receipt(call.require_tenant(), reply["position"])}


def _facts(user_id: str, supposed: Mapping[str, Any]) -> Facts:
    own, at = supposed.get("own_customer"), supposed.get("at")
    return Facts(
        now=None if at is None else at.astimezone(UTC),
        registered_by=None if own is None else user_id if own else _SOMEBODY_ELSE,
        amount=supposed.get("amount"),
        currency=supposed.get("currency"),
        state=supposed.get("state"),
    )
