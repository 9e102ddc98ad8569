"""Entrypoints of whoever proves a factor for one sensitive command."""

from typing import Any

from services.auth import handlers
from services.auth.commands import BeginStepUp, CompleteStepUp
from services.auth.dependencies import App
from services.auth.domain.step_up import Deed
from services.auth.entrypoints.proofs import passkey_field, take_proof
from shared.contracts import step_up as contract
from shared.eventstore.model import Author
from shared.kernel.clock import to_rfc3339
from shared.messaging.access import OWN
from shared.messaging.endpoints import BaseService, Call, query


class StepUpEntrypoints(BaseService):
    """Queries, because each is good once by its own means: a challenge is new, and a factor proves one thing."""

    app: App

    @query(permission=OWN, request=contract.BeginStepUpRequest, reply=contract.BeginStepUpReply)
    def begin_step_up(self, call: Call, request: dict[str, Any]) -> dict[str, Any]:
        """Ask for a challenge for one command."""
        deed = Deed(f"{request['service']}.{request['method']}", request["command_hash"])
        challenged = handlers.begin_step_up(
            self.app.ports, BeginStepUp(deed), tenant=call.require_tenant(), by=_author(call)
        )
        return {
            "challenge": challenged.challenge,
            "expires_at": to_rfc3339(challenged.expires_at),
            **passkey_field(challenged.passkey_options),
        }

    @query(permission=OWN, request=contract.CompleteStepUpRequest, reply=contract.CompleteStepUpReply)
    def complete_step_up(self, call: Call, request: dict[str, Any]) -> dict[str, Any]:
        """Turn a challenge and a proof of a factor into the proof that goes with the command."""
        command = CompleteStepUp(proof=take_proof(request), **request)
        issued = handlers.complete_step_up(self.app.ports, command, tenant=call.require_tenant(), by=_author(call))
        return {"proof": issued.token, "expires_at": to_rfc3339(issued.expires_at)}


def _author(call: Call) -> Author:
    if call.actor is None:
        raise RuntimeError("an endpoint with a permission has an actor")
    return call.actor.author
