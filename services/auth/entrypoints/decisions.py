"""Entrypoint of the services that keep decisions."""

from typing import Any

from services.auth import handlers
from services.auth.dependencies import App
from shared.contracts.decisions import RecordDecisionsReply, RecordDecisionsRequest, decision_from
from shared.contracts.permissions import Permission
from shared.messaging.endpoints import BaseService, Call, query


class DecisionEntrypoints(BaseService):
    """Not a command: each decision has an id of its own, under which it is written down once."""

    app: App

    @query(permission=Permission.DECISION_RECORD, request=RecordDecisionsRequest, reply=RecordDecisionsReply)
    def record_decisions(self, call: Call, request: dict[str, Any]) -> dict[str, Any]:
        """Write down what the calling service decided about people of one tenant."""
        decisions = [decision_from(each) for each in request["decisions"]]
        service = call.require_actor().id
        recorded = handlers.record_decisions(self.app.ports, decisions, tenant=call.require_tenant(), service=service)
        return {"recorded": recorded}
