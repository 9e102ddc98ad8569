"""Entrypoints about sessions."""

from typing import Any

from services.auth import handlers
from services.auth.commands import EndSession, EndSessionsOf, RefreshSession
from services.auth.dependencies import App
from services.auth.entrypoints.logins import login_reply
from shared.contracts import sessions as contract
from shared.contracts.base import NoRequest
from shared.contracts.permissions import Permission
from shared.kernel.clock import to_rfc3339
from shared.messaging.access import OWN, PUBLIC
from shared.messaging.endpoints import BaseService, Call, command, query
from shared.messaging.step_up import StepUp


class SessionEntrypoints(BaseService):
    """What a login is worth, and for how long."""

    app: App

    @query(permission=PUBLIC, request=contract.RefreshSessionRequest, reply=contract.LoginReply)
    def refresh_session(self, call: Call, request: dict[str, Any]) -> dict[str, Any]:  # noqa: ARG002 - public
        """Exchange a refresh token for a token and the next refresh token."""
        return login_reply(handlers.refresh_session(self.app.ports, RefreshSession(**request)))

    @query(permission=OWN, request=NoRequest, reply=contract.WhoAmIReply)
    def whoami(self, call: Call, request: dict[str, Any]) -> dict[str, Any]:  # noqa: ARG002 - says nothing
        """Tell the caller who they are, in which session."""
        actor, tenant = call.require_person(), call.require_tenant()
        user, role_name, session = handlers.own_session(
            self.app.ports, tenant=tenant, session_id=actor.session, by=actor.id
        )
        return {
            "user_id": actor.id,
            "tenant": tenant,
            "name": user.name,
            "email": user.email,
            "role": actor.role,
            "role_name": role_name,
            "factors": session.factors,
            "session_id": session.id,
            "ends_at": to_rfc3339(session.ends_at),
        }

    @query(permission=OWN, request=NoRequest, reply=contract.ListSessionsReply)
    def list_sessions(self, call: Call, request: dict[str, Any]) -> dict[str, Any]:  # noqa: ARG002 - says nothing
        """List the caller's own sessions."""
        actor = call.require_person()
        found = handlers.list_sessions(self.app.ports, tenant=call.require_tenant(), user_id=actor.id)
        return {
            "sessions": [
                {
                    "session_id": session.id,
                    "source": session.source,
                    "factors": session.factors,
                    "began_at": to_rfc3339(session.began_at),
                    "idle_until": to_rfc3339(session.idle_until),
                    "ends_at": to_rfc3339(session.ends_at),
                    "present": session.id == actor.session,
                }
                for session in found
            ]
        }

    @command(
        permission=OWN,
        request=contract.EndSessionRequest,
        reply=contract.EndSessionReply,
        step_up=StepUp.WHERE_ASKED,
    )
    def end_session(self, call: Call, request: dict[str, Any]) -> dict[str, Any]:
        """End one of the caller's own sessions, by default the one that the token is of.

        Another one takes a proof (ASVS 5.0, 7.5.2): whoever stole this session does not put its owner out of theirs.
        """
        actor = call.require_person()
        session_id = request.get("session_id", actor.session)
        if session_id != actor.session:
            call.require_step_up()
        handlers.end_session(self.app.ports, EndSession(session_id), tenant=call.require_tenant(), by=actor.id)
        return {"session_id": session_id}

    @command(
        permission=Permission.SESSION_REVOKE,
        request=contract.EndSessionsOfRequest,
        reply=contract.EndSessionsOfReply,
        step_up=StepUp.ALWAYS,
    )
    def end_sessions_of(self, call: Call, request: dict[str, Any]) -> dict[str, Any]:
        """End all sessions of somebody in the caller's business."""
        tenant = call.require_tenant()
        position = handlers.end_sessions_of(
            self.app.ports,
            EndSessionsOf(**request),
            tenant=tenant,
            by=call.require_person().id,
            command_id=call.require_command(),
        )
        return {"position": position, "receipt": self.app.log_access.receipt(tenant, position)}
