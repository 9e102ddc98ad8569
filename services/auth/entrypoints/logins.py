"""Entrypoints of whoever logs in: a person, or a service."""

from typing import Any

from services.auth import handlers
from services.auth.commands import BeginLogin, CompleteLogin, IssueServiceToken
from services.auth.dependencies import App
from services.auth.entrypoints.proofs import passkey_field, take_proof
from services.auth.replies import IssuedToken, LoggedIn
from shared.contracts import auth as contract
from shared.contracts.sessions import LoginReply
from shared.kernel.clock import to_rfc3339
from shared.messaging.access import PUBLIC
from shared.messaging.endpoints import BaseService, Call, query


class LoginEntrypoints(BaseService):
    """Two factors, or a signed assertion, for a token."""

    app: App

    @query(permission=PUBLIC, request=contract.ServiceTokenRequest, reply=contract.TokenReply)
    def service_token(self, call: Call, request: dict[str, Any]) -> dict[str, Any]:  # noqa: ARG002 - public
        """Give a service a token for its signed assertion."""
        return _token_reply(handlers.issue_service_token(self.app.ports, IssueServiceToken(**request)))

    @query(permission=PUBLIC, request=contract.BeginLoginRequest, reply=contract.BeginLoginReply)
    def begin_login(self, call: Call, request: dict[str, Any]) -> dict[str, Any]:  # noqa: ARG002 - public
        """Turn address and password into a challenge."""
        challenged = handlers.begin_login(self.app.ports, BeginLogin(**request))
        return {
            "challenge": challenged.challenge,
            "expires_at": to_rfc3339(challenged.expires_at),
            **passkey_field(challenged.passkey_options),
        }

    @query(permission=PUBLIC, request=contract.CompleteLoginRequest, reply=LoginReply)
    def complete_login(self, call: Call, request: dict[str, Any]) -> dict[str, Any]:  # noqa: ARG002 - public
        """Turn a challenge and a proof into a session."""
        return login_reply(handlers.complete_login(self.app.ports, CompleteLogin(proof=take_proof(request), **request)))


def login_reply(logged_in: LoggedIn) -> dict[str, Any]:
    """Return the wire form of a session's tokens."""
    return {
        "token": logged_in.token,
        "expires_at": to_rfc3339(logged_in.expires_at),
        "refresh_token": logged_in.refresh_token,
        "session_id": logged_in.session_id,
        "session_ends_at": to_rfc3339(logged_in.session_ends_at),
    }


def _token_reply(issued: IssuedToken) -> dict[str, Any]:
    return {"token": issued.token, "expires_at": to_rfc3339(issued.expires_at)}
